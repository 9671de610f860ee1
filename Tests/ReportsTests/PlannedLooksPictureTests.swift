import Experiments
import Testing

@testable import Analysis
@testable import Reports

@Suite struct PlannedLooksPictureTests {
    @Test func `under planned looks the picture of differences shows the look that decides and its interval`() throws {
        var report = try Counts().report()
        report.method = .groupSequential
        func looks(_ readings: [PlannedLooks.Reading], stoppedAt: Int?) -> PlannedLooks {
            PlannedLooks(
                metric: "revenue_per_visitor", spending: .obrienFleming, target: 1000, looks: [],
                comparisons: [
                    PlannedLooks.Comparison(
                        variant: "higher", against: "control", readings: readings, stoppedAt: stoppedAt)
                ])
        }
        func reading(_ look: Int, _ difference: Double, _ half: Double) -> PlannedLooks.Reading {
            PlannedLooks.Reading(
                look: look, z: difference / half * 2.5, difference: difference,
                interval: ConfidenceInterval(lower: difference - half, upper: difference + half, level: 0.95),
                hasCrossed: difference > half)
        }
        report.plannedLooks = looks([reading(1, 90, 200), reading(2, 120, 80), reading(3, 10, 70)], stoppedAt: 2)
        let stopped = try #require(Picture(.difference, of: report))
        #expect(stopped.description.contains("95% repeated interval"))
        #expect(stopped.description.contains("better at look 2"))
        #expect(stopped.table.rows[0].cells[1].contains("1.20") && stopped.table.rows[0].cells[2].contains("0.40"))

        report.plannedLooks = looks([reading(1, 90, 200)], stoppedAt: nil)
        #expect(try #require(Picture(.difference, of: report)).description.contains("open at look 1"))
        report.plannedLooks = looks([], stoppedAt: nil)
        #expect(try #require(Picture(.difference, of: report)).description.contains("no interval yet"))
    }
}
