internal import AgentRuntime
internal import Experiments
internal import JSON

extension AssistantTool {
    static let prices = [
        AssistantTool(
            "get_price", title: "Ask for a shopper's price",
            "The price of a product for one shopper. The same shopper hears the same price by every door. Say `display` "
                + "as it stands, and with it the text of `disclosure` where there is one, word for word. Asking counts as telling the shopper, unless `expose` is false. There is no argument "
                + "for a price: none is negotiated.",
            for: sellers, .once,
            input: ToolSchema.object(
                JSONObject([
                    ("shopper", ToolSchema.key("Who asks: the merchant's own id of the shopper, always the same.")),
                    ("product", ToolSchema.key("The product's SKU.")),
                    (
                        "quantity",
                        [
                            "type": "integer", "minimum": 1, "maximum": .integer(Quote.largestQuantity), "default": 1,
                            "description": "How many; the price of one does not change with it.",
                        ]
                    ),
                    ("attributes", ["type": "object", "description": "What is known of the shopper, for audiences."]),
                    ("currency", ToolSchema.text("ISO 4217; refused where the product has another.")),
                    (
                        "expose",
                        ["type": "boolean", "default": true, "description": "False where the shopper is not told yet."]
                    ),
                    (
                        "signed",
                        ["type": "boolean", "default": false, "description": "Whether to add a signature to check by."]
                    ),
                ]), required: ["shopper", "product"]),
            output: ToolSchema.object(
                JSONObject([
                    (
                        "quote",
                        ["type": "string", "pattern": "^quo_[0-9a-f]{32}$", "description": "What is bought by."]
                    ),
                    ("shopper", ["type": "string"]), ("product", ["type": "string"]), ("title", ["type": "string"]),
                    ("price", ToolSchema.money), ("quantity", ["type": "integer", "minimum": 1]),
                    ("subtotal", ToolSchema.money),
                    (
                        "tax",
                        [
                            "type": ["string", "null"], "enum": ["included", "added", .null],
                            "description": "Whether the price holds tax, or tax is added at the checkout; null: none.",
                        ]
                    ),
                    ("expires_at", ["type": "string", "format": "date-time"]),
                    (
                        "disclosure",
                        ToolSchema.disclosure
                    ),
                    (
                        "signature",
                        ToolSchema.object(
                            JSONObject([("jws", ["type": "string"]), ("kid", ["type": "string"])]),
                            required: ["jws", "kid"])
                    ),
                ]),
                required: [
                    "quote", "shopper", "product", "title", "price", "quantity", "subtotal", "tax", "expires_at",
                    "disclosure",
                ])
        ) { api, context, arguments throws(Problem) in try await api.priceForAssistant(context, arguments) }
    ]
}

extension PricingAPI {
    /// `POST /quotes` in an assistant's words: no list price beside the shopper's own, no experiment, no token.
    fileprivate func priceForAssistant(_ context: Context, _ arguments: JSONNode) async throws(Problem) -> [UInt8] {
        let snapshot = try context.member.snapshot
        let asked = try ToolArguments.read(
            arguments, ["shopper", "product", "attributes", "quantity", "currency", "expose", "signed"]
        ) { reader in (request: QuoteRequest(reader), isSigned: reader.bool("signed") ?? false) }
        guard let request = asked.request else { throw .invalid([]) }
        let quote: Quote
        do throws(QuoteError) {
            quote = try await service.quote(request, in: snapshot)
        } catch {
            throw Problem(error)
        }
        let (subtotal, isTooLarge) = quote.price.amount.multipliedReportingOverflow(by: request.quantity)
        if isTooLarge { throw .invalid([Fault("/quantity", "The subtotal would be too large.")]) }
        let signature = asked.isSigned ? try await sign(quote, in: snapshot) : nil
        countTold(quote, in: snapshot)
        var writer = JSONWriter()
        writer.reserve(1024)
        writer.beginObject()
        writer.field("quote", quote.id)
        writer.field("shopper", request.shopper.text)
        writer.field("product", quote.product.text)
        writer.field(
            "title", ToldText.title(snapshot.catalogue[quote.product]?.product.title ?? "", sku: quote.product))
        writer.field("price", quote.price)
        writer.field("quantity", request.quantity)
        writer.field("subtotal", Money(amount: subtotal, currency: quote.price.currency))
        let isIncluded = checkouts?.tax.isIncluded(in: snapshot.tenant)
        writer.field("tax", optional: isIncluded.map { $0 ? "included" : "added" })
        writer.field("expires_at", quote.expiresAt)
        writer.field("disclosure", optional: quote.disclosure)
        if let signature {
            writer.key("signature")
            writer.beginObject()
            writer.field("jws", signature.jws)
            writer.field("kid", signature.keyID)
            writer.endObject()
        }
        writer.endObject()
        return writer.bytes
    }
}
