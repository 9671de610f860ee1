internal import AgentRuntime
internal import Crypto
internal import Experiments
internal import HTTPServer
internal import JSON

/// A quote that anybody can check with the published keys.
struct SignedQuote: Sendable {
    let jws: String
    let keyID: String
}

extension PricingAPI {
    /// A signature for a quote that still holds, made when it is asked for: prices are told without one.
    func signQuote(_ context: Context) async throws(Problem) -> Response {
        let snapshot = try context.member.snapshot
        guard let id = QuoteID(context.parameter(0)) else { throw .notFound }
        let quote: Quote?
        do throws(StoreError) {
            quote = try await service.quote(id, in: snapshot, isPromised: true)
        } catch {
            throw Problem(error)
        }
        guard let quote else { throw .notFound }
        let signed = try await sign(quote, in: snapshot)
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("jws", signed.jws)
        writer.field("kid", signed.keyID)
        writer.endObject()
        return Response(status: 200, contentType: "application/json", body: writer.bytes)
    }

    /// Signs what the quote's own seal says, away from the loops.
    func sign(_ quote: Quote, in snapshot: TenantSnapshot) async throws(Problem) -> SignedQuote {
        let now = service.clock.now()
        guard now < quote.expiresAt else { throw .quoteExpired }
        let sealed: SealedQuote
        do throws(SealError) {
            sealed = try snapshot.seal.open(quote.token, at: now)
        } catch {
            throw error == .broken ? Problem(500, "internal", "The quote's seal cannot be opened.") : .quoteExpired
        }
        // Whether tax is in the price or comes on top is for checkouts to say.
        let taxMode = checkouts?.tax.isIncluded(in: snapshot.tenant) == false ? "exclusive" : "inclusive"
        return try await onWorkers { () throws(Problem) in
            let claims = sealed.claims(
                of: quote, in: snapshot, nonce: Base64URL.encode(SecureRandom.bytes(16)), taxMode: taxMode, at: now)
            let key = signers.key(for: snapshot)
            return SignedQuote(jws: JWS.compact(claims, signedBy: key), keyID: key.publicKey.keyID)
        }
    }

    /// The keys that signed quotes are checked with (RFC 7517).
    func publishKeys(_ context: Context) async throws(Problem) -> Response {
        var snapshots: [TenantSnapshot] = []
        if let text = try context.query("tenant") {
            guard let snapshot = TenantID(text).flatMap(service.snapshot(of:)) else { throw .notFound }
            snapshots = [snapshot]
        } else if signers.published.isEmpty {
            guard service.tenantCount <= Self.mostTenants else {
                throw .parameter("Here each tenant has its own key: add `?tenant=ten_…`, as the `tenant` claim says.")
            }
            snapshots = service.tenants.sorted().compactMap(service.snapshot(of:))
        }
        return try await onWorkers { [snapshots] () throws(Problem) in
            var keys = signers.published
            for snapshot in snapshots {
                for key in signers.published(for: snapshot) where !keys.contains(key) { keys.append(key) }
            }
            let body = #"{"keys":["# + keys.map(\.jwk).joined(separator: ",") + "]}"
            return Response(status: 200, contentType: "application/jwk-set+json", body: Array(body.utf8))
        }
    }

    /// Of so many the keys are listed together.
    private static let mostTenants = 1000
}

extension Problem {
    static var quoteExpired: Problem {
        Problem(410, "quote_expired", "This quote has expired; ask for the price again.")
    }
}

extension SealedQuote {
    /// The content of a signed quote: what the seal says, and what a reader outside needs to understand it.
    func claims(of quote: Quote, in snapshot: TenantSnapshot, nonce: String, taxMode: String, at now: Timestamp)
        -> [UInt8]
    {
        let experiment = placement.flatMap { snapshot.experiments[$0.experiment] }
        var writer = JSONWriter()
        writer.reserve(768)
        writer.beginObject()
        writer.field("tenant", tenant)
        writer.field("quote", self.quote)
        writer.field("shopper", subject.hex)
        writer.field("product", product.text)
        writer.key("experiment")
        if let placement { writer.string(placement.experiment.description) } else { writer.null() }
        if let experiment {
            writer.field("experiment_version", experiment.version)
        } else {
            writer.null("experiment_version")
        }
        writer.field("variant", optional: placement == nil ? nil : quote.variant)
        writer.field("amount", price.amount)
        writer.field("currency", price.currency.code)
        writer.field("display", price.display)
        writer.key("quantity")
        writer.beginObject()
        writer.field("minimum", 1)
        writer.field("maximum", maximumQuantity)
        writer.endObject()
        writer.field("tax_mode", taxMode)
        writer.field("disclosure", optional: quote.disclosure)
        writer.field("nonce", nonce)
        writer.field("quoted_at", quote.issuedAt)
        writer.field("expires_at", expiresAt)
        writer.field("iat", now.milliseconds / 1000)
        writer.field("exp", expiresAt.milliseconds / 1000)
        writer.endObject()
        return writer.bytes
    }
}
