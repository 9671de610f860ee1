internal import AgentRuntime
internal import Experiments
internal import HTTPServer
internal import JSON

extension PricingAPI {
    func readPayments(_ context: Context) throws(Problem) -> Response {
        context.representation(wire(try context.member.snapshot.tenant.payments))
    }

    /// Says anew how a tenant is paid.
    func setPayments(_ context: Context) async throws(Problem) -> Response {
        let known = checkouts?.providerNames ?? []
        let settings = try context.read(PaymentSettings.keys, readOnly: ["providers"]) { reader in
            let settings = PaymentSettings(reader)
            if let provider = settings.provider, !known.contains(provider) {
                reader.fault("provider", "Here there is " + known.joined(separator: ", ") + ".")
            }
            return settings
        }
        return try await setSettings(context, action: "payments.change", wire: { self.wire($0.payments) }) {
            $0.payments = settings
        }
    }

    private func wire(_ settings: PaymentSettings) -> [UInt8] {
        settings.wire(providers: checkouts?.providerNames ?? [])
    }

    /// Takes what a provider sends by itself. It bears no key of ours: what proves it is its own signature.
    func hearProvider(_ context: Context) async throws(Problem) -> Response {
        guard let checkouts else { throw .notFound }
        let message = ProviderMessage(
            headers: context.request.headers.map { ($0.name.lowercased(), $0.value) }, body: context.request.body,
            receivedAt: service.clock.now())
        let hint: ProviderHint
        do throws(CheckoutError) {
            hint = try await checkouts.heed(message, of: context.parameter(0))
        } catch .noProvider {
            throw .notFound
        } catch {
            throw Problem(error)
        }
        switch hint {
        case .payment, .returned, .nothing:
            return Response(status: 200, contentType: "application/json", body: Array(#"{"received":true}"#.utf8))
        case .unverified: throw Problem(CheckoutError.providerUnreachable)
        case .forged(let why):
            throw Problem(400, "bad_signature", "This is not proven to be of the provider: \(why).")
        }
    }

    /// Takes the merchant's word that money came.
    func receivePayment(_ context: Context) async throws(Problem) -> Response {
        guard let checkouts else { throw Problem(CheckoutError.noProvider) }
        let snapshot = try context.member.snapshot
        guard let id = CheckoutID(context.parameter(0)) else { throw .notFound }
        let amount = try context.read(["amount"]) { reader in
            reader.require("amount")
            return reader.money("amount")
        }
        guard let amount else { throw .notFound }
        do throws(CheckoutError) {
            let (checkout, order) = try await checkouts.receive(id, amount: amount, in: snapshot)
            return Response(status: 200, contentType: "application/json", body: checkout.wire(order: order))
        } catch {
            throw Problem(error)
        }
    }

    /// Refuses to send a buyer to a page that is none of the shop's, where a shopper's own session asks for it.
    func checkReturn(to address: String, _ context: Context) throws(Problem) {
        let fault = Problem.invalid([Fault("/payment/return_url", PaymentSettings.returnURLFault)])
        guard PaymentSettings.isReturnURL(address), let origin = WebOrigin(pageAddress: address) else { throw fault }
        let (principal, snapshot) = try context.member
        guard principal.shopper != nil else { return }
        if principal.key.allowedOrigins.contains(origin) { return }
        if configuration.allowedOrigins.contains(origin.description) { return }
        if let own = snapshot.tenant.payments.returnURL, WebOrigin(pageAddress: own) == origin { return }
        if let host = context.request.header("host"), origin.isServed(byHost: host) { return }
        throw .invalid([Fault("/payment/return_url", "This is no page of the shop's.")])
    }
}

extension PaymentSettings {
    static let keys: [StaticString] = [
        "provider", "stripe_account", "merchant_of_record", "return_url", "bank_instructions",
    ]

    /// Settings that say all: what is not said is standard. Faults go to the reader.
    init(_ reader: ObjectReader) {
        self.init(
            provider: reader.string("provider"), stripeAccount: reader.string("stripe_account"),
            isMerchantOfRecord: reader.bool("merchant_of_record") ?? PaymentSettings.standard.isMerchantOfRecord,
            returnURL: reader.string("return_url"), bankInstructions: reader.string("bank_instructions"))
        var faults = Faults()
        validate(into: &faults)
        reader.collector.add(unlessKnown: faults)
    }

    /// - Parameter providers: which there are.
    func wire(providers: [String]) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("provider", optional: provider)
        writer.field("stripe_account", optional: stripeAccount)
        writer.field("merchant_of_record", isMerchantOfRecord)
        writer.field("return_url", optional: returnURL)
        writer.field("bank_instructions", optional: bankInstructions)
        writer.key("providers")
        writer.beginArray()
        for provider in providers { writer.string(provider) }
        writer.endArray()
        writer.endObject()
        return writer.bytes
    }
}
