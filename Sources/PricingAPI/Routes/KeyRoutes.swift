internal import Crypto
internal import Experiments
internal import HTTPServer
internal import JSON

extension PricingAPI {
    func createKey(_ context: Context) async throws(Problem) -> Response {
        let tenant = try context.member.snapshot.tenant.id
        let now = service.clock.now()
        let text = APIKey.freshText()
        let id: APIKeyID = service.identifiers.next(at: now)
        let key = try context.read(
            ["role", "name", "expires_at", "allowed_addresses", "allowed_origins"],
            readOnly: ["id", "key", "created_at"]
        ) { reader in
            reader.require("role")
            let role = reader.choice("role", Role.self) ?? .widget
            if role == .operator { reader.fault("role", "The operator's key belongs to no tenant.") }
            let name = reader.string("name") ?? ""
            if name.count > 200 { reader.fault("name", "A key's name has at most 200 characters.") }
            let expiresAt = reader.timestamp("expires_at")
            if let expiresAt, expiresAt <= now { reader.fault("expires_at", "This lies in the past.") }
            var ranges: [AddressRange] = []
            for (index, address) in (reader.strings("allowed_addresses") ?? []).enumerated() {
                if let range = AddressRange(address) {
                    ranges.append(range)
                } else {
                    reader.collector.add(
                        reader.pointer.appending("allowed_addresses").appending(index),
                        "Not an IP address, nor a range such as 10.0.0.0/8.")
                }
            }
            if ranges.count > 100 { reader.fault("allowed_addresses", "A key has at most 100 address ranges.") }
            var origins: [WebOrigin] = []
            for (index, text) in (reader.strings("allowed_origins") ?? []).enumerated() {
                if let origin = WebOrigin(text) {
                    if !origins.contains(origin) { origins.append(origin) }
                } else {
                    reader.collector.add(
                        reader.pointer.appending("allowed_origins").appending(index),
                        "Not an origin such as https://shop.example: scheme, host, and port where it is not usual.")
                }
            }
            if origins.count > 100 { reader.fault("allowed_origins", "A key has at most 100 origins.") }
            if !origins.isEmpty, role != .widget {
                reader.fault("allowed_origins", "Only widget keys are used in browsers and have origins.")
            }
            return APIKey(
                id: id, role: role, name: name, hash: SHA256.hash(text), createdAt: now, expiresAt: expiresAt,
                allowedAddresses: ranges, allowedOrigins: origins)
        }
        var writer = JSONWriter()
        key.write(into: &writer, text: text)
        let outcome = Outcome(status: 201, location: "/api/v1/keys/\(key.id)", body: writer.bytes)
        return try await once(context) { keeper throws(ConfigurationError) in
            try await service.change(tenant, actor: context.caller.actor, requestID: context.requestID) {
                _, now throws(ConfigurationError) in
                Decided(
                    [.key(key)], action: "key.create", target: key.id.description, answer: outcome,
                    reply: keeper?.keep(outcome, at: now))
            }
        }
    }

    func listKeys(_ context: Context) throws(Problem) -> Response {
        let keys = try context.member.snapshot.keys
        return context.representation(
            try Paging(context).page(
                of: keys.keys, by: <, read: APIKeyID.init, text: \.description,
                write: { id, writer in keys[id]?.write(into: &writer) }))
    }

    func readKey(_ context: Context) throws(Problem) -> Response {
        guard let id = APIKeyID(context.parameter(0)), let key = try context.member.snapshot.keys[id] else {
            throw .notFound
        }
        var writer = JSONWriter()
        key.write(into: &writer)
        return context.representation(writer.bytes)
    }

    func removeKey(_ context: Context) async throws(Problem) -> Response {
        guard let id = APIKeyID(context.parameter(0)) else { throw .notFound }
        return try await remove(context) { snapshot, now throws(ConfigurationError) in
            guard let key = snapshot.keys[id] else { throw .notFound }
            let others = snapshot.keys.values.filter {
                $0.role == .merchant && $0.id != id && ($0.expiresAt.map { $0 > now } ?? true)
            }
            if key.role == .merchant, others.isEmpty {
                throw .conflict(
                    code: "last_merchant_key",
                    detail: "No other merchant key would be left that still works: make another one first.")
            }
            return Decided([.keyRemoved(id)], action: "key.remove", target: id.description, answer: ())
        }
    }

    /// Removes a thing: 204 without content.
    func remove(
        _ context: Context,
        _ decide: @escaping @Sendable (TenantSnapshot, Timestamp) throws(ConfigurationError) -> Decided<Void>
    ) async throws(Problem) -> Response {
        try context.refuseIfMatch()
        let tenant = try context.member.snapshot.tenant.id
        do throws(ConfigurationError) {
            try await service.change(tenant, actor: context.caller.actor, requestID: context.requestID) {
                snapshot, now throws(ConfigurationError) in
                try decide(snapshot, now)
            }
        } catch {
            throw Problem(error)
        }
        return Response(status: 204)
    }
}
