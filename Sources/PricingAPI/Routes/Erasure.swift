internal import Experiments
internal import HTTPServer
internal import JSON

extension PricingAPI {
    /// Takes away something of the shopper that the path names, says how many there were, and keeps an audit row of it
    /// under the shopper's hash.
    func erase<Failure: Refusal>(
        _ context: Context, as action: String,
        _ body: (TenantKey, TenantSnapshot) async throws(Failure) -> Int
    ) async throws(Problem) -> Response {
        let snapshot = try context.member.snapshot
        guard let shopper = TenantKey(context.parameter(0)) else { throw .notFound }
        try context.requireNoContent()
        let erased: Int
        do throws(Failure) {
            erased = try await body(shopper, snapshot)
        } catch {
            throw error.problem
        }
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("erased", erased)
        writer.endObject()
        let outcome = Outcome(status: 200, body: writer.bytes)
        do throws(ConfigurationError) {
            return try await service.change(
                snapshot.tenant.id, actor: context.caller.actor, requestID: context.requestID
            ) { snapshot, _ throws(ConfigurationError) in
                Decided([], action: action, target: snapshot.subject(of: shopper).hex, answer: outcome)
            }.response
        } catch {
            throw Problem(error)
        }
    }
}
