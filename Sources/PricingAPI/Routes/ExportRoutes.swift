internal import Crypto
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
    static let csvHeader =
        "subject,variant,phase,assigned_at,exposed_at,excluded,orders,quantity,gross,refunds,revenue,cost,profit,currency\n"

    fileprivate func append(of experiment: Experiment, asCSV: Bool, to page: inout [UInt8]) {
        let variant = experiment.variants.indices.contains(unit.variant) ? experiment.variants[unit.variant].name : ""
        if asCSV {
            appendCSV(variant, experiment.currency, to: &page)
        } else {
            appendJSON(variant, experiment, to: &page)
        }
    }

    private var subjectText: String {
        var hex: [UInt8] = []
        subject.appendHex(to: &hex)
        return String(decoding: hex, as: UTF8.self)
    }

    private func appendCSV(_ variant: String, _ currency: Currency, to page: inout [UInt8]) {
        let outcome = unit.outcome
        let fields = [
            subjectText, CSV.field(variant), String(unit.phase), unit.assignedAt.description,
            unit.exposedAt?.description ?? "", String(unit.isExcluded), String(outcome.orders),
            String(outcome.quantity), String(outcome.gross), String(outcome.refunds), String(outcome.revenue),
            outcome.lacksCost ? "" : String(outcome.cost), outcome.lacksCost ? "" : String(outcome.profit),
            currency.code,
        ]
        page.append(contentsOf: fields.joined(separator: ",").utf8)
        page.append(UInt8(ascii: "\n"))
    }

    private func appendJSON(_ variant: String, _ experiment: Experiment, to page: inout [UInt8]) {
        let outcome = unit.outcome
        var writer = JSONWriter(appendingTo: page)
        writer.beginObject()
        writer.field("subject", subjectText)
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
