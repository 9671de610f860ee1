import Stats

/// C7 and C8: a few planned looks.
enum GroupSequential {
    /// The looks' z values, Z_k ~ N(drift √I_k, 1), until one passes.
    private static func stop(
        _ generator: inout Xoshiro256PlusPlus, _ fractions: [Double], _ critical: [Double], drift: Double, sides: Int
    ) -> Int? {
        var sum = 0.0
        var before = 0.0
        for (k, t) in fractions.enumerated() {
            sum += drift * (t - before) + (t - before).squareRoot() * generator.normal()
            before = t
            let z = sum / t.squareRoot()
            if z > critical[k] || (sides == 2 && -z > critical[k]) { return k }
        }
        return nil
    }

    private static let fifths = [0.2, 0.4, 0.6, 0.8, 1]

    static func size(_ scale: Scale) async throws -> [Verdict] {
        let runs = scale.runs(200_000)
        let shapes: [(String, GroupSequentialDesign.Shape)] = [
            ("Pocock, five looks", .wangTsiatis(delta: 0.5)),
            ("O'Brien–Fleming, five looks", .wangTsiatis(delta: 0)),
            ("Lan–DeMets O'Brien–Fleming, five looks", .spending(.obrienFleming(sides: 2))),
            ("Haybittle–Peto at 3", .haybittlePeto(interimZ: 3)),
        ]
        var verdicts: [Verdict] = []
        for (index, (name, shape)) in shapes.enumerated() {
            let design = try GroupSequentialDesign(shape, alpha: 0.05, sides: 2, infoFractions: fifths)
            let counts = try await simulate(runs, seed: 70 + UInt64(index), as: Counts.self) { generator, counts in
                if stop(&generator, fifths, design.criticalZ, drift: 0, sides: 2) != nil { counts.add(0) }
            }
            verdicts.append(.calibrated(name, counts[0], of: runs, to: 0.05))
        }
        let counts = try await simulate(runs, seed: 79, as: Counts.self) { generator, counts in
            if stop(&generator, fifths, [1.96, 1.96, 1.96, 1.96, 1.96], drift: 0, sides: 2) != nil { counts.add(0) }
        }
        verdicts.append(.errorRate("1.96 at each of five looks", counts[0], of: runs, atMost: 0.05, kind: .control))
        verdicts.append(
            .within("… so far beyond that the harness must be peeking", Double(counts[0]) / Double(runs), 0.13...1))
        return verdicts
    }

    static func power(_ scale: Scale) async throws -> [Verdict] {
        let runs = scale.runs(200_000)
        var verdicts: [Verdict] = []
        // Three looks have a published oracle (rpact 3.3.4 agrees to 4e-9); five have this library's quadrature.
        for (looks, oracle) in [(3, 0.865_568_973_170_294_7), (5, nil as Double?)] {
            let fractions = (1...looks).map { Double($0) / Double(looks) }
            let design = try GroupSequentialDesign(
                .spending(.obrienFleming(sides: 1)), alpha: 0.025, sides: 1, infoFractions: fractions)
            let plan = try design.characteristics(beta: 0.2)
            let result = try await simulate(runs, seed: 80 + UInt64(looks), as: Both<Counts, Means>.self) {
                generator, tally in
                let look = stop(&generator, fractions, design.criticalZ, drift: plan.drift, sides: 1)
                if look != nil { tally.first.add(0) }
                tally.second.add(0, fractions[look ?? looks - 1] * plan.inflationFactor)
            }
            verdicts.append(
                .calibrated("power at the design's drift, \(looks) looks", result.first[0], of: runs, to: 0.8))
            verdicts.append(
                .close(
                    "expected information, \(looks) looks, \(oracle == nil ? "own quadrature" : "published")",
                    result.second.mean(0), to: oracle ?? plan.expectedInfoRatioH1, error: result.second.error(0),
                    within: 3))
        }
        return verdicts
    }
}
