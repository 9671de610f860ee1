internal import CSV
internal import Experiments
internal import HTTPServer
internal import JSON

extension PricingAPI {
    /// Unit-level rows, streamed page by page, in an order that stays. `after` names the unit that an earlier answer
    /// ended with: the rest follows, without a header line, to be appended to it.
    func export(_ context: Context) async throws(Problem) -> Response {
        let experiment = try context.experiment()
        let tenant = try context.member.snapshot.tenant
        let asCSV: Bool
        switch try context.query("format") ?? "csv" {
        case "csv": asCSV = true
        case "ndjson": asCSV = false
        default: throw .parameter("`format` is csv or ndjson.")
        }
        let names = UnitPseudonym(secrets: tenant.secrets, experiment: experiment.id)
        var start: Subject?
        if let after = try context.query("after") {
            start = names.subject(named: after)
            if start == nil {
                throw .parameter("`after` is not the `unit` of a row that an export of this experiment gave.")
            }
        }
        let pages = ExportPages(store: service.store, experiment: experiment.id, tenant: tenant.id)
        // Read before anything is answered, so that a store that is out of reach is a refusal and not a cut stream.
        let first: [UnitRow]
        do throws(StoreError) { first = try await pages.next(after: start) } catch { throw Problem(error) }
        try await keepRecord(of: experiment.id, context)
        let format = ExportFormat(experiment: experiment, names: names, asCSV: asCSV)
        let isStart = start == nil
        let name = "\(experiment.id).\(asCSV ? "csv" : "ndjson")"
        return Response(
            status: 200,
            headers: [
                ("Content-Type", asCSV ? "text/csv; charset=utf-8" : "application/x-ndjson"),
                ("Content-Disposition", "attachment; filename=\"\(name)\""),
                ("Cournot-Units-Left", String(ExportPages.estimate(of: first, after: start))),
            ],
            body: .stream { output in
                if asCSV, isStart { try await output.write(ExportFormat.csvHeader) }
                var rows = first
                while let last = rows.last {
                    try await output.write(format.lines(of: rows))
                    rows = try await pages.next(after: last.subject)
                }
            })
    }
}

extension PricingAPI {
    /// Who exported what and when, durable before a row leaves: an export is personal data.
    private func keepRecord(of experiment: ExperimentID, _ context: Context) async throws(Problem) {
        let tenant = try context.member.snapshot.tenant.id
        do throws(ConfigurationError) {
            try await service.change(tenant, actor: context.caller.actor, requestID: context.requestID) {
                _, _ throws(ConfigurationError) in
                Decided([], action: "experiment.export", target: experiment.description, answer: ())
            }
        } catch {
            throw Problem(error)
        }
    }
}

/// The stored units of an experiment, a page at a time.
private struct ExportPages: Sendable {
    static let size = 1000
    let store: any Store
    let experiment: ExperimentID
    let tenant: TenantID

    func next(after: Subject?) async throws(StoreError) -> [UnitRow] {
        try await store.units(of: experiment, in: tenant, after: after, limit: Self.size)
    }

    /// About how many units there are from a page on. Subjects are codes, even over all there can be: the share of
    /// these that a full page spans says how many pages there are, within some 6% (95%). Exact when one page is all.
    static func estimate(of page: [UnitRow], after: Subject?) -> Int {
        guard page.count >= size, let last = page.last else { return page.count }
        let start = Double(after?.high ?? 0)
        let span = max(1, Double(last.subject.high) - start)
        let units = Double(page.count) * (Double(UInt64.max) - start) / span
        return max(page.count, Int(min(units.rounded(), 1e15)))
    }
}

/// Rows as they leave.
private struct ExportFormat: Sendable {
    let experiment: Experiment
    let names: UnitPseudonym
    let asCSV: Bool

    /// Named so that `cournot analyze` reads them.
    private static let columns = [
        "unit", "variant", "phase", "assigned_at", "exposed_at", "excluded", "orders", "quantity", "gross", "refunds",
        "revenue", "cost", "profit", "currency",
    ]

    static var csvHeader: [UInt8] {
        var writer = CSVWriter()
        for name in columns { writer.text(name) }
        writer.endRecord()
        return writer.bytes
    }

    func lines(of rows: [UnitRow]) -> [UInt8] {
        asCSV ? written(rows, CSVWriter(), appendCSV, \.bytes) : written(rows, JSONWriter(), appendJSON, \.bytes)
    }

    private func written<Writer>(
        _ rows: [UnitRow], _ empty: Writer, _ append: (UnitState, String, String, inout Writer) -> Void,
        _ bytes: (Writer) -> [UInt8]
    ) -> [UInt8] {
        var writer = empty
        for row in rows {
            let index = row.unit.variant
            let variant = experiment.variants.indices.contains(index) ? experiment.variants[index].name : ""
            append(row.unit, names.name(of: row.subject), variant, &writer)
        }
        return bytes(writer)
    }

    private func appendCSV(_ unit: UnitState, _ name: String, _ variant: String, to writer: inout CSVWriter) {
        let outcome = unit.outcome
        writer.text(name)
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
        writer.text(experiment.currency.code)
        writer.endRecord()
    }

    private func appendJSON(_ unit: UnitState, _ name: String, _ variant: String, to writer: inout JSONWriter) {
        let outcome = unit.outcome
        writer.beginObject()
        writer.field("unit", name)
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
    }
}
