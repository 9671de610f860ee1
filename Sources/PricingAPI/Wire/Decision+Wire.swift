internal import Analysis
internal import Experiments
internal import JSON

extension DecisionRecord {
    /// - Parameter score: what followed; nil for a decision just made.
    func write(into writer: inout JSONWriter, score: DecisionScore? = nil) {
        writer.beginObject()
        writer.field("id", id)
        writer.field("experiment", experiment)
        writer.field("action", action.rawValue)
        writer.field("variant", optional: variant)
        writer.field("origin", origin.rawValue)
        writer.field("taken_by", takenBy)
        writer.field("reason", reason)
        writer.field("completes", completes)
        writer.field("at", at)
        writer.key("evidence")
        evidence.write(into: &writer)
        writer.key("score")
        if let score { score.write(into: &writer) } else { writer.null() }
        writer.endObject()
    }

    var wire: [UInt8] {
        var writer = JSONWriter()
        write(into: &writer)
        return writer.bytes
    }
}

extension DecisionRecord.Evidence {
    fileprivate func write(into writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("as_of", asOf)
        writer.field("configuration_version", configurationVersion)
        writer.field("engine_version", engineVersion)
        writer.field("input_hash", inputHash)
        writer.field("n", units)
        writer.field("metric", metric)
        writer.field("unit", unit)
        writer.field("currency", currency.code)
        writer.field("control", control)
        writer.key("recommendation")
        writer.beginObject()
        writer.field("action", advice.action.rawValue)
        writer.field("variant", optional: advice.variant)
        writer.field("rule", advice.rule)
        writer.field("sentence", advice.sentence)
        writer.field("more_shoppers", optional: advice.moreShoppers)
        writer.field("more_days", optional: advice.moreDays)
        writer.endObject()
        writer.key("findings")
        writer.beginArray()
        for finding in findings { finding.write(into: &writer) }
        writer.endArray()
        writer.endObject()
    }
}

extension DecisionRecord.Evidence.Finding {
    fileprivate func write(into writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("variant", variant)
        writer.field("n", n)
        writer.field("difference", optional: difference)
        writer.interval("interval", lower: lower, upper: upper, level: level)
        writer.field("probability_better", optional: probabilityBetter)
        writer.field("expected_loss", optional: expectedLoss)
        writer.endObject()
    }
}

extension DecisionScore {
    /// Every key is there, null where there is nothing to say.
    fileprivate func write(into writer: inout JSONWriter) {
        var outcome: Outcome?
        var reason: Reason?
        switch self {
        case .scored(let value): outcome = value
        case .open(let value): reason = value
        }
        writer.beginObject()
        writer.field("verdict", outcome.map { $0.isRight ? "right" : "wrong" } ?? "open")
        writer.field("reason", optional: reason?.rawValue)
        writer.field("detail", optional: reason?.sentence)
        writer.field("basis", optional: outcome?.basis.rawValue)
        writer.field("as_of", optional: outcome?.asOf)
        writer.field("n", optional: outcome?.n)
        writer.field("difference", optional: outcome?.difference)
        writer.field("maturity", optional: outcome?.maturity)
        writer.field("sign_held", optional: outcome?.signHeld)
        writer.field("within_interval", optional: outcome?.isWithinInterval)
        writer.endObject()
    }
}

extension DecisionAccuracy {
    /// - Parameter isWhole: whether no older decision was left out.
    func wire(isWhole: Bool) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("decisions", decisions)
        writer.field("whole", isWhole)
        all.write("all", into: &writer)
        policy.write("policy", into: &writer)
        person.write("person", into: &writer)
        finalCounts.write("final_counts", into: &writer)
        writer.key("open")
        writer.beginArray()
        for reason in DecisionScore.Reason.allCases {
            guard let count = open[reason] else { continue }
            writer.beginObject()
            writer.field("reason", reason.rawValue)
            writer.field("detail", reason.sentence)
            writer.field("count", count)
            writer.endObject()
        }
        writer.endArray()
        writer.endObject()
        return writer.bytes
    }
}

extension DecisionAccuracy.Group {
    fileprivate func write(_ key: StaticString, into writer: inout JSONWriter) {
        writer.key(key)
        writer.beginObject()
        writer.field("scored", scored)
        writer.field("right", right)
        writer.field("share", optional: share)
        let interval = interval
        writer.interval("interval", lower: interval?.lower, upper: interval?.upper, level: interval?.level)
        writer.endObject()
    }
}

extension JSONWriter {
    fileprivate mutating func field(_ key: StaticString, optional value: Double?) {
        if let value { field(key, value) } else { null(key) }
    }

    fileprivate mutating func field(_ key: StaticString, optional value: Int64?) {
        if let value { field(key, value) } else { null(key) }
    }

    fileprivate mutating func field(_ key: StaticString, optional value: Bool?) {
        if let value { field(key, value) } else { null(key) }
    }

    /// `{"lower", "upper", "level"}`, or null.
    fileprivate mutating func interval(_ key: StaticString, lower: Double?, upper: Double?, level: Double?) {
        guard let lower, let upper, let level else {
            null(key)
            return
        }
        self.key(key)
        beginObject()
        field("lower", lower)
        field("upper", upper)
        field("level", level)
        endObject()
    }
}
