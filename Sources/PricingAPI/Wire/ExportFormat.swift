internal import CSV
internal import Crypto
internal import Experiments
internal import JSON
internal import Reports

/// Units as they leave in an export. `cournot analyze` reads the CSV back (`ExportFile`): all that a report counts of a
/// shopper is here, exactly.
struct ExportFormat: Sendable {
    let experiment: Experiment
    let pseudonyms: UnitPseudonym
    let asCSV: Bool
    /// The name of the covariate's column, and of those of the segments.
    private let covariate: String
    private let segments: [String]
    /// The same in each row.
    private let plan: ExportedPlan
    private let planText: String

    private static let columns = [
        "unit", "variant", "phase", "assigned_at", "exposed_at", "excluded", "orders", "quantity", "gross", "refunds",
        "revenue", "cost", "profit", "currency", "variant_number", "price", "weights", "known_cost",
        "gross_without_cost", "tallied", "began_checkout", "guardrails",
        "status", "plan",
    ]

    init(experiment: Experiment, pseudonyms: UnitPseudonym, asCSV: Bool) {
        self.experiment = experiment
        self.pseudonyms = pseudonyms
        self.asCSV = asCSV
        covariate = experiment.analysis.covariate.map { "covariate_\($0)" } ?? "spent_before"
        segments = experiment.analysis.segments.map { "segment_\($0.attribute)" }
        plan = ExportedPlan(experiment)
        planText = plan.text
    }

    private var names: [String] { Self.columns + [covariate] + segments }

    var csvHeader: [UInt8] {
        var writer = CSVWriter()
        for name in names { writer.text(name) }
        writer.endRecord()
        return writer.bytes
    }

    /// Says which columns rows have, so that nobody appends them to rows that have others: the SHA-256 of the header line
    /// or, where there is none, of the members' names, each with a line feed.
    var columnsHash: String {
        let line = asCSV ? csvHeader : Array(names.map { $0 + "\n" }.joined().utf8)
        return SHA256.hash(line).hex
    }

    func lines(of rows: [UnitRow]) -> [UInt8] {
        asCSV ? written(rows, CSVWriter(), appendCSV, \.bytes) : written(rows, JSONWriter(), appendJSON, \.bytes)
    }

    private func written<Writer>(
        _ rows: [UnitRow], _ empty: Writer, _ append: (UnitState, String, inout Writer) -> Void,
        _ bytes: (Writer) -> [UInt8]
    ) -> [UInt8] {
        var writer = empty
        for row in rows { append(row.unit, pseudonyms.name(of: row.subject), &writer) }
        return bytes(writer)
    }

    private func variant(of unit: UnitState) -> Variant? {
        experiment.variants.indices.contains(unit.variant) ? experiment.variants[unit.variant] : nil
    }

    /// By variant, those of the unit's phase.
    private func weights(of unit: UnitState) -> [Int] {
        experiment.phases.indices.contains(unit.phase)
            ? experiment.phases[unit.phase].weights : experiment.variants.map(\.weight)
    }

    /// What a segment calls the unit's value; nil where it was not divided.
    private func value(of segment: Int, _ unit: UnitState) -> String? {
        guard unit.traits.segments.indices.contains(segment) else { return nil }
        return experiment.analysis.segments[segment].name(of: Int(unit.traits.segments[segment]))
    }

    /// Nil where nobody counted.
    private func beganCheckout(_ unit: UnitState) -> Bool? {
        unit.countsCheckouts ? unit.outcome.beganCheckout : nil
    }

    /// The covariate as a decimal number: an attribute is kept in hundredths, what was spent in minor units.
    private func covariate(of unit: UnitState) -> String? {
        guard let value = unit.traits.covariate else { return nil }
        guard experiment.analysis.covariate != nil else { return String(value) }
        let (whole, rest) = value.magnitude.quotientAndRemainder(dividingBy: 100)
        let sign = value < 0 ? "-" : ""
        if rest == 0 { return "\(sign)\(whole)" }
        return "\(sign)\(whole).\(rest < 10 ? "0" : "")\(rest)"
    }

    private func appendCSV(_ unit: UnitState, _ name: String, to writer: inout CSVWriter) {
        let outcome = unit.outcome
        let variant = variant(of: unit)
        writer.text(name)
        writer.text(variant?.name ?? "")
        writer.number(unit.phase)
        writer.text(unit.assignedAt.description)
        writer.text(unit.exposedAt?.description ?? "")
        writer.text(unit.isExcluded ? "true" : "false")
        for number in [outcome.orders, outcome.quantity, outcome.gross, outcome.refunds, outcome.revenue] {
            writer.number(number)
        }
        for number in [outcome.cost, outcome.profit] {
            if outcome.lacksCost { writer.text("") } else { writer.number(number) }
        }
        writer.text(experiment.currency.code)
        writer.number(unit.variant)
        if let variant { writer.number(variant.offered) } else { writer.text("") }
        writer.text(weights(of: unit).map(String.init).joined(separator: "|"))
        writer.number(outcome.cost)
        if outcome.lacksCost { writer.number(outcome.grossWithoutCost) } else { writer.text("") }
        writer.text(unit.isTallied ? "true" : "false")
        writer.text(beganCheckout(unit).map { $0 ? "true" : "false" } ?? "")
        writer.text(experiment.guardrails.map { "\($0.metric.rawValue):\($0.maxDrop)" }.joined(separator: "|"))
        writer.text(experiment.status.rawValue)
        writer.text(planText)
        writer.decimal(covariate(of: unit))
        for segment in segments.indices { writer.text(value(of: segment, unit) ?? "") }
        writer.endRecord()
    }

    private func appendJSON(_ unit: UnitState, _ name: String, to writer: inout JSONWriter) {
        let outcome = unit.outcome
        let variant = variant(of: unit)
        writer.beginObject()
        writer.field("unit", name)
        writer.field("variant", variant?.name ?? "")
        writer.field("phase", unit.phase)
        writer.field("assigned_at", unit.assignedAt)
        writer.field("exposed_at", optional: unit.exposedAt)
        writer.field("excluded", unit.isExcluded)
        writer.field("orders", outcome.orders)
        writer.field("quantity", outcome.quantity)
        writer.field("gross", outcome.gross)
        writer.field("refunds", outcome.refunds)
        writer.field("revenue", outcome.revenue)
        if outcome.lacksCost {
            writer.null("cost")
            writer.null("profit")
        } else {
            writer.field("cost", outcome.cost)
            writer.field("profit", outcome.profit)
        }
        writer.field("currency", experiment.currency.code)
        writer.field("variant_number", unit.variant)
        if let variant { writer.field("price", variant.offered) } else { writer.null("price") }
        writer.key("weights")
        writer.beginArray()
        for weight in weights(of: unit) { writer.int(weight) }
        writer.endArray()
        writer.field("known_cost", outcome.cost)
        if outcome.lacksCost {
            writer.field("gross_without_cost", outcome.grossWithoutCost)
        } else {
            writer.null("gross_without_cost")
        }
        writer.field("tallied", unit.isTallied)
        if let began = beganCheckout(unit) {
            writer.field("began_checkout", began)
        } else {
            writer.null("began_checkout")
        }
        writer.key("guardrails")
        writer.beginArray()
        for guardrail in experiment.guardrails {
            writer.beginObject()
            writer.field("metric", guardrail.metric.rawValue)
            writer.field("max_drop", guardrail.maxDrop)
            writer.endObject()
        }
        writer.endArray()
        writer.field("status", experiment.status.rawValue)
        writer.key("plan")
        writer.beginObject()
        for (name, value) in plan.fields {
            writer.key(dynamic: name)
            switch value {
            case .text(let text): writer.string(text)
            case .number(let number): writer.double(number)
            case .whole(let number): writer.int(number)
            }
        }
        writer.endObject()
        writer.key(dynamic: covariate)
        if let covariate = covariate(of: unit) { writer.raw(Array(covariate.utf8)) } else { writer.null() }
        for (number, name) in segments.enumerated() {
            writer.key(dynamic: name)
            if let value = value(of: number, unit) { writer.string(value) } else { writer.null() }
        }
        writer.endObject()
        writer.newline()
    }
}
