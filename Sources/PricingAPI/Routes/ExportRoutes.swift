internal import CSV
internal import Experiments
internal import HTTPServer
internal import JSON

extension PricingAPI {
    /// Unit-level rows, streamed page by page. Shoppers are named by their stored hash.
    func export(_ context: Context) throws(Problem) -> Response {
        let experiment = try context.experiment()
        let tenant = try context.member.snapshot.tenant.id
        let asCSV: Bool
        switch try context.query("format") ?? "csv" {
        case "csv": asCSV = true
        case "ndjson": asCSV = false
        default: throw .parameter("`format` is csv or ndjson.")
        }
        let store = service.store
        let name = "\(experiment.id).\(asCSV ? "csv" : "ndjson")"
        return Response(
            status: 200,
            headers: [
                ("Content-Type", asCSV ? "text/csv; charset=utf-8" : "application/x-ndjson"),
                ("Content-Disposition", "attachment; filename=\"\(name)\""),
            ],
            body: .stream { output in
                var after: Subject?
                if asCSV { try await output.write(UnitRow.csvHeader) }
                while true {
                    let rows = try await store.units(of: experiment.id, in: tenant, after: after, limit: 1000)
                    guard let last = rows.last else { return }
                    var page: [UInt8] = []
                    for row in rows { row.append(of: experiment, asCSV: asCSV, to: &page) }
                    try await output.write(page)
                    after = last.subject
                }
            })
    }
}

extension UnitRow {
    /// Named so that `cournot analyze` reads them.
    private static let columns = [
        "unit", "variant", "phase", "assigned_at", "exposed_at", "excluded", "orders", "quantity", "gross", "refunds",
        "revenue", "cost", "profit", "currency",
    ]

    fileprivate static var csvHeader: [UInt8] {
        var writer = CSVWriter()
        for name in columns { writer.text(name) }
        writer.endRecord()
        return writer.bytes
    }

    fileprivate func append(of experiment: Experiment, asCSV: Bool, to page: inout [UInt8]) {
        let variant = experiment.variants.indices.contains(unit.variant) ? experiment.variants[unit.variant].name : ""
        if asCSV {
            appendCSV(variant, experiment.currency, to: &page)
        } else {
            appendJSON(variant, experiment, to: &page)
        }
    }

    private var unitText: String {
        var hex: [UInt8] = []
        subject.appendHex(to: &hex)
        return String(decoding: hex, as: UTF8.self)
    }

    private func appendCSV(_ variant: String, _ currency: Currency, to page: inout [UInt8]) {
        let outcome = unit.outcome
        var writer = CSVWriter()
        writer.text(unitText)
        writer.text(variant)
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
        writer.text(currency.code)
        writer.endRecord()
        page.append(contentsOf: writer.bytes)
    }

    private func appendJSON(_ variant: String, _ experiment: Experiment, to page: inout [UInt8]) {
        let outcome = unit.outcome
        var writer = JSONWriter(appendingTo: page)
        writer.beginObject()
        writer.field("unit", unitText)
        writer.field("variant", variant)
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
        writer.endObject()
        writer.newline()
        page = writer.bytes
    }
}
