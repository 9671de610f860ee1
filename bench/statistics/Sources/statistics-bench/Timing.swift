/// Runs `body` often enough to be timed and keeps the best of several rounds: what the code costs when nothing else is
/// in its way. The peers in `peers.py` are timed by the same rule.
func nanoseconds(rounds: Int = 7, perRound: Duration = .milliseconds(60), _ body: (Int) throws -> Double) rethrows
    -> Double
{
    let clock = ContinuousClock()
    var sink = 0.0
    // How many calls fill a round.
    var calls = 1
    while true {
        let start = clock.now
        for i in 0..<calls { sink += try body(i) }
        if clock.now - start > perRound / 4 || calls > 1 << 28 { break }
        calls *= 2
    }
    var best = Double.infinity
    for _ in 0..<rounds {
        let start = clock.now
        for i in 0..<calls { sink += try body(i) }
        let (seconds, attoseconds) = (clock.now - start).components
        best = min(best, (Double(seconds) * 1e9 + Double(attoseconds) * 1e-9) / Double(calls))
    }
    if sink == 0.123_456_789 { print("unlikely") }
    return best
}

/// One line of the Swift half: a name that both halves know, and its cost.
func report(_ name: String, _ nanoseconds: Double) {
    print("\(name)\t\(nanoseconds)")
}
