internal import Experiments
internal import JSON

// What there is to buy. No amounts: a price is a shopper's own, and get_price tells it.

extension AssistantTool {
    static let catalogue = [
        AssistantTool(
            "get_product", title: "Look a product up",
            "A product by its SKU: title, description and attributes. It tells no price, for prices are each shopper's "
                + "own: ask get_price.",
            for: sellers, .none,
            input: ToolSchema.object(
                JSONObject([("product", ToolSchema.key("The product's SKU."))]), required: ["product"]),
            output: productSchema
        ) { _, context, arguments throws(Problem) in
            let snapshot = try context.member.snapshot
            let sku = try ToolArguments.read(arguments, ["product"]) { reader in
                reader.require("product")
                return reader.tenantKey("product")
            }
            guard let product = sku.flatMap({ snapshot.catalogue[$0]?.product }) else {
                throw Problem(404, "product_not_found", "There is no product with this SKU.")
            }
            var writer = JSONWriter()
            product.writeForAssistant(into: &writer)
            return writer.bytes
        }
    ]

    static let productSchema = ToolSchema.object(
        JSONObject([
            ("sku", ["type": "string"]), ("title", ["type": "string"]), ("description", ["type": "string"]),
            ("currency", ["type": "string", "pattern": "^[A-Z]{3}$"]), ("attributes", ["type": "object"]),
        ]), required: ["sku", "title", "description", "currency", "attributes"])
}

extension Product {
    fileprivate func writeForAssistant(into writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("sku", sku.text)
        writer.field("title", title)
        writer.field("description", description)
        writer.field("currency", currency.code)
        writer.field("attributes", attributes)
        writer.endObject()
    }
}

/// The arguments of a tool, read as strictly as a body.
enum ToolArguments {
    static func read<Value>(
        _ arguments: JSONNode, _ keys: [StaticString], _ body: (ObjectReader) -> Value
    ) throws(Problem) -> Value {
        let collector = FaultCollector()
        guard let reader = ObjectReader(arguments, keys: keys, collector) else {
            throw .invalid(collector.faults.list)
        }
        let value = body(reader)
        try collector.check()
        return value
    }
}
