import Stats

/// C9 and C10: the monitor of the sample ratio.
enum SampleRatio {
    private static let horizon = 5000

    /// The distances |a − b| at which the monitor of an even split rejects after each shopper: the Bayes factor is even and
    /// convex in a − b, so it rises with the distance. No distance there is can reach it where there are few shoppers.
    private static func distances() throws -> [Int] {
        var result = [1]
        for n in 1...horizon {
            func rejects(_ distance: Int) throws -> Bool {
                var monitor = try SequentialSampleRatio(weights: [1, 1], concentration: 100)
                try monitor.add([Double((n + distance) / 2), Double((n - distance) / 2)])
                return monitor.p <= 0.05
            }
            // Distances have n's parity, and the boundary moves little from n to n + 1.
            var distance = max(n % 2, result[n - 1] - 1)
            while distance > n % 2, try rejects(distance - 2) { distance -= 2 }
            while distance <= n, try !rejects(distance) { distance += 2 }
            result.append(distance)
        }
        return result
    }

    static func falseAlarms(_ scale: Scale) async throws -> [Verdict] {
        let runs = scale.runs(10_000)
        let distances = try distances()
        // χ² of an even split is (a − b)²/n; 3.8415 is its 5% point.
        let fixed = (0...horizon).map { 3.841_458_820_694_124 * Double($0) }
        let counts = try await simulate(runs, seed: 9, as: Counts.self) { generator, counts in
            var walk = 0
            var bits: UInt64 = 0
            var (found, peeked) = (false, false)
            for n in 1...horizon {
                if n % 64 == 1 { bits = generator.next() }
                walk += Int(bits & 1) * 2 - 1
                bits >>= 1
                if abs(walk) >= distances[n] { found = true }
                if n >= 100, Double(walk * walk) > fixed[n] { peeked = true }
                if found, peeked { break }
            }
            if found { counts.add(0) }
            if peeked { counts.add(1) }
        }
        // The monitor itself, one shopper after another, against those distances.
        let walks = scale.runs(256)
        let differing = try await simulate(walks, seed: 90, as: Counts.self) { generator, counts in
            var monitor = try SequentialSampleRatio(weights: [1, 1], concentration: 100)
            var walk = 0
            var found = false
            for n in 1...horizon {
                let first = generator.uniform() < 0.5
                try monitor.add(first ? [1, 0] : [0, 1])
                walk += first ? 1 : -1
                if abs(walk) >= distances[n] { found = true }
                if found != (monitor.p <= 0.05) {
                    counts.add(0)
                    return
                }
            }
        }
        return [
            .errorRate("Dirichlet–multinomial, every shopper of 5000", counts[0], of: runs, atMost: 0.05),
            .within(
                "… runs of \(walks) where the monitor itself says otherwise", Double(differing[0]), 0...0, places: 0),
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
