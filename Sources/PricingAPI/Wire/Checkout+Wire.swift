internal import AgentRuntime
internal import Experiments
internal import JSON

extension Checkout {
    /// - Parameter order: once it is completed.
    func write(into writer: inout JSONWriter, order: Order?) {
        writer.beginObject()
        writer.field("id", id)
        writer.field("status", status.rawValue)
        writer.field("provider", provider)
        writer.lines(lines, totals, buyer)
        writer.field("totals_hash", totalsHash)
        let opening = status == .paying ? opening : nil
        writer.field("pay_url", optional: opening?.url)
        writer.key("payment")
        if let opening {
            writer.beginObject()
            writer.field("reference", opening.reference)
            writer.field("instructions", optional: opening.instructions)
            writer.endObject()
        } else {
            writer.null()
        }
        writer.key("last_decline")
        writer.decline(lastDecline)
        writer.key("order")
        if let order { order.write(into: &writer) } else { writer.null() }
        writer.field("created_at", createdAt)
        writer.field("expires_at", expiresAt)
        writer.endObject()
    }

    func wire(order: Order? = nil) -> [UInt8] {
        var writer = JSONWriter()
        write(into: &writer, order: order)
        return writer.bytes
    }
}

extension Order {
    func write(into writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("id", id)
        writer.field("checkout", checkout)
        writer.field("provider", payment.provider)
        writer.field("payment", payment.reference)
        writer.lines(lines, totals, buyer)
        writer.field("refunded", Money(amount: refunded, currency: totals.currency))
        writer.field("refundable", Money(amount: refundable, currency: totals.currency))
        writer.key("refunds")
        writer.beginArray()
        for refund in refunds { refund.write(into: &writer, of: self) }
        writer.endArray()
        writer.key("disputes")
        writer.beginArray()
        for dispute in disputes ?? [] {
            writer.beginObject()
            writer.field("reference", dispute.reference)
            writer.field("status", dispute.status.rawValue)
            writer.field("amount", Money(amount: dispute.amount, currency: totals.currency))
            writer.field("reason", optional: dispute.reason)
            writer.field("noticed_at", dispute.noticedAt)
            writer.endObject()
        }
        writer.endArray()
        writer.key("uncounted")
        writer.beginArray()
        for one in uncounted {
            writer.beginObject()
            writer.field("line", one.line)
            writer.field("code", one.code)
            writer.field("detail", one.detail)
            writer.endObject()
        }
        writer.endArray()
        writer.field("placed_at", placedAt)
        writer.endObject()
    }

    var wire: [UInt8] {
        var writer = JSONWriter()
        write(into: &writer)
        return writer.bytes
    }
}

extension Refund {
    func write(into writer: inout JSONWriter, of order: Order) {
        var decline: Decline?
        let status: String
        switch state {
        case .pending: status = "pending"
        case .succeeded: status = "succeeded"
        case .failed(let why):
            status = "failed"
            decline = why
        }
        writer.beginObject()
        writer.field("id", id)
        writer.field("order", order.id)
        writer.field("provider", order.payment.provider)
        writer.field("status", status)
        writer.field("amount", Money(amount: amount, currency: order.totals.currency))
        writer.field("payment", optional: reference)
        writer.field("reason", optional: reason)
        writer.field("origin", origin?.rawValue ?? "order")
        writer.key("decline")
        writer.decline(decline)
        writer.field("created_at", createdAt)
        writer.endObject()
    }

    func wire(of order: Order) -> [UInt8] {
        var writer = JSONWriter()
        write(into: &writer, of: order)
        return writer.bytes
    }
}

extension JSONWriter {
    /// What checkouts and orders have in common.
    fileprivate mutating func lines(_ lines: [CheckoutLine], _ totals: CheckoutTotals, _ buyer: Buyer?) {
        self.lines(lines, totals) { $0.title }
        self.buyer(buyer)
    }

    /// - Parameter title: what a line's product is called there.
    mutating func lines(_ lines: [CheckoutLine], _ totals: CheckoutTotals, title: (CheckoutLine) -> String) {
        let currency = totals.currency
        key("lines")
        beginArray()
        for line in lines {
            beginObject()
            field("quote", line.quote)
            field("product", line.product.text)
            field("title", title(line))
            field("unit_price", Money(amount: line.unitPrice, currency: currency))
            field("quantity", line.quantity)
            field("subtotal", Money(amount: line.subtotal, currency: currency))
            field("tax", Money(amount: line.tax, currency: currency))
            field("total", Money(amount: line.total, currency: currency))
            field("disclosure", optional: line.disclosure)
            endObject()
        }
        endArray()
        key("totals")
        beginObject()
        field("subtotal", Money(amount: totals.subtotal, currency: currency))
        field("tax", Money(amount: totals.tax, currency: currency))
        field("total", Money(amount: totals.total, currency: currency))
        field("tax_included", totals.isTaxIncluded)
        endObject()
    }

    private mutating func buyer(_ buyer: Buyer?) {
        key("buyer")
        guard let buyer else {
            null()
            return
        }
        beginObject()
        field("name", optional: buyer.name)
        field("email", optional: buyer.email)
        field("phone", optional: buyer.phone)
        field("country", optional: buyer.country)
        field("region", optional: buyer.region)
        field("postal_code", optional: buyer.postalCode)
        endObject()
    }

    fileprivate mutating func decline(_ decline: Decline?) {
        guard let decline else {
            null()
            return
        }
        beginObject()
        field("code", decline.code)
        field("detail", decline.detail)
        endObject()
    }
}

extension CheckoutDraft {
    static let keys: [StaticString] = ["lines", "buyer", "provider"]

    init(_ reader: ObjectReader) {
        reader.require("lines")
        let lines =
            reader.objects("lines", keys: ["quote", "quantity"], none: Line(quote: "")) { reader in
                reader.require("quote")
                return Line(quote: reader.string("quote") ?? "", quantity: reader.integer("quantity") ?? 1)
            } ?? []
        let buyer = reader.object("buyer", keys: ["name", "email", "phone", "country", "region", "postal_code"])
        self.init(
            lines: lines,
            buyer: buyer.map { buyer in
                Buyer(
                    name: buyer.string("name"), email: buyer.string("email"), phone: buyer.string("phone"),
                    country: buyer.string("country"), region: buyer.string("region"),
                    postalCode: buyer.string("postal_code"))
            },
            provider: reader.string("provider"))
    }
}
