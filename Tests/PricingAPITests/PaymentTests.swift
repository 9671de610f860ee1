import AgentRuntime
import Experiments
import JSON
import Synchronization
import Testing

/// A provider that hears messages and makes nothing of them.
struct DeafProvider: PaymentProvider {
    let name = "stripe"
    func charge(_ request: ChargeRequest) async -> ChargeOutcome { .unknown }
    func find(_ request: ChargeRequest) async -> ChargeFinding { .absent }
    func refund(_ request: RefundRequest) async -> RefundOutcome { .unknown }
    func hear(_ message: ProviderMessage) async -> ProviderHint { .nothing }
}

/// A provider whose page the buyer goes to, and whose messages say `payment` and a secret.
final class PageProvider: PaymentProvider {
    struct State {
        var isPaid = false
        var isGone = false
        var asked = 0
        var returns: [String?] = []
    }

    let name = "page"
    let state = Mutex(State())

    func open(_ request: ChargeRequest) async -> OpeningOutcome {
        state.withLock { state in
            state.returns.append(request.returnURL)
            return state.isGone
                ? .unknown : .opened(PaymentOpening(reference: "page-\(request.key)", url: "https://pay.test/1"))
        }
    }
    func charge(_ request: ChargeRequest) async -> ChargeOutcome { .waiting(url: request.opening?.url) }
    func find(_ request: ChargeRequest) async -> ChargeFinding {
        state.withLock { state in
            state.asked += 1
            if state.isGone { return .known(.unknown) }
            guard state.isPaid else { return .known(.waiting(url: nil)) }
            return .known(.paid(reference: "paid-\(request.key)", amount: request.amount))
        }
    }
    func withdraw(_ request: ChargeRequest) async -> ChargeOutcome { .declined(.abandoned) }
    func refund(_ request: RefundRequest) async -> RefundOutcome { .succeeded(reference: "back") }
    func hear(_ message: ProviderMessage) async -> ProviderHint {
        guard message.header("x-signature") == "good" else { return .forged("a signature that does not fit") }
        let words = String(decoding: message.body, as: UTF8.self).split(separator: " ").map(String.init)
        guard words.count >= 2, let tenant = TenantID(words[0]), let checkout = CheckoutID(words[1]) else {
            return .nothing
        }
        return .payment(tenant: tenant, checkout: checkout, key: "\(checkout)-1", reference: "page-\(checkout)-1")
    }
}

@Suite struct PaymentTests {
    private func begun(_ shop: Shop, provider: String, payment: String = "") async throws -> (id: String, told: Told) {
        let quote = try #require(try await shop.quote("s-1")["id"]?.string)
        let made = try await shop.post(
            "/checkouts", #"{"lines":[{"quote":"\#(quote)","quantity":2}],"provider":"\#(provider)"}"#)
        let id = try #require(made["id"]?.string)
        let hash = try #require(made["totals_hash"]?.string)
        return (id, try await shop.post("/checkouts/\(id)/complete", #"{"totals_hash":"\#(hash)"\#(payment)}"#))
    }

    private func hear(_ shop: Shop, _ body: String, signature: String? = "good") async throws -> Told {
        try await shop.world.call(
            "POST", "/api/v1/payments/webhooks/page", body,
            headers: signature.map { [("X-Signature", $0)] } ?? [])
    }

    @Test func `a buyer is sent to the provider's page, and the order is there when a message says so`() async throws {
        let page = PageProvider()
        let shop = try await World(others: [page]).tenant()
        _ = try await shop.running()
        let settings = try await shop.world.call(
            "PUT", "/api/v1/payments", key: shop.merchant, #"{"provider":"page","return_url":"https://shop.test/"}"#)
        #expect(settings.status == 200, "\(settings.text)")
        let (id, told) = try await begun(shop, provider: "page")
        #expect(told.status == 202 && told["status"] == "paying", "\(told.text)")
        #expect(told["pay_url"] == "https://pay.test/1" && told["payment", "reference"] == .string("page-\(id)-1"))
        #expect(page.state.withLock { $0.returns } == ["https://shop.test/"])

        page.state.withLock { $0.isPaid = true }
        let message = "\(shop.id) \(id)"
        for signature in [nil, "bad"] as [String?] {
            let refused = try await hear(shop, message, signature: signature)
            #expect(refused.status == 400 && refused["code"] == "bad_signature")
        }
        #expect(page.state.withLock { $0.asked } == 0, "what is not proven changes nothing")
        #expect(try await hear(shop, message).status == 200)
        let orders = try await shop.get("/orders")
        #expect(orders["data"]?.array?.count == 1 && orders["data", "0", "checkout"] == .string(id))
        let after = orders.bytes
        for _ in 0..<5 { #expect(try await hear(shop, message + String(repeating: " x", count: 5000)).status == 200) }
        #expect(try await shop.get("/orders").bytes == after)
        let done = try await shop.get("/checkouts/\(id)")
        #expect(done["status"] == "completed" && done["pay_url"] == .null && done["payment"] == .null)
    }

    @Test func `a message that cannot be followed now is asked for again`() async throws {
        let page = PageProvider()
        let shop = try await World(others: [page]).tenant()
        _ = try await shop.running()
        page.state.withLock { $0.isGone = true }
        let (_, told) = try await begun(shop, provider: "page")
        #expect(told.status == 503 && told["code"] == "provider_unreachable", "nothing was begun")
        #expect(try await hear(shop, "anything").status == 200)
        #expect(try await hear(shop, "\(shop.id) chk_\(String(repeating: "0", count: 32))").status == 200)
        let nobody = try await shop.world.call("POST", "/api/v1/payments/webhooks/nobody", "{}")
        #expect(nobody.status == 404)
    }

    @Test func `a checkout that is being paid on a page can be given up`() async throws {
        let shop = try await World(others: [PageProvider()]).tenant()
        _ = try await shop.running()
        let (id, told) = try await begun(shop, provider: "page")
        #expect(told.status == 202)
        let canceled = try await shop.post("/checkouts/\(id)/cancel")
        #expect(canceled.status == 200 && canceled["status"] == "canceled", "\(canceled.text)")
    }

    @Test func `a transfer is paid when the merchant says that just so much came`() async throws {
        let shop = try await World(others: [BankTransfer()]).tenant()
        _ = try await shop.running()
        let refused = try await begun(shop, provider: "bank").told
        #expect(refused.status == 402 && refused["code"] == "bank_instructions_missing")
        _ = try await shop.world.call(
            "PUT", "/api/v1/payments", key: shop.merchant, #"{"bank_instructions":"Account 1 at the Bank"}"#)
        let (id, told) = try await begun(shop, provider: "bank")
        let reference = try #require(told["payment", "reference"]?.string)
        #expect(told.status == 202 && reference.hasPrefix("CN") && reference.utf8.count == 14)
        #expect(told["payment", "instructions"]?.string?.hasPrefix("Account 1 at the Bank\n") == true)
        let due = try #require(told["totals", "total", "amount"]?.int64)
        func receive(_ amount: Int64, _ currency: String = "USD", key: String? = nil) async throws -> Told {
            try await shop.world.call(
                "POST", "/api/v1/checkouts/\(id)/received", key: key ?? shop.merchant,
                #"{"amount":{"amount":\#(amount),"currency":"\#(currency)"}}"#)
        }
        for wrong in [due - 1, due + 1] {
            let told = try await receive(wrong)
            #expect(told.status == 409 && told["code"] == "amount_mismatch", "\(told.text)")
        }
        #expect(try await receive(due, "EUR").status == 409)
        #expect(try await receive(due, key: shop.agent).status == 403)
        let done = try await receive(due)
        #expect(done.status == 200 && done["order", "payment"] == .string(reference), "\(done.text)")
        #expect(try await receive(due).bytes == done.bytes)
        #expect(try await shop.get("/orders")["data"]?.array?.count == 1)
        let test = try await begun(shop, provider: "test")
        let odd = try await shop.post(
            "/checkouts/\(test.id)/received", #"{"amount":{"amount":1,"currency":"USD"}}"#)
        #expect(odd.status == 422)
    }

    @Test func `how a tenant is paid is its own to say, in order and in the audit`() async throws {
        let shop = try await World(others: [BankTransfer()]).tenant()
        let standard = try await shop.get("/payments")
        #expect(standard["providers"] == ["test", "bank"] && standard["provider"] == .null)
        for (body, pointer) in [
            (#"{"provider":"stripe"}"#, "/provider"), (#"{"stripe_account":"acct_"}"#, "/stripe_account"),
            (#"{"stripe_account":"acct_1/../x"}"#, "/stripe_account"),
            (#"{"return_url":"http://shop.test/"}"#, "/return_url"),
            (#"{"return_url":"https://user@shop.test/"}"#, "/return_url"),
            (#"{"bank_instructions":""}"#, "/bank_instructions"), (#"{"fee":0}"#, "/fee"),
        ] {
            let told = try await shop.world.call("PUT", "/api/v1/payments", key: shop.merchant, body)
            #expect(told.status == 422 && told.pointers == [pointer], "\(body): \(told.text)")
        }
        let set = try await shop.world.call(
            "PUT", "/api/v1/payments", key: shop.merchant,
            #"{"provider":"bank","stripe_account":"acct_1A","return_url":"http://localhost:3000/x"}"#)
        #expect(set.status == 200 && set["merchant_of_record"] == true)
        #expect(try await shop.get("/payments").bytes == set.bytes)
        let audit = try await shop.get("/audit")
        #expect(audit["data"]?.array?.contains { $0["action"] == "payments.change" } == true)
        #expect(
            try await shop.world.call("GET", "/api/v1/payments", key: shop.agent).status == 403)
        _ = try await shop.running()
        let quote = try #require(try await shop.quote("s-1")["id"]?.string)
        #expect(try await shop.post("/checkouts", #"{"lines":[{"quote":"\#(quote)"}]}"#)["provider"] == "bank")
    }
}
