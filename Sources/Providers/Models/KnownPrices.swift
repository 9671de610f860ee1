public import AgentRuntime

/// What models cost whose makers' prices are known here, as they were in November 2026, in dollars a million tokens.
///
/// Prices change: a configured one wins, and `cournot models check` prints those in force.
public enum KnownPrices {
    /// A model's price by its id, with or without the date of its release; nil for one that is not known.
    public static func price(of model: String) -> ModelPrice? {
        guard let row = rows[model] ?? rows[undated(model)] else { return nil }
        func cost(_ dollars: Double) -> Int64 { Int64((dollars * 1_000_000).rounded()) }
        let input = cost(row.0)
        // Without a price of their own, what is read from or written to a cache costs as much as other input; an hour's
        // cache is Anthropic's alone, at twice the price.
        return ModelPrice(
            input: input, output: cost(row.1), cacheRead: row.2.map(cost) ?? input,
            cacheWrite: row.3.map(cost) ?? input,
            longCacheWrite: input * 2)
    }

    /// Without `-20251001` or `-2025-08-07` at its end.
    private static func undated(_ model: String) -> String {
        let parts = model.split(separator: "-", omittingEmptySubsequences: false)
        func ends(in lengths: [Int]) -> Bool {
            parts.count > lengths.count
                && zip(parts.suffix(lengths.count), lengths).allSatisfy { part, length in
                    part.utf8.count == length && part.utf8.allSatisfy { (48...57).contains($0) }
                }
        }
        let date = ends(in: [8]) ? 1 : ends(in: [4, 2, 2]) ? 3 : 0
        return parts.dropLast(date).joined(separator: "-")
    }

    /// Input, output, read from a cache, written to a cache.
    private static let rows: [String: (Double, Double, Double?, Double?)] = [
        "claude-haiku-4-5": (1, 5, 0.1, 1.25),
        "claude-haiku-5-5": (0.1, 0.5, 0.01, 0.125),
        "claude-sonnet-4-5": (3, 15, 0.3, 3.75),
        "claude-sonnet-4-6": (3, 15, 0.3, 3.75),
        "claude-sonnet-5": (2, 10, 0.2, 2.5),
        "claude-sonnet-5-5": (2, 10, 0.1, 2.5),
        "claude-opus-4-5": (5, 25, 0.5, 6.25),
        "claude-opus-4-6": (5, 25, 0.5, 6.25),
        "claude-opus-4-7": (5, 25, 0.5, 6.25),
        "claude-opus-4-8": (5, 25, 0.5, 6.25),
        "claude-opus-5": (5, 25, 0.5, 6.25),
        "claude-opus-5-5": (4, 20, 0.2, 5),
        "gpt-4.1": (2, 8, 0.5, nil),
        "gpt-4.1-mini": (0.4, 1.6, 0.1, nil),
        "gpt-4.1-nano": (0.1, 0.4, 0.025, nil),
        "gpt-4o": (2.5, 10, 1.25, nil),
        "gpt-4o-mini": (0.15, 0.6, 0.075, nil),
        "gpt-5": (1.25, 10, 0.125, nil),
        "gpt-5-mini": (0.25, 2, 0.025, nil),
        "gpt-5-nano": (0.05, 0.4, 0.005, nil),
        "gpt-5.1": (1.25, 10, 0.125, nil),
        "gpt-5.2": (1.75, 14, 0.175, nil),
        "gpt-5.4": (2.5, 15, 0.25, nil),
        "gpt-5.4-mini": (0.75, 4.5, 0.075, nil),
        "gpt-5.4-nano": (0.2, 1.25, 0.02, nil),
        "gpt-5.5": (5, 30, 0.5, nil),
        "gpt-5.6-sol": (4, 20, 0.4, 5),
        "gpt-5.6-terra": (2, 12, 0.2, 2.5),
        "gpt-5.6-luna": (0.2, 1.2, 0.02, 0.25),
        "gpt-6-sol": (2, 10, 0.2, 2.5),
        "gpt-6-luna": (0.1, 0.5, 0.01, 0.125),
        "gpt-6.1-sol": (2, 10, 0.1, 2.5),
        "gpt-6.1-terra": (1, 5, 0.05, 1.25),
    ]
}
