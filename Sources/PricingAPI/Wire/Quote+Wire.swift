internal import Experiments
internal import JSON

extension Quote {
    /// - Parameter isForShopper: without the list price and the experiment, which tell what others may pay, and without
    ///   the token, which names the experiment.
    func write(into writer: inout JSONWriter, isForShopper: Bool = false) {
        writer.beginObject()
        writer.field("id", id)
        writer.field("shopper", optional: shopper?.text)
        writer.field("product", product.text)
        writer.field("price", price)
        if !isForShopper {
            writer.field("list_price", listPrice)
            writer.experiment(experiment, variant, reason)
        }
        writer.field("state", state.rawValue)
        writer.field("issued_at", issuedAt)
        writer.field("expires_at", expiresAt)
        writer.field("maximum_quantity", maximumQuantity)
        if !isForShopper { writer.field("token", token) }
        writer.field("disclosure", optional: disclosure)
        writer.endObject()
    }

    var wire: [UInt8] { wire(isForShopper: false) }

    func wire(isForShopper: Bool) -> [UInt8] {
        var writer = JSONWriter()
        writer.reserve(768)
        write(into: &writer, isForShopper: isForShopper)
        return writer.finish()
    }
}

extension PeekedPrice {
    var wire: [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("shopper", shopper.text)
        writer.field("product", product.text)
        writer.field("price", price)
        writer.field("list_price", listPrice)
        writer.experiment(experiment, variant, reason)
        writer.field("disclosure", optional: disclosure)
        writer.endObject()
        return writer.bytes
    }
}

extension JSONWriter {
    /// `{"id", "variant", "reason"}`: why this price, whether or not an experiment set it.
    fileprivate mutating func experiment(_ id: ExperimentID?, _ variant: String?, _ reason: Quote.Reason) {
        key("experiment")
        beginObject()
        if let id { field("id", id) } else { null("id") }
        field("variant", optional: variant)
        field("reason", reason.rawValue)
        endObject()
    }
}

extension QuoteRequest {
    static let keys: [StaticString] = [
        "shopper", "product", "attributes", "quantity", "currency", "channel", "expose",
    ]

    /// In a shopper's session.
    static let shopperKeys: [StaticString] = ["shopper", "product", "quantity", "currency"]

    /// Nil, with faults, when it cannot be read.
    init?(_ reader: ObjectReader) {
        reader.require("shopper")
        reader.require("product")
        let shopper = reader.tenantKey("shopper")
        let product = reader.tenantKey("product")
        var attributes = reader.attributes("attributes") ?? [:]
        let quantity = reader.integer("quantity") ?? 1
        let currency = reader.currency("currency")
        if let channel = reader.string("channel"), attributes["channel"] == nil {
            attributes["channel"] = .string(channel)
        }
        let expose = reader.bool("expose") ?? true
        guard let shopper, let product else { return nil }
        self.init(
            shopper: shopper, product: product, attributes: attributes, quantity: quantity, currency: currency,
            expose: expose)
    }
}
