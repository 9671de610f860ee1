import Storage
import Testing

@testable import cournot

struct TransferMeterTests {
    private func progress(_ done: Int64, before: Int64 = 0) -> TransferProgress {
        TransferProgress(phase: .copying, subject: "offers", done: done, total: 10_000, before: before)
    }

    @Test func `progress tells the rate, and how long the rest will take at it`() {
        #expect(
            TransferMeter.text(progress(2000), after: .seconds(2))
                == "copying offers: 2000 of 10000, 1000/s, 8 s left")
    }

    @Test func `what earlier runs did counts as done and not as speed`() {
        #expect(
            TransferMeter.text(progress(6000, before: 4000), after: .seconds(4))
                == "copying offers: 6000 of 10000, 500/s, 8 s left")
    }

    @Test func `before there is anything to judge by no rate is told, and nothing left is no time`() {
        #expect(TransferMeter.text(progress(2000), after: .milliseconds(10)) == "copying offers: 2000 of 10000")
        #expect(
            TransferMeter.text(progress(4000, before: 4000), after: .seconds(9)) == "copying offers: 4000 of 10000")
        #expect(
            TransferMeter.text(progress(12_000), after: .seconds(12))
                == "copying offers: 12000 of 10000, 1000/s, 0 s left")
    }
}
