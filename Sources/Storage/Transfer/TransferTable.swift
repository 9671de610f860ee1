/// One table as every engine has it: what a transfer carries over, row by row.
///
/// Each row belongs to a tenant, which is not among the columns. Engines may keep a column under another type, or make
/// it from others; what it means is the same.
struct TransferTable: Sendable {
    enum Kind: Sendable {
        case integer
        /// An integer of 32 bits where the engine has them.
        case small
        /// 0 or 1.
        case flag
        /// 16 bytes.
        case id
        case text
        /// An integer of 128 bits, as decimal text.
        case decimal
        case bytes
    }

    struct Column: Sendable {
        let name: String
        let kind: Kind
        var isOptional = false

        static func integer(_ name: String) -> Column { Column(name: name, kind: .integer) }
        static func small(_ name: String) -> Column { Column(name: name, kind: .small) }
        static func flag(_ name: String) -> Column { Column(name: name, kind: .flag) }
        static func id(_ name: String) -> Column { Column(name: name, kind: .id) }
        static func text(_ name: String) -> Column { Column(name: name, kind: .text) }
        static func decimal(_ name: String) -> Column { Column(name: name, kind: .decimal) }
        static func bytes(_ name: String) -> Column { Column(name: name, kind: .bytes) }

        var orNull: Column { Column(name: name, kind: kind, isOptional: true) }
    }

    let name: String
    /// Those of the key come first.
    let columns: [Column]
    /// How many columns, with the tenant, name a row: all engines find and sort by them alike. 0 where a tenant has one
    /// row.
    let keyWidth: Int
    /// Whether rows are large, so that fewer of them are carried at once.
    let isBulky: Bool

    var key: ArraySlice<Column> { columns.prefix(keyWidth) }
    /// The columns' names, with commas between.
    var list: String { columns.map(\.name).joined(separator: ", ") }
    var keyList: String { key.map(\.name).joined(separator: ", ") }

    private init(_ name: String, key: Int, isBulky: Bool = false, _ columns: [Column]) {
        self.name = name
        self.columns = columns
        keyWidth = key
        self.isBulky = isBulky
    }

    /// Every table, in the order of copying. Tenants come last: a target that is not complete serves nobody.
    static let all = [
        TransferTable("products", key: 1, [.text("sku"), .text("document")]),
        TransferTable(
            "product_vectors", key: 2, isBulky: true, [.text("sku"), .text("model"), .id("content"), .bytes("vector")]),
        TransferTable(
            "experiments", key: 1, isBulky: true, [.id("experiment_id"), .integer("changed_at"), .text("document")]),
        TransferTable(
            "api_keys", key: 1,
            [
                .id("key_id"), .text("role"), .text("name"), .bytes("hash"), .integer("created_at"),
                .integer("expires_at").orNull, .text("allowed"), .text("origins"),
            ]),
        audit,
        TransferTable(
            "decisions", key: 1, isBulky: true, [.id("decision_id"), .id("experiment_id"), .text("document")]),
        TransferTable(
            "checkouts", key: 1, isBulky: true,
            [.id("checkout_id"), .id("subject"), .integer("revision"), .flag("unfinished"), .text("document")]),
        TransferTable(
            "orders", key: 1, isBulky: true,
            [.id("order_id"), .id("subject"), .integer("revision"), .flag("unfinished"), .text("document")]),
        TransferTable("test_payments", key: 1, [.text("payment_key"), .text("document")]),
        TransferTable(
            "conversations", key: 1,
            [
                .id("conversation_id"), .id("subject"), .integer("version"), .text("state"), .integer("changed_at"),
                .text("document"),
            ]),
        TransferTable("messages", key: 2, [.id("conversation_id"), .integer("number"), .text("document")]),
        TransferTable(
            "model_calls", key: 2,
            [
                .id("call_id"), .small("number"), .id("conversation_id"), .small("day"), .integer("at"),
                .text("model"), .integer("most"), .integer("cost").orNull, .integer("input"), .integer("output"),
                .integer("cache_read"), .integer("cache_write"), .integer("long_cache_write"), .flag("estimated"),
            ]),
        TransferTable("model_budgets", key: 1, [.text("scope"), .integer("spent")]),
        TransferTable(
            "model_arms", key: 3, [.id("conversation_id"), .id("experiment_id"), .text("variant")]),
        TransferTable(
            "replies", key: 1, isBulky: true,
            [.id("scope"), .id("body_hash"), .small("status"), .bytes("body"), .integer("at")]),
        TransferTable("identities", key: 1, [.id("subject"), .id("canonical")]),
        TransferTable(
            "units", key: 2,
            [
                .id("experiment_id"), .id("subject"), .small("variant"), .small("phase"), .integer("assigned_at"),
                .integer("exposed_at").orNull, .flag("excluded"), .integer("orders"), .integer("quantity"),
                .integer("gross"), .integer("refunds"), .integer("cost"), .integer("gross_without_cost"),
                .flag("lacks_cost"), .flag("tallied"), .integer("covariate").orNull, .text("segments"),
                .small("checkouts"),
            ]),
        TransferTable(
            "offers", key: 7,
            [
                .id("subject"), .text("sku"), .id("experiment_id"), .small("variant"), .integer("price"),
                .text("currency"), .integer("repeated"), .integer("tail"), .integer("told_at"), .flag("exposed"),
                .integer("accepted_window").orNull,
            ]),
        TransferTable("event_ids", key: 1, [.id("id_hash")]),
        events, outcomes, cells, tallies,
        TransferTable("usage", key: 2, [.text("type"), .small("day"), .integer("used")]),
        TransferTable(
            "recorded", key: 2, isBulky: true, [.id("experiment_id"), .integer("as_of"), .text("document")]),
        TransferTable("tenants", key: 0, isBulky: true, [.integer("version"), .text("document")]),
    ]

    static let audit = TransferTable(
        "audit", key: 1,
        [
            .integer("sequence"), .integer("at"), .text("actor"), .text("action"), .text("target"),
            .text("request_id"), .bytes("previous"), .bytes("hash"),
        ])

    /// Raw events, each under the subject that its shopper goes by today.
    static let events = TransferTable(
        "events", key: 2,
        [
            .id("subject"), .id("id_hash"), .integer("timestamp"), .text("type"), .id("experiment_id").orNull,
            .text("sku").orNull, .integer("quantity"), .integer("revenue").orNull, .text("currency").orNull,
            .text("order_id").orNull, .integer("unit_cost").orNull, .id("quote").orNull, .bytes("properties"),
            .integer("received_at"),
        ])

    /// Conversions, refunds and checkouts: a table of its own in PostgreSQL, a part of `events` in SQLite.
    static let outcomes = TransferTable(
        "outcomes", key: 2,
        [
            .id("subject"), .id("id_hash"), .integer("timestamp"), .flag("is_refund"), .id("experiment_id").orNull,
            .text("sku").orNull, .integer("quantity"), .integer("revenue").orNull, .text("currency").orNull,
            .text("order_id").orNull, .integer("unit_cost").orNull, .flag("is_checkout"),
        ])

    static let tallies = TransferTable(
        "tallies", key: 5,
        [
            .id("experiment_id"), .small("variant"), .small("phase"), .small("series"), .small("place"),
            .integer("units"), .decimal("total"), .decimal("squares"),
        ])

    static let cells = TransferTable(
        "cells", key: 4,
        [
            .id("experiment_id"), .small("variant"), .small("phase"), .small("day"), .integer("units"),
            .integer("excluded"), .integer("converted"), .integer("orders"), .decimal("quantity"),
            .decimal("quantity_squares"), .decimal("revenue"), .decimal("revenue_squares"), .decimal("profit"),
            .decimal("profit_squares"), .integer("units_without_cost"), .decimal("profit_at_most"),
            .decimal("profit_at_least"),
        ])
}
