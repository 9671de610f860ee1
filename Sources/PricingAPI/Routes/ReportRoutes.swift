internal import Analysis
internal import Experiments
internal import HTTPServer
internal import Reports

extension PricingAPI {
    /// What the counts say. With `as_of` the counts as they were recorded then: the same inputs give the same bytes.
    func report(_ context: Context) async throws(Problem) -> Response {
        let experiment = try context.experiment()
        let tenant = try context.member.snapshot.tenant.id
        let format = try context.query("format") ?? "json"
        guard ["json", "csv", "html"].contains(format) else { throw .parameter("`format` is json, csv or html.") }
        var asOf: Timestamp?
        if let text = try context.query("as_of") {
            guard let time = Timestamp(rfc3339: text) else {
                throw .parameter("`as_of` is an RFC 3339 time such as 2026-05-01T12:00:00Z.")
            }
            asOf = time
        }
        let measurements: Measurements?
        do throws(StoreError) {
            measurements = try await service.store.measurements(of: experiment.id, in: tenant, asOf: asOf)
        } catch {
            throw Problem(error)
        }
        guard let measurements else {
            throw Problem(
                404, "no_report",
                "No report was made as of this time. Ask without `as_of`, and again with the `as_of` that the answer prints."
            )
        }
        // Counting is quick, integrating posteriors is not: a loop has no time for it.
        guard let workers = configuration.workers else { return try write(measurements, as: format) }
        return try await withTaskExecutorPreference(workers) { () async throws(Problem) -> Response in
            try self.write(measurements, as: format)
        }
    }

    private func write(_ measurements: Measurements, as format: String) throws(Problem) -> Response {
        let report: Report
        do throws(AnalysisError) {
            report = try Analyst.report(of: measurements)
        } catch {
            throw Problem(
                500, "counts_inconsistent", "The counts contradict themselves; the operator has to look at it.")
        }
        let version = configuration.version
        switch format {
        case "csv":
            return Response(
                status: 200, contentType: "text/csv; charset=utf-8",
                body: ReportCSV.encode(report, engineVersion: version))
        case "html":
            var response = Response(
                status: 200, contentType: "text/html; charset=utf-8",
                body: ReportHTML.encode(report, engineVersion: version))
            response.headers.append(
                (
                    "Content-Security-Policy",
                    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'"
                ))
            return response
        default:
            return Response(
                status: 200, contentType: "application/json",
                body: ReportJSON.encode(report, engineVersion: version))
        }
    }
}
