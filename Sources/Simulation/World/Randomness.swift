/// Where all chance of a simulated world comes from: SplitMix64 (Steele, Lea, Flood 2014), so that a seed is the whole
/// story.
struct Randomness: RandomNumberGenerator, Sendable {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
        return mixed ^ mixed >> 31
    }

    /// A stream of its own, so that what draws from it does not disturb what draws from this.
    mutating func fork() -> Randomness { Randomness(next()) }

    /// 0 ..< `bound`, for small positive bounds.
    mutating func below(_ bound: Int) -> Int { Int(next() >> 11) % bound }

    mutating func within(_ range: ClosedRange<Int64>) -> Int64 {
        range.lowerBound + Int64(next() >> 11) % (range.upperBound - range.lowerBound + 1)
    }

    /// True so many times in a thousand.
    mutating func perMille(_ share: Int) -> Bool { below(1000) < share }

    /// One of them; they are not empty.
    mutating func pick<Element>(_ choices: [Element]) -> Element { choices[below(choices.count)] }

    /// One of the last `window` of them; nil when there is none.
    mutating func recent<Element>(_ list: [Element], within window: Int) -> Element? {
        list.isEmpty ? nil : list[list.count - 1 - below(min(window, list.count))]
    }
}
