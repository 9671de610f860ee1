internal import Experiments
internal import JSON

extension UsageRecords {
    /// What was used of a month, and what is left of its limit.
    func wire(of month: Range<Int32>, limit: Int?) -> [UInt8] {
        let assignments = used(.assignments, on: month)
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("from", Timestamp(day: month.lowerBound).date)
        writer.field("through", Timestamp(day: month.upperBound - 1).date)
        writer.field("resets_at", Timestamp(day: month.upperBound))
        writer.field("limit", optional: limit)
        writer.field("remaining", optional: limit.map { max(0, $0 - Int(clamping: assignments)) })
        write(month, into: &writer)
        writer.endObject()
        return writer.bytes
    }

    /// By day, oldest first, those without use left out.
    func wire(from first: Int32, through last: Int32) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("from", Timestamp(day: first).date)
        writer.field("through", Timestamp(day: last).date)
        writer.key("days")
        writer.beginArray()
        for day in Set(counts.keys.map(\.day)).sorted() {
            writer.beginObject()
            writer.field("day", Timestamp(day: day).date)
            write(day..<day + 1, into: &writer)
            writer.endObject()
        }
        writer.endArray()
        writer.endObject()
        return writer.bytes
    }

    private func write(_ days: Range<Int32>, into writer: inout JSONWriter) {
        writer.field("assignments", used(.assignments, on: days))
        writer.field("events", used(.events, on: days))
    }
}
