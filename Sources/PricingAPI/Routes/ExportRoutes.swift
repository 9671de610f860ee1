internal import Experiments
internal import HTTPServer

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
        let format = ExportFormat(experiment: experiment, pseudonyms: names, asCSV: asCSV)
        let isStart = start == nil
        let name = "\(experiment.id).\(asCSV ? "csv" : "ndjson")"
        return Response(
            status: 200,
            headers: [
                ("Content-Type", asCSV ? "text/csv; charset=utf-8" : "application/x-ndjson"),
                ("Content-Disposition", "attachment; filename=\"\(name)\""),
                ("Cournot-Units-Left", String(ExportPages.estimate(of: first, after: start))),
                ("Cournot-Columns", format.columnsHash),
            ],
            body: .stream { output in
                if asCSV, isStart { try await output.write(format.csvHeader) }
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
