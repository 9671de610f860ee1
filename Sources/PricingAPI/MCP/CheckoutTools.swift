internal import AgentRuntime
internal import Crypto
internal import Experiments
internal import HTTPServer
internal import JSON

// From prices to a checkout. What pays it is an act of the buyer's, which no tool stands for.

extension AssistantTool {
    private static func id(_ prefix: String, _ description: String) -> JSONValue {
        ["type": "string", "pattern": .string("^\(prefix)_[0-9a-f]{32}$"), "description": .string(description)]
    }

    private static let line = ToolSchema.object(
        JSONObject([
            ("quote", id("quo", "Where the price comes from.")), ("product", ["type": "string"]),
            ("title", ["type": "string"]), ("unit_price", ToolSchema.money),
            ("quantity", ["type": "integer", "minimum": 1]), ("subtotal", ToolSchema.money), ("tax", ToolSchema.money),
            ("total", ToolSchema.money), ("disclosure", ToolSchema.disclosure),
        ]),
        required: ["quote", "product", "title", "unit_price", "quantity", "subtotal", "tax", "total", "disclosure"])

    private static let totals = ToolSchema.object(
        JSONObject([
            ("subtotal", ToolSchema.money), ("tax", ToolSchema.money), ("total", ToolSchema.money),
            ("tax_included", ["type": "boolean", "description": "Whether the subtotal holds the tax."]),
        ]), required: ["subtotal", "tax", "total", "tax_included"])

    private static let checkout = ToolSchema.object(
        JSONObject([
            ("checkout", id("chk", "The checkout's id.")),
            ("status", ["type": "string", "enum": .array(Checkout.Status.allCases.map { .string($0.rawValue) })]),
            ("lines", ToolSchema.list(of: line)), ("totals", totals),
            ("totals_hash", ToolSchema.text("What the buyer agrees to when paying.")),
            ("expires_at", ["type": "string", "format": "date-time"]),
            ("order", ["type": ["string", "null"], "description": "The order's id, once it is paid."]),
        ]), required: ["checkout", "status", "lines", "totals", "totals_hash", "expires_at", "order"])

    private static let order = ToolSchema.object(
        JSONObject([
            ("order", id("ord", "The order's id.")), ("checkout", id("chk", "What it was paid by.")),
            ("lines", ToolSchema.list(of: line)), ("totals", totals), ("refunded", ToolSchema.money),
            ("placed_at", ["type": "string", "format": "date-time"]),
        ]), required: ["order", "checkout", "lines", "totals", "refunded", "placed_at"])

    static let checkouts = [
        AssistantTool(
            "create_checkout", title: "Prepare a checkout",
            "Puts live quotes of one shopper into a checkout, at the prices they say. Nothing is paid: the buyer does "
                + "that, on the merchant's page. With an `idempotency_key` the same checkout is made once.",
            for: sellers, .adds, sells: true,
            input: ToolSchema.object(
                JSONObject([
                    (
                        "lines",
                        [
                            "type": "array", "minItems": 1, "maxItems": .integer(Int64(Checkout.mostLines)),
                            "items": ToolSchema.object(
                                JSONObject([
                                    ("quote", id("quo", "As get_price told it.")),
                                    (
                                        "quantity",
                                        [
                                            "type": "integer", "minimum": 1,
                                            "maximum": .integer(Quote.largestQuantity), "default": 1,
                                        ]
                                    ),
                                ]), required: ["quote"]),
                        ]
                    ), ("idempotency_key", ToolSchema.key("Any text of yours.")),
                ]), required: ["lines"]),
            output: checkout
        ) { api, context, arguments throws(Problem) in try await api.checkoutForAssistant(context, arguments) },

        AssistantTool(
            "get_checkout", title: "Look a checkout up", "Its state, and its order once it is paid.", for: sellers,
            .none, sells: true,
            input: ToolSchema.object(
                JSONObject([("checkout", id("chk", "The checkout's id."))]), required: ["checkout"]),
            output: checkout
        ) { api, context, arguments throws(Problem) in
            let snapshot = try context.member.snapshot
            let name = try ToolArguments.read(arguments, ["checkout"]) { reader in
                reader.require("checkout")
                return reader.string("checkout")
            }
            guard let id = name.flatMap({ CheckoutID($0) }) else { throw Problem(CheckoutError.notFound) }
            do throws(CheckoutError) {
                let (checkout, order) = try await api.selling().read(id, in: snapshot)
                return checkout.wireForAssistant(order: order?.id)
            } catch {
                throw Problem(error)
            }
        },

        AssistantTool(
            "get_order", title: "Look an order up", "What was bought and paid, and what was paid back.", for: sellers,
            .none, sells: true,
            input: ToolSchema.object(JSONObject([("order", id("ord", "The order's id."))]), required: ["order"]),
            output: order
        ) { api, context, arguments throws(Problem) in
            let snapshot = try context.member.snapshot
            let name = try ToolArguments.read(arguments, ["order"]) { reader in
                reader.require("order")
                return reader.string("order")
            }
            guard let id = name.flatMap({ OrderID($0) }) else { throw Problem(CheckoutError.notFound) }
            do throws(CheckoutError) {
                return try await api.selling().order(id, in: snapshot).wireForAssistant
            } catch {
                throw Problem(error)
            }
        },
    ]
}

extension PricingAPI {
    fileprivate func selling() throws(CheckoutError) -> CheckoutService {
        guard let checkouts else { throw .noProvider }
        return checkouts
    }

    fileprivate func checkoutForAssistant(
        _ context: Context, _ arguments: JSONNode
    ) async throws(Problem) -> [UInt8] {
        let snapshot = try context.member.snapshot
        // A buyer's name and address are no business of a model's.
        let (draft, name) = try ToolArguments.read(arguments, ["lines", "idempotency_key"]) { reader in
            reader.require("lines")
            return (CheckoutDraft(reader), reader.string("idempotency_key"))
        }
        let keeper = try name.map { key throws(Problem) in
            try ReplyKeeper(key, of: "create_checkout", arguments, context)
        }
        let response = try await once(keeper) { keeper throws(CheckoutError) in
            let clock = service.clock
            let checkout = try await selling().create(draft, in: snapshot) { checkout in
                keeper?.keep(Self.made(checkout), at: clock.now())
            }
            return Self.made(checkout)
        }
        guard case .bytes(let body) = response.body else { throw Problem(500, "internal", "The checkout has no text.") }
        return body
    }

    private static func made(_ checkout: Checkout) -> Outcome {
        Outcome(status: 201, body: checkout.wireForAssistant(order: nil))
    }
}

extension ReplyKeeper {
    /// Of a tool that is called with an `idempotency_key`: the same arguments are carried out once.
    init(_ key: String, of tool: String, _ arguments: JSONNode, _ context: Context) throws(Problem) {
        let content: [UInt8]
        do throws(JSONError) {
            content = try JSONValue(arguments).serialized()
        } catch {
            throw .invalid([Fault("", "\(error).")])
        }
        try self.init(Array(key.utf8)[...], of: "mcp " + tool, content: SHA256.hash(content), context)
    }
}

extension Checkout {
    fileprivate func wireForAssistant(order: OrderID?) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("checkout", id)
        writer.field("status", status.rawValue)
        writer.linesForAssistant(lines, totals)
        writer.field("totals_hash", totalsHash)
        writer.field("expires_at", expiresAt)
        writer.field("order", optional: order?.description)
        writer.endObject()
        return writer.bytes
    }
}

extension Order {
    fileprivate var wireForAssistant: [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("order", id)
        writer.field("checkout", checkout)
        writer.linesForAssistant(lines, totals)
        writer.field("refunded", Money(amount: refunded, currency: totals.currency))
        writer.field("placed_at", placedAt)
        writer.endObject()
        return writer.bytes
    }
}

extension JSONWriter {
    fileprivate mutating func linesForAssistant(_ lines: [CheckoutLine], _ totals: CheckoutTotals) {
        self.lines(lines, totals) { ToldText.title($0.title, sku: $0.product) }
    }
}
