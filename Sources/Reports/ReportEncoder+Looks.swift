internal import Analysis
internal import Experiments
internal import JSON

/// Planned looks, and weights that follow what is learned.
extension ReportEncoder {
    mutating func plannedLooks(_ value: PlannedLooks) {
        writer.beginObject()
        writer.field("metric", value.metric)
        writer.field("spending", value.spending.rawValue)
        writer.field("target", value.target)
        writer.key("looks")
        writer.beginArray()
        for look in value.looks {
            writer.beginObject()
            writer.field("number", look.number)
            writer.field("share", look.share)
            writer.field("shoppers", look.shoppers)
            writer.field("state", look.state.rawValue)
            optional("date", look.day.map(DayText.iso))
            optional("n", look.n)
            optional("information", look.information)
            optional("boundary", look.boundary)
            writer.endObject()
        }
        writer.endArray()
        writer.key("comparisons")
        writer.beginArray()
        for comparison in value.comparisons {
            writer.beginObject()
            writer.field("variant", comparison.variant)
            writer.field("against", comparison.against)
            writer.key("readings")
            writer.beginArray()
            for reading in comparison.readings {
                writer.beginObject()
                writer.field("look", reading.look)
                writer.field("z", reading.z)
                writer.field("difference", reading.difference)
                interval("interval", reading.interval)
                writer.field("crossed", reading.hasCrossed)
                writer.endObject()
            }
            writer.endArray()
            optional("stopped_at", comparison.stoppedAt.map(Int64.init))
            optional("p_value", comparison.pValue)
            optional("estimate", comparison.estimate)
            interval("interval", comparison.interval)
            writer.endObject()
        }
        writer.endArray()
        writer.endObject()
    }

    mutating func bandit(_ value: AnalysisPlan.Bandit?) {
        writer.key("bandit")
        guard let value else { return writer.null() }
        writer.beginObject()
        writer.field("rule", value.rule.rawValue)
        writer.field("floor", value.floor)
        writer.field("every_hours", value.everyHours)
        writer.endObject()
    }
}
