internal import Experiments
internal import HTTPServer
internal import JSON

extension PricingAPI {
    /// Opens a session for one shopper: for a browser that a server vouches for, or an anonymous one under a widget key.
    func openSession(_ context: Context) throws(Problem) -> Response {
        let (principal, snapshot) = try context.member
        // Who has a session already opens no other with it.
        guard principal.shopper == nil else {
            throw Problem(403, "forbidden", "A shopper session cannot open another one.")
        }
        let now = service.clock.now()
        let named = try context.read(["shopper"]) { reader -> TenantKey? in
            let shopper = reader.tenantKey("shopper")
            if shopper != nil, principal.role == .widget {
                reader.fault(
                    "shopper",
                    "A widget key is public: a session for a shopper of yours is opened by your server, with an agent key."
                )
            }
            return shopper
        }
        let anonymous: Identifier<AnonymousShopper> = service.identifiers.next(at: now)
        guard let shopper = named ?? TenantKey(anonymous.description), let seal = snapshot.sessions else {
            throw Problem(500, "internal", "The session cannot be sealed.")
        }
        let session = ShopperSession(
            tenant: snapshot.tenant.id, key: principal.key.id, shopper: shopper,
            expiresAt: now.advanced(by: .seconds(ShopperSession.lifetime)))
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("session", seal.seal(session))
        writer.field("shopper", shopper.text)
        writer.field("expires_at", session.expiresAt)
        writer.endObject()
        return Response(status: 201, contentType: "application/json", body: writer.bytes)
    }
}

extension Principal {
    /// Refuses a session that acts for anybody but its own shopper.
    func checkShopper(_ shopper: TenantKey) throws(Problem) {
        guard mayAct(for: shopper) else {
            throw Problem(403, "forbidden", "A session acts for its own shopper alone.")
        }
    }
}
