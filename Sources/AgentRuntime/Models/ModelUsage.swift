/// Tokens, as the provider counts them. Those that come from or go to its cache are not in `input`.
public struct ModelUsage: Sendable, Equatable, Codable {
    public var input: Int64 = 0
    public var output: Int64 = 0
    public var cacheRead: Int64 = 0
    /// Written to a cache of five minutes.
    public var cacheWrite: Int64 = 0
    /// Written to a cache of an hour.
    public var longCacheWrite: Int64 = 0
    /// Whether the provider did not say all of it, as with an answer that was cut: what it did not say is reckoned from
    /// the bytes that went to and fro, four a token.
    public var isEstimate = false

    public init(
        input: Int64 = 0, output: Int64 = 0, cacheRead: Int64 = 0, cacheWrite: Int64 = 0, longCacheWrite: Int64 = 0,
        isEstimate: Bool = false
    ) {
        self.input = input
        self.output = output
        self.cacheRead = cacheRead
        self.cacheWrite = cacheWrite
        self.longCacheWrite = longCacheWrite
        self.isEstimate = isEstimate
    }

    /// Both together; at most `Int64.max` of each.
    public static func + (a: Self, b: Self) -> Self {
        func sum(_ a: Int64, _ b: Int64) -> Int64 {
            let (sum, isTooMuch) = a.addingReportingOverflow(b)
            return isTooMuch ? .max : sum
        }
        return ModelUsage(
            input: sum(a.input, b.input), output: sum(a.output, b.output), cacheRead: sum(a.cacheRead, b.cacheRead),
            cacheWrite: sum(a.cacheWrite, b.cacheWrite), longCacheWrite: sum(a.longCacheWrite, b.longCacheWrite),
            isEstimate: a.isEstimate || b.isEstimate)
    }
}

/// An amount of US dollars in steps of 10⁻¹², exact for every price per token there is.
public struct ModelCost: Sendable, Equatable, Comparable, Codable {
    public var picodollars: Int64

    public init(picodollars: Int64) { self.picodollars = picodollars }

    public static let zero = ModelCost(picodollars: 0)

    public static func < (a: Self, b: Self) -> Bool { a.picodollars < b.picodollars }

    /// Both together; at most `Int64.max`.
    public static func + (a: Self, b: Self) -> Self {
        let (sum, isTooMuch) = a.picodollars.addingReportingOverflow(b.picodollars)
        return ModelCost(picodollars: isTooMuch ? .max : sum)
    }
}

/// What tokens cost, each in picodollars: $3 a million tokens are 3,000,000.
public struct ModelPrice: Sendable, Equatable, Codable {
    public var input: Int64
    public var output: Int64
    public var cacheRead: Int64
    public var cacheWrite: Int64
    public var longCacheWrite: Int64

    /// - Parameters: picodollars a token, 0 to 10⁹. The cache's are those of Anthropic where they are not given: a tenth
    ///   to read, a quarter more to write, twice to write for an hour.
    public init(
        input: Int64, output: Int64, cacheRead: Int64? = nil, cacheWrite: Int64? = nil, longCacheWrite: Int64? = nil
    ) {
        self.input = input
        self.output = output
        self.cacheRead = cacheRead ?? input / 10
        self.cacheWrite = cacheWrite ?? input + input / 4
        self.longCacheWrite = longCacheWrite ?? input * 2
    }

    /// What a call cost; at most `Int64.max` where the counts are absurd, since a provider's word is not ours.
    public func cost(of usage: ModelUsage) -> ModelCost {
        var sum: Int64 = 0
        for (tokens, each) in [
            (usage.input, input), (usage.output, output), (usage.cacheRead, cacheRead),
            (usage.cacheWrite, cacheWrite), (usage.longCacheWrite, longCacheWrite),
        ] {
            let (part, isTooLong) = max(tokens, 0).multipliedReportingOverflow(by: each)
            let (next, isTooMuch) = sum.addingReportingOverflow(part)
            guard !isTooLong, !isTooMuch else { return ModelCost(picodollars: .max) }
            sum = next
        }
        return ModelCost(picodollars: sum)
    }
}
