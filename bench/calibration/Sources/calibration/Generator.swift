import Glibc
import Stats

/// C13: the generator and its variates.
enum Generator {
    private static let bounds = 1e-4...(1 - 1e-4)

    static func check(_ scale: Scale) async throws -> [Verdict] {
        try known() + (await uniform(scale)) + (await variates(scale)) + (await streams(scale))
    }

    /// Published streams: Vigna's splitmix64 from 42 and xoshiro256++ seeded by it from 0.
    private static func known() throws -> [Verdict] {
        var splitmix = SplitMix64(seed: 42)
        var xoshiro = Xoshiro256PlusPlus(seed: 0)
        let first = (0..<5).map { _ in splitmix.next() }
        let second = (0..<5).map { _ in xoshiro.next() }
        let holds =
            first == [
                13_679_457_532_755_275_413, 2_949_826_092_126_892_291, 5_139_283_748_462_763_858,
                6_349_198_060_258_255_764, 701_532_786_141_963_250,
            ]
            && second == [
                5_987_356_902_031_041_503, 7_051_070_477_665_621_255, 6_633_766_593_972_829_180,
                211_316_841_551_650_330, 9_136_120_204_379_184_874,
            ]
        return [
            Verdict(
                what: "splitmix64 and xoshiro256++, published streams", observed: holds ? "same" : "different",
                band: "same", holds: holds)
        ]
    }

    private static func uniform(_ scale: Scale) async throws -> [Verdict] {
        let n = scale.runs(10_000_000)
        let cells = 1 << 16
        let sample = try await simulate(n, seed: 130, as: Sample.self) { $1.values.append($0.uniform()) }
        var counts = [Int](repeating: 0, count: cells)
        for u in sample.values { counts[Int(u * Double(cells))] += 1 }
        let expected = Double(n) / Double(cells)
        let chi = counts.reduce(0.0) { $0 + (Double($1) - expected) * (Double($1) - expected) / expected }
        return [
            .within(
                "uniform, \(n) draws: χ² of 65,536 cells, p",
                ChiSquare(degreesOfFreedom: Double(cells - 1)).upperTail(of: chi), bounds),
            .within("uniform: Kolmogorov–Smirnov, p", kolmogorov(sample.values) { $0 }, bounds),
        ]
    }

    private struct Law: Sendable {
        let name: String
        let mean: Double
        let variance: Double
        let skewness: Double
        let kurtosis: Double
        let draw: @Sendable (inout Xoshiro256PlusPlus) -> Double
        /// Nil for a discrete law, to which Kolmogorov's distribution does not apply.
        let lowerTail: (@Sendable (Double) -> Double)?
    }

    private static let laws: [Law] = {
        let normal = Law(
            name: "normal", mean: 0, variance: 1, skewness: 0, kurtosis: 3, draw: { $0.normal() },
            lowerTail: { Normal.lowerTail(of: $0) })
        let gammas = [0.1, 0.5, 1, 5, 1000].map { shape in
            Law(
                name: "gamma(\(shape))", mean: shape, variance: shape, skewness: 2 / shape.squareRoot(),
                kurtosis: 3 + 6 / shape, draw: { $0.gamma(shape: shape) },
                lowerTail: { ChiSquare(degreesOfFreedom: 2 * shape).lowerTail(of: 2 * $0) })
        }
        let betas = [(0.5, 0.5), (101.0, 9901.0)].map { (a, b) in
            let n = a + b
            return Law(
                name: "beta(\(a), \(b))", mean: a / n, variance: a * b / (n * n * (n + 1)),
                skewness: 2 * (b - a) * (n + 1).squareRoot() / ((n + 2) * (a * b).squareRoot()),
                kurtosis: 3 + 6 * ((a - b) * (a - b) * (n + 1) - a * b * (n + 2)) / (a * b * (n + 2) * (n + 3)),
                draw: { $0.beta(a, b) }, lowerTail: { Beta(a, b).lowerTail(of: $0) })
        }
        let spread = 1000 * 0.3 * 0.7
        let binomial = Law(
            name: "binomial(1000, 0.3)", mean: 300, variance: spread, skewness: 0.4 / spread.squareRoot(),
            kurtosis: 3 + (1 - 6 * 0.21) / spread,
            draw: { Double($0.binomial(trials: 1000, probability: 0.3)) }, lowerTail: nil)
        let poisson = Law(
            name: "Poisson(50)", mean: 50, variance: 50, skewness: 1 / 50.0.squareRoot(), kurtosis: 3 + 1 / 50.0,
            draw: { Double($0.poisson(mean: 50)) }, lowerTail: nil)
        return [normal] + gammas + betas + [binomial, poisson]
    }()

    private static func variates(_ scale: Scale) async throws -> [Verdict] {
        let n = scale.runs(1_000_000)
        // The laws side by side: sorting a sample is the work of one core.
        var verdicts = try await withThrowingTaskGroup(of: (Int, [Verdict]).self) { group in
            for (index, law) in laws.enumerated() {
                group.addTask { (index, try await moments(of: law, n, seed: 131 + UInt64(index))) }
            }
            var parts: [(Int, [Verdict])] = []
            for try await part in group { parts.append(part) }
            return parts.sorted { $0.0 < $1.0 }.flatMap { $0.1 }
        }
        let tiny = try await simulate(scale.runs(100_000), seed: 145, as: Counts.self) { generator, counts in
            let x = generator.beta(1e-3, 1e-3)
            if !(x >= 0 && x <= 1) { counts.add(0) }
        }
        verdicts.append(.within("beta(0.001, 0.001): draws that are no number", Double(tiny[0]), 0...0, places: 0))
        return verdicts
    }

    private static func moments(of law: Law, _ n: Int, seed: UInt64) async throws -> [Verdict] {
        let sample = try await simulate(n, seed: seed, as: Sample.self) { $1.values.append(law.draw(&$0)) }
        var powers = [Moments](repeating: Moments(), count: 4)
        for x in sample.values {
            let z = (x - law.mean) / law.variance.squareRoot()
            powers[0].add(z)
            powers[1].add(z * z)
            powers[2].add(z * z * z)
            powers[3].add(z * z * z * z)
        }
        let truths = [0, 1, law.skewness, law.kurtosis]
        var worst = 0.0
        for (power, truth) in zip(powers, truths) {
            let error = (try power.variance / power.count).squareRoot()
            worst = max(worst, abs(power.mean - truth) / error)
        }
        let first = Verdict.within(
            "\(law.name), \(n) draws: first four moments, worst in SE", worst, 0...5, places: 2)
        guard let lowerTail = law.lowerTail else { return [first] }
        return [first, .within("\(law.name): Kolmogorov–Smirnov, p", kolmogorov(sample.values, lowerTail), bounds)]
    }

    private static func streams(_ scale: Scale) async throws -> [Verdict] {
        let n = scale.runs(10_000_000)
        var first = Xoshiro256PlusPlus(seed: 146)
        var second = first
        second.jump()
        var products = 0.0
        for _ in 0..<n { products += (first.uniform() - 0.5) * (second.uniform() - 0.5) }
        let correlation = 12 * products / Double(n)
        return [
            .within(
                "two streams a jump apart: √n × correlation", correlation * Double(n).squareRoot(), -5...5, places: 2)
        ]
    }

    /// Kolmogorov's limit with Stephens' (1970) correction.
    private static func kolmogorov(_ values: [Double], _ lowerTail: (Double) -> Double) -> Double {
        let sorted = values.sorted()
        let n = Double(sorted.count)
        var distance = 0.0
        for (i, x) in sorted.enumerated() {
            let f = lowerTail(x)
            distance = max(distance, f - Double(i) / n, Double(i + 1) / n - f)
        }
        let lambda = (n.squareRoot() + 0.12 + 0.11 / n.squareRoot()) * distance
        var p = 0.0
        for k in 1...100 {
            let term = 2 * exp(-2 * Double(k * k) * lambda * lambda)
            p += k % 2 == 1 ? term : -term
        }
        return lambda < 0.2 ? 1 : min(1, max(0, p))
    }
}
