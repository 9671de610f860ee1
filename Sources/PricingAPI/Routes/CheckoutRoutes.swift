internal import AgentRuntime
internal import Experiments
internal import HTTPServer
internal import JSON

extension PricingAPI {
    private func selling() throws(Problem) -> CheckoutService {
        guard let checkouts else { throw Problem(.noProvider) }
        return checkouts
    }

    /// Makes a checkout of quotes. What is charged is what they say: a request can name no price.
    func createCheckout(_ context: Context) async throws(Problem) -> Response {
        let checkouts = try selling()
        let snapshot = try context.member.snapshot
        let draft = try context.read(CheckoutDraft.keys) { CheckoutDraft($0) }
        return try await once(context) { keeper throws(CheckoutError) in
            let clock = service.clock
            let checkout = try await checkouts.create(draft, in: snapshot) { checkout in
                keeper?.keep(Self.made(checkout), at: clock.now())
            }
            return Self.made(checkout)
        }
    }

    private static func made(_ checkout: Checkout) -> Outcome {
        Outcome(status: 201, location: "/api/v1/checkouts/\(checkout.id)", body: checkout.wire())
    }

    /// The checkout that the path names: the caller's own where it is a shopper.
    private func checkout(of context: Context) async throws(Problem) -> CheckoutID {
        let (principal, snapshot) = try context.member
        guard let id = CheckoutID(context.parameter(0)) else { throw .notFound }
        guard principal.shopper != nil else { return id }
        let checkouts = try selling()
        do throws(CheckoutError) {
            let checkout = try await checkouts.read(id, in: snapshot).checkout
            guard principal.mayAct(for: checkout.subject, in: snapshot) else { throw CheckoutError.notFound }
        } catch {
            throw Problem(error)
        }
        return id
    }

    func readCheckout(_ context: Context) async throws(Problem) -> Response {
        let checkouts = try selling()
        let snapshot = try context.member.snapshot
        let id = try await checkout(of: context)
        do throws(CheckoutError) {
            let (checkout, order) = try await checkouts.read(id, in: snapshot)
            return Response(status: 200, contentType: "application/json", body: checkout.wire(order: order))
        } catch {
            throw Problem(error)
        }
    }

    /// Has it paid: by a buyer who agreed to just these totals.
    func completeCheckout(_ context: Context) async throws(Problem) -> Response {
        let checkouts = try selling()
        let snapshot = try context.member.snapshot
        let id = try await checkout(of: context)
        let (hash, payment) = try context.read(["totals_hash", "payment"]) { reader in
            reader.require("totals_hash")
            let payment = reader.object("payment", keys: ["token", "return_url"])
            return (
                reader.string("totals_hash") ?? "",
                PaymentChoice(token: payment?.string("token"), returnURL: payment?.string("return_url"))
            )
        }
        if let address = payment.returnURL { try checkReturn(to: address, context) }
        let requestID = context.requestID
        return try await once(context) { keeper throws(CheckoutError) in
            let clock = service.clock
            let completion = try await checkouts.complete(id, totalsHash: hash, payment: payment, in: snapshot) {
                done in
                keeper?.keep(Self.told(done, requestID), at: clock.now())
            }
            return Self.told(completion, requestID)
        }
    }

    private static func told(_ completion: Completion, _ requestID: String) -> Outcome {
        switch completion {
        case .completed(let checkout, let order): Outcome(status: 200, body: checkout.wire(order: order))
        case .declined(_, let decline): Outcome(status: 402, body: Problem(decline).body(requestID: requestID))
        case .pending(let checkout): Outcome(status: 202, body: checkout.wire(), isUnfinished: true)
        }
    }

    func cancelCheckout(_ context: Context) async throws(Problem) -> Response {
        let checkouts = try selling()
        let snapshot = try context.member.snapshot
        let id = try await checkout(of: context)
        try context.requireNoContent()
        do throws(CheckoutError) {
            let checkout = try await checkouts.cancel(id, in: snapshot)
            return Response(status: 200, contentType: "application/json", body: checkout.wire())
        } catch {
            throw Problem(error)
        }
    }

    // MARK: Orders

    func readOrder(_ context: Context) async throws(Problem) -> Response {
        let checkouts = try selling()
        let snapshot = try context.member.snapshot
        guard let id = OrderID(context.parameter(0)) else { throw .notFound }
        do throws(CheckoutError) {
            let order = try await checkouts.order(id, in: snapshot)
            return Response(status: 200, contentType: "application/json", body: order.wire)
        } catch {
            throw Problem(error)
        }
    }

    /// Newest first.
    func listOrders(_ context: Context) async throws(Problem) -> Response {
        let checkouts = try selling()
        let snapshot = try context.member.snapshot
        let paging = try Paging(context)
        let before = try paging.after { OrderID($0) }
        let found: [Order]
        do throws(CheckoutError) {
            found = try await checkouts.orders(before: before, limit: paging.limit + 1, in: snapshot)
        } catch {
            throw Problem(error)
        }
        let page = Array(found.prefix(paging.limit))
        let next = found.count > paging.limit ? page.last?.id.description : nil
        let body = Paging.body(page, next: next) { order, writer in order.write(into: &writer) }
        return Response(status: 200, contentType: "application/json", body: body)
    }

    /// Pays back part of an order or what is left of it; reports count it in the same transaction.
    func refundOrder(_ context: Context) async throws(Problem) -> Response {
        let checkouts = try selling()
        let snapshot = try context.member.snapshot
        guard let id = OrderID(context.parameter(0)) else { throw .notFound }
        let (amount, reason) = try context.read(["amount", "reason"]) { reader in
            let reason = reader.string("reason")
            if (reason ?? "").utf8.count > 500 { reader.fault("reason", "A reason has at most 500 bytes.") }
            return (reader.money("amount"), reason)
        }
        let requestID = context.requestID
        return try await once(context) { keeper throws(CheckoutError) in
            let clock = service.clock
            let (order, refund) = try await checkouts.refund(
                id, amount: amount, reason: reason, request: keeper?.scope.hash, in: snapshot
            ) { order, refund in
                keeper?.keep(Self.told(refund, of: order, requestID), at: clock.now())
            }
            return Self.told(refund, of: order, requestID)
        }
    }

    /// Takes away who bought.
    func eraseBuyer(_ context: Context) async throws(Problem) -> Response {
        let checkouts = try selling()
        return try await erase(context, as: "buyer.erase") { shopper, snapshot throws(CheckoutError) in
            try await checkouts.eraseBuyer(shopper, in: snapshot)
        }
    }

    private static func told(_ refund: Refund, of order: Order, _ requestID: String) -> Outcome {
        switch refund.state {
        case .succeeded: Outcome(status: 201, body: refund.wire(of: order))
        case .pending: Outcome(status: 202, body: refund.wire(of: order), isUnfinished: true)
        case .failed(let why):
            Outcome(
                status: 409,
                body: Problem(409, "refund_refused", "The payment provider did not pay back: \(why.detail)")
                    .body(requestID: requestID))
        }
    }
}
