internal import Crypto
public import Experiments
internal import HTTPServer
internal import JSON

extension PricingAPI {
    func createTenant(_ context: Context) async throws(Problem) -> Response {
        let now = service.clock.now()
        let template = SignUp(name: "", service: service, at: now)
        let tenant = try context.read(Tenant.settableKeys, readOnly: Tenant.readOnlyKeys) { reader in
            reader.require("name")
            var tenant = template.tenant
            tenant.take(reader)
            return tenant
        }
        var signUp = template
        signUp.tenant = tenant
        let outcome = Outcome(status: 201, body: signUp.wire)
        let (keys, requestID) = (signUp.keys.map(\.key), context.requestID)
        return try await once(context) { keeper throws(ConfigurationError) in
            try await service.create(
                tenant, keys: keys, actor: context.caller.actor, requestID: requestID, answer: outcome,
                reply: keeper?.keep(outcome, at: now))
        }
    }

    func readTenant(_ context: Context) throws(Problem) -> Response {
        context.representation(try context.member.snapshot.tenant.wire)
    }

    func changeTenant(_ context: Context) async throws(Problem) -> Response {
        let id = try context.member.snapshot.tenant.id
        let patch = try MergePatch(context)
        return try await change(context, id) { snapshot, now throws(ChangeRefusal) in
            let current = snapshot.tenant.wire
            let merged = try patch.merged(onto: current, context, readOnly: Tenant.readOnlyKeys + ["plan"])
            var tenant = snapshot.tenant
            try merged.read(Tenant.settableKeys + Tenant.readOnlyKeys) { tenant.take($0) }
            return Decided(
                [.tenant(tenant)], action: "tenant.change", target: id.description,
                answer: Outcome(status: 200, body: tenant.wire))
        }
    }
}

/// A new tenant with its first four keys: what `POST /tenants` and the command line make.
public struct SignUp: Sendable {
    public var tenant: Tenant
    /// Each key with its text, which is shown once.
    public let keys: [(key: APIKey, text: String)]

    /// - Parameter name: 1 to 200 characters; `PricingService.create` checks.
    public init(name: String, plan: String = "free", service: PricingService, at now: Timestamp) {
        tenant = Tenant(
            id: service.identifiers.next(at: now), name: name, plan: plan, createdAt: now,
            secrets: TenantSecrets(subjectKey: SecureRandom.bytes(32), sealKey: SecureRandom.bytes(32)))
        keys = [Role.merchant, .agent, .analyst, .widget].map { role in
            let text = APIKey.freshText()
            let key = APIKey(
                id: service.identifiers.next(at: now), role: role, name: "First \(role.rawValue) key",
                hash: SHA256.hash(text), createdAt: now)
            return (key, text)
        }
    }

    /// `{"tenant": {…}, "keys": {"merchant": "ck_…", …}}`
    public var wire: [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("tenant")
        tenant.write(into: &writer)
        writer.key("keys")
        writer.beginObject()
        for (key, text) in keys {
            writer.key(dynamic: key.role.rawValue)
            writer.string(text)
        }
        writer.endObject()
        writer.endObject()
        return writer.bytes
    }
}
