public import AgentRuntime
public import Experiments
internal import HTTPServer
public import JSON
internal import Synchronization

extension PricingAPI {
    /// Plays the agent's rehearsal and keeps what it came to.
    func testAgent(_ context: Context) async throws(Problem) -> Response {
        let (_, snapshot) = try context.member
        try context.requireNoContent()
        guard let makeStore = configuration.rehearsalStore else {
            throw Problem(409, "rehearsal_off", "This server has no stage to rehearse on.")
        }
        guard rehearsing.begin(snapshot.tenant.id) else {
            throw Problem(409, "rehearsal_running", "A test of this agent is running.").with("Retry-After", "5")
        }
        defer { rehearsing.end(snapshot.tenant.id) }
        let scenes: [RehearsedScene]
        do throws(StoreError) {
            scenes = try await rehearse(snapshot, in: makeStore())
        } catch {
            throw Problem(error)
        }
        let verdict = scenes.verdict(on: snapshot.tenant.agent, at: service.clock.now())
        do throws(ConfigurationError) {
            try await service.keep(
                verdict, of: snapshot.tenant.id, actor: context.caller.actor, requestID: context.requestID)
        } catch {
            throw Problem(error)
        }
        var writer = JSONWriter()
        scenes.write(verdict, into: &writer)
        return Response(status: 200, contentType: "application/json", body: writer.bytes)
    }

    /// Away from the loop, where there is somewhere else: some hundred messages are said.
    private func rehearse(
        _ snapshot: TenantSnapshot, in store: any Store & CheckoutStore
    ) async throws(StoreError) -> [RehearsedScene] {
        let rehearsal = try await Rehearsal(
            of: snapshot, in: store, search: search, sells: checkouts?.providerNames.isEmpty == false,
            clock: service.clock,
            identifiers: service.identifiers)
        guard let workers = configuration.workers else { return await rehearsal.play() }
        return await withTaskExecutorPreference(workers) { await rehearsal.play() }
    }
}

/// The tenants whose agents are rehearsing in this process.
final class Rehearsing: Sendable {
    private let tenants = Mutex<Set<TenantID>>([])

    func begin(_ tenant: TenantID) -> Bool { tenants.withLock { $0.insert(tenant).inserted } }
    func end(_ tenant: TenantID) { tenants.withLock { _ = $0.remove(tenant) } }
}

extension Tenant {
    /// The agent's settings as they are answered: with what their last test came to.
    var agentWire: [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        agent.write(into: &writer)
        if let agentVerdict {
            writer.key("last_test")
            writer.beginObject()
            agentVerdict.write(into: &writer)
            writer.field("of_these_settings", agentVerdict.settings == agent)
            writer.endObject()
        } else {
            writer.null("last_test")
        }
        writer.endObject()
        return writer.bytes
    }
}

extension AgentVerdict {
    fileprivate func write(into writer: inout JSONWriter) {
        writer.field("passed", passed)
        writer.field("at", at)
        writer.field("scenes", scenes)
        writer.field("failed", failures)
    }
}

extension Collection<RehearsedScene> {
    /// `{"passed", "at", "scenes", "failed", "results": […]}`
    ///
    /// - Parameter tenant: said first, where several tenants' stand together.
    public func write(_ verdict: AgentVerdict, of tenant: TenantID? = nil, into writer: inout JSONWriter) {
        writer.beginObject()
        if let tenant { writer.field("tenant", tenant.description) }
        verdict.write(into: &writer)
        writer.key("results")
        writer.beginArray()
        for scene in self { scene.write(into: &writer) }
        writer.endArray()
        writer.endObject()
    }
}

extension RehearsedScene {
    fileprivate func write(into writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("scene", kind.rawValue)
        writer.field("language", language.rawValue)
        writer.field("product", optional: product?.text)
        let (result, why): (String, String?) =
            switch outcome {
            case .passed: ("passed", nil)
            case .skipped(let why): ("skipped", why)
            case .failed(let why): ("failed", why)
            }
        writer.field("result", result)
        writer.field("why", optional: why)
        writer.key("said")
        writer.beginArray()
        for line in said {
            writer.beginObject()
            writer.field("role", line.role.rawValue)
            writer.field("text", line.text)
            writer.endObject()
        }
        writer.endArray()
        writer.endObject()
    }
}
