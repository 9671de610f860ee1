import Stats
import Testing

@Suite struct SwitchbackTests {
    @Test func `few blocks are shuffled in every way`() throws {
        // Four blocks of two periods: of the six assignments two are as far apart as this one.
        let test = try SwitchbackTest(
            outcomes: [5, 6, 1, 2, 7, 8, 2, 1], treated: [true, false, true, false], periodsPerBlock: 2)
        #expect(test.difference == 5)
        var generator = Xoshiro256PlusPlus(seed: 1)
        expectClose(try test.randomisationP(draws: 1000, using: &generator), 2.0 / 6)
    }

    @Test func `many blocks are shuffled at random near the exact answer`() throws {
        var generator = Xoshiro256PlusPlus(seed: 2)
        let y = (0..<48).map { Double($0 % 5) + generator.normal() + ($0 / 4 % 2 == 0 ? 0.8 : 0) }
        let test = try SwitchbackTest(outcomes: y, treated: (0..<12).map { $0 % 2 == 0 }, periodsPerBlock: 4)
        let exact = try test.randomisationP(draws: 924, using: &generator)
        let drawn = try test.randomisationP(draws: 900, using: &generator)
        #expect(abs(exact - drawn) < 0.06, "\(exact) \(drawn)")
    }

    @Test func `washed-out periods do not count`() throws {
        let test = try SwitchbackTest(
            outcomes: [100, 6, -50, 2, 80, 8, 40, 1], treated: [true, false, true, false], periodsPerBlock: 2,
            washout: 1)
        #expect(test.difference == 5.5)
    }

    @Test func `a design that is not one is refused`() {
        #expect(throws: StatsError.self) {
            _ = try SwitchbackTest(outcomes: [1, 2, 3, 4], treated: [true, true], periodsPerBlock: 2)
        }
        #expect(throws: StatsError.self) {
            _ = try SwitchbackTest(outcomes: [1, 2, 3, 4], treated: [true], periodsPerBlock: 2)
        }
        #expect(throws: StatsError.self) {
            _ = try SwitchbackTest(outcomes: [1, 2, 3, 4], treated: [true, false], periodsPerBlock: 2, washout: 2)
        }
    }
}
