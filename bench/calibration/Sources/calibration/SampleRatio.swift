import Stats

/// C9 and C10: the monitor of the sample ratio.
enum SampleRatio {
    static func falseAlarms(_ scale: Scale) async throws -> [Verdict] {
        let runs = scale.runs(10_000)
        let counts = try await simulate(runs, seed: 9, as: Counts.self) { generator, counts in
            var monitor = try SequentialSampleRatio(weights: [1, 1], concentration: 100)
            var sum = 0
            var peeked = false
            for n in 1...5000 {
                let first = generator.uniform() < 0.5
                try monitor.add(first ? [1, 0] : [0, 1])
                // χ² of an even split is (a − b)²/n; 3.8415 is its 5% point.
                sum += first ? 1 : -1
                if n >= 100, Double(sum * sum) > 3.841_458_820_694_124 * Double(n) { peeked = true }
            }
            if monitor.p <= 0.05 { counts.add(0) }
            if peeked { counts.add(1) }
        }
        return [
            .errorRate("Dirichlet–multinomial, every shopper of 5000", counts[0], of: runs, atMost: 0.05),
            .errorRate("χ² after every shopper from 100", counts[1], of: runs, atMost: 0.05, kind: .control),
        ]
    }

    static func power(_ scale: Scale) async throws -> [Verdict] {
        let runs = scale.runs(2000)
        let counts = try await simulate(runs, seed: 10, as: Counts.self) { generator, counts in
            var monitor = try SequentialSampleRatio(weights: [1, 1], concentration: 100)
            for _ in 0..<200 {
                let first = Double(generator.binomial(trials: 1000, probability: 0.51))
                try monitor.add([first, 1000 - first])
                if monitor.p <= 0.05 {
                    counts.add(0)
                    return
                }
            }
        }
        return [
            .within(
                "51/49 found within 200,000 shoppers, of \(runs)", Double(counts[0]) / Double(runs), 0.95...1)
        ]
    }
}
