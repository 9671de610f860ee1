internal import Analysis
internal import EventLoop
internal import Experiments
internal import HTTPServer
internal import Reports

extension PricingAPI {
    /// The report as it changes, as Server-Sent Events.
    func follow(_ context: Context) throws(Problem) -> Response {
        let experiment = try context.experiment()
        let snapshot = try context.member.snapshot
        let tenant = snapshot.tenant.id
        let principal = try context.member.principal
        let seat: LiveReports.Seat
        do throws(LiveReports.Refusal) {
            seat = try live.seat(of: principal)
        } catch {
            throw Problem(error)
        }
        let key = LiveReports.Key(tenant: tenant, experiment: experiment.id)
        let known = context.request.header("last-event-id")
        return Response(
            status: 200, headers: [("Content-Type", "text/event-stream"), ("X-Accel-Buffering", "no")],
            body: .stream { [self] output in
                defer { withExtendedLifetime(seat) {} }
                try await output.write("retry: 2000\n\n")
                try await live.follow(key, known: known) {
                    // A key that was taken away hears no more.
                    guard isStillWelcome(context) else { return false }
                    return await output.hasReader
                } tell: { bytes throws(ConnectionClosed) in
                    try await output.write(bytes)
                }
            })
    }

    /// A report for those who watch: without history and demand, and without a promise of its `as_of`.
    static func liveEvent(
        _ key: LiveReports.Key, after mark: LiveReports.Mark?, from service: PricingService,
        _ configuration: APIConfiguration
    ) async -> LiveReports.Event? {
        guard let version = service.snapshot(of: key.tenant)?.experiments[key.experiment]?.version else { return nil }
        // What cannot be read now is read at the next look.
        guard let changedAt = try? await service.store.countsChangedAt(of: key.experiment, in: key.tenant),
            mark != LiveReports.Mark(asOf: changedAt, version: version),
            let counts = try? await service.store.newestCounts(of: key.experiment, in: key.tenant)
        else { return nil }
        let next = LiveReports.Mark(asOf: counts.asOf, version: version)
        @Sendable func event() -> LiveReports.Event? {
            guard var report = try? Analyst.report(of: counts) else { return nil }
            report.isKept = false
            report.history = nil
            report.demand = nil
            var bytes = Array("id: \(counts.asOf)\nevent: report\ndata: ".utf8)
            bytes += ReportJSON.encode(report, engineVersion: configuration.version)
            bytes += [UInt8(ascii: "\n"), UInt8(ascii: "\n")]
            return LiveReports.Event(mark: next, id: counts.asOf.description, bytes: bytes)
        }
        guard let workers = configuration.workers else { return event() }
        return await withTaskExecutorPreference(workers) { () async -> LiveReports.Event? in event() }
    }
}

extension Problem {
    init(_ refusal: LiveReports.Refusal) {
        switch refusal {
        case .taken(let limit):
            self = Problem(
                429, "too_many_streams",
                "This tenant watches \(limit) experiments here already. Close one, or read the report instead."
            ).with("Retry-After", "15")
        case .closing:
            self = Problem(503, "shutting_down", "This server is about to end; another one will answer.")
                .with("Retry-After", "1")
        }
    }
}
