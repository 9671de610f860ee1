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

extension SignUp {
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
