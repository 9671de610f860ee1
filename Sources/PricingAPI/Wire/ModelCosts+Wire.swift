internal import AgentRuntime
internal import Experiments
internal import JSON

extension ModelCosts {
    /// `{"from","through","currency","total","days","conversations","arms"}`
    func wire(from first: Int32, through last: Int32) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("from", Timestamp(day: first).date)
        writer.field("through", Timestamp(day: last).date)
        writer.field("currency", "USD")
        writer.key("total")
        writer.beginObject()
        total.write(into: &writer)
        writer.endObject()
        writer.key("days")
        writer.beginArray()
        for row in days {
            writer.beginObject()
            writer.field("day", Timestamp(day: row.day).date)
            writer.field("model", row.model)
            row.sum.write(into: &writer)
            writer.endObject()
        }
        writer.endArray()
        writer.key("conversations")
        writer.beginArray()
        for row in conversations {
            writer.beginObject()
            writer.field("conversation", row.conversation)
            row.sum.write(into: &writer)
            writer.endObject()
        }
        writer.endArray()
        writer.key("arms")
        writer.beginArray()
        for row in arms {
            writer.beginObject()
            writer.field("experiment", row.arm.experiment)
            writer.field("variant", row.arm.variant)
            writer.field("conversations", row.conversations)
            row.sum.write(into: &writer)
            writer.endObject()
        }
        writer.endArray()
        writer.endObject()
        return writer.bytes
    }
}

extension ModelCosts.Sum {
    fileprivate func write(into writer: inout JSONWriter) {
        writer.field("calls", calls)
        writer.field("estimated_calls", estimated)
        writer.field("unknown_calls", unknown)
        writer.field("cost", cost.dollars)
        writer.field("cents", cost.cents)
        writer.field("unknown_at_most", unknownAtMost.dollars)
        writer.key("tokens")
        writer.beginObject()
        writer.field("input", usage.input)
        writer.field("output", usage.output)
        writer.field("cache_read", usage.cacheRead)
        writer.field("cache_write", usage.cacheWrite)
        writer.field("long_cache_write", usage.longCacheWrite)
        writer.endObject()
    }
}
