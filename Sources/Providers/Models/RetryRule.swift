/// When a request is made again, and after how long. As the providers' own clients do it.
public struct RetryRule: Sendable, Equatable {
    /// How often it is made again.
    public var most = 2
    /// Before the first; twice as long before each further one.
    public var first = Duration.milliseconds(500)
    public var longest = Duration.seconds(8)
    /// A provider that wants to be left alone for longer is not waited for.
    public var longestAsked = Duration.seconds(60)

    public init() {}

    /// How long to wait before try number `attempt` + 2; nil where it is not made.
    ///
    /// - Parameters:
    ///   - attempt: tries that came to nothing before this one, from 0 on.
    ///   - asked: for how long the provider wants to be left alone.
    ///   - random: up to a quarter less is waited, so that not all come back at once.
    func wait(
        after attempt: Int, asked: Duration?, using random: inout some RandomNumberGenerator
    ) -> Duration? {
        guard attempt < most else { return nil }
        if let asked { return asked <= longestAsked ? asked : nil }
        let whole = min(first * (1 << min(attempt, 16)), longest)
        return whole * Double.random(in: 0.75...1, using: &random)
    }
}

/// What an answer's head says about asking again.
struct RetryAdvice: Equatable {
    /// What `x-should-retry` says; nil where it says nothing.
    let isAdvised: Bool?
    /// How long to wait; nil where it is not said.
    let pause: Duration?

    /// - Parameter header: the value of a header, by its name in lower case. Dates in `retry-after` are not read.
    init(_ header: (String) -> String?) {
        isAdvised =
            switch header("x-should-retry") {
            case "true": true
            case "false": false
            default: nil
            }
        func number(_ name: String) -> Double? {
            guard let text = header(name), let value = Double(text), value >= 0, value < 1e9 else { return nil }
            return value
        }
        pause = number("retry-after-ms").map { .seconds($0 / 1000) } ?? number("retry-after").map { .seconds($0) }
    }
}
