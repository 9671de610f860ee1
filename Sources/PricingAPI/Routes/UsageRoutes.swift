internal import Experiments
internal import HTTPServer

extension PricingAPI {
    /// What was used of the month under way, in UTC, and what is left of it.
    func currentUsage(_ context: Context) async throws(Problem) -> Response {
        let tenant = try context.member.snapshot.tenant
        let month = service.clock.now().monthDays
        let usage = try await usage(of: tenant.id, on: month)
        return Response(
            status: 200, contentType: "application/json", body: usage.wire(of: month, limit: tenant.usageLimit))
    }

    /// The same by day; the last thirty where none are named.
    func usageHistory(_ context: Context) async throws(Problem) -> Response {
        let tenant = try context.member.snapshot.tenant.id
        let from = try context.day("from")
        let through = try context.day("through")
        let last = through ?? max(from ?? .min, service.clock.now().day)
        let first = from ?? last - 29
        try Context.check(from: first, through: last)
        let usage = try await usage(of: tenant, on: first..<last + 1)
        return Response(status: 200, contentType: "application/json", body: usage.wire(from: first, through: last))
    }

    private func usage(of tenant: TenantID, on days: Range<Int32>) async throws(Problem) -> UsageRecords {
        do throws(StoreError) {
            return try await service.store.usage(of: tenant, on: days)
        } catch {
            throw Problem(error)
        }
    }
}
