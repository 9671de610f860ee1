internal import AgentRuntime
internal import Experiments
internal import SQLite

extension WriteSession {
    /// Keeps a step of a checkout or an order with its events and its reply, unless something else came before it.
    func commit(_ commit: CheckoutCommit, in snapshot: TenantSnapshot, at now: Timestamp) throws -> CheckoutCommitted {
        let tenant = snapshot.tenant.id
        if let reply = commit.reply, let known = try Configuration.reply(in: reply.scope, at: reply.at, database) {
            throw StoreError.repeated(known)
        }
        if let checkout = commit.checkout, try revision(of: checkout.id, tenant) != checkout.revision - 1 {
            return .stale
        }
        if let order = commit.order, try revision(of: order.id, tenant) != order.revision - 1 { return .stale }
        let outcomes = try ingest(commit.events, in: snapshot, at: now)
        if let checkout = commit.checkout { try put(checkout, of: tenant) }
        var order = commit.order
        if let made = order, made.revision == 1 { order = made.noting(outcomes) }
        if let order { try put(order, of: tenant) }
        if let reply = commit.reply { try save(reply) }
        return .kept(order)
    }

    /// 0 for what is not there.
    private func revision(of id: CheckoutID, _ tenant: TenantID) throws -> Int64 {
        let select = try database.prepare("SELECT revision FROM checkouts WHERE tenant_id = ? AND checkout_id = ?")
        try select.bind(tenant.bits, id.bits)
        return try select.step() ? try select.int64(0) : 0
    }

    /// 0 for what is not there.
    private func revision(of id: OrderID, _ tenant: TenantID) throws -> Int64 {
        let select = try database.prepare("SELECT revision FROM orders WHERE tenant_id = ? AND order_id = ?")
        try select.bind(tenant.bits, id.bits)
        return try select.step() ? try select.int64(0) : 0
    }

    private func put(_ checkout: Checkout, of tenant: TenantID) throws {
        let put = try database.prepare(
            """
            INSERT INTO checkouts (tenant_id, checkout_id, subject, revision, unfinished, document)
            VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT (tenant_id, checkout_id) DO UPDATE SET revision = excluded.revision,
                unfinished = excluded.unfinished, document = excluded.document
            """)
        try put.bind(
            tenant.bits, checkout.id.bits, checkout.subject, checkout.revision, checkout.isUnfinished ? 1 : 0,
            try Documents.text(checkout))
        try put.run()
    }

    private func put(_ order: Order, of tenant: TenantID) throws {
        let put = try database.prepare(
            """
            INSERT INTO orders (tenant_id, order_id, subject, revision, unfinished, document)
            VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT (tenant_id, order_id) DO UPDATE SET revision = excluded.revision,
                unfinished = excluded.unfinished, document = excluded.document
            """)
        try put.bind(
            tenant.bits, order.id.bits, order.subject, order.revision, order.isUnfinished ? 1 : 0,
            try Documents.text(order))
        try put.run()
    }

    /// Keeps what the test provider did unless it did something under that key before; returns what is kept.
    func keep(_ payment: TestPayment, of tenant: TenantID) throws -> TestPayment {
        if let known = try Checkouts.testPayment(payment.key, in: tenant, database) { return known }
        let insert = try database.prepare(
            "INSERT INTO test_payments (tenant_id, payment_key, document) VALUES (?, ?, ?)")
        try insert.bind(tenant.bits, payment.key, try Documents.text(payment))
        try insert.run()
        return payment
    }
}

/// The read side of checkouts and orders.
enum Checkouts {
    static func checkout(_ id: CheckoutID, in tenant: TenantID, _ database: Database) throws -> Checkout? {
        let select = try database.prepare("SELECT document FROM checkouts WHERE tenant_id = ? AND checkout_id = ?")
        try select.bind(tenant.bits, id.bits)
        return try select.step() ? try Documents.value(Checkout.self, from: try select.string(0)) : nil
    }

    static func order(_ id: OrderID, in tenant: TenantID, _ database: Database) throws -> Order? {
        let select = try database.prepare("SELECT document FROM orders WHERE tenant_id = ? AND order_id = ?")
        try select.bind(tenant.bits, id.bits)
        return try select.step() ? try Documents.value(Order.self, from: try select.string(0)) : nil
    }

    static func orders(
        in tenant: TenantID, before: OrderID?, limit: Int, _ database: Database
    ) throws -> [Order] {
        let select = try database.prepare(
            "SELECT document FROM orders WHERE tenant_id = ? AND order_id < ? ORDER BY order_id DESC LIMIT ?")
        try select.bind(tenant.bits, before?.bits ?? Bits128(high: .max, low: .max), limit)
        var out: [Order] = []
        while try select.step() { out.append(try Documents.value(Order.self, from: try select.string(0))) }
        return out
    }

    static func unfinished(
        in tenant: TenantID, limit: Int, _ database: Database
    ) throws -> (checkouts: [CheckoutID], orders: [OrderID]) {
        let checkouts = try database.prepare(
            "SELECT checkout_id FROM checkouts WHERE tenant_id = ? AND unfinished = 1 ORDER BY checkout_id LIMIT ?")
        try checkouts.bind(tenant.bits, limit)
        var out: (checkouts: [CheckoutID], orders: [OrderID]) = ([], [])
        while try checkouts.step() { out.checkouts.append(try checkouts.identifier(0)) }
        let orders = try database.prepare(
            "SELECT order_id FROM orders WHERE tenant_id = ? AND unfinished = 1 ORDER BY order_id LIMIT ?")
        try orders.bind(tenant.bits, limit)
        while try orders.step() { out.orders.append(try orders.identifier(0)) }
        return out
    }

    static func purchases(
        of subject: Subject, in tenant: TenantID, _ database: Database
    ) throws -> (checkouts: [CheckoutID], orders: [OrderID]) {
        let known = try Rows.canonical(subject, of: tenant, in: database)
        var out: (checkouts: [CheckoutID], orders: [OrderID]) = ([], [])
        let checkouts = try database.prepare(
            """
            SELECT checkout_id FROM checkouts WHERE tenant_id = ? AND subject IN (
                SELECT ? UNION SELECT subject FROM identities WHERE tenant_id = ? AND canonical = ?)
            ORDER BY checkout_id
            """)
        try checkouts.bind(tenant.bits, known, tenant.bits, known)
        while try checkouts.step() { out.checkouts.append(try checkouts.identifier(0)) }
        let orders = try database.prepare(
            """
            SELECT order_id FROM orders WHERE tenant_id = ? AND subject IN (
                SELECT ? UNION SELECT subject FROM identities WHERE tenant_id = ? AND canonical = ?)
            ORDER BY order_id
            """)
        try orders.bind(tenant.bits, known, tenant.bits, known)
        while try orders.step() { out.orders.append(try orders.identifier(0)) }
        return out
    }

    static func testPayment(_ key: String, in tenant: TenantID, _ database: Database) throws -> TestPayment? {
        let select = try database.prepare("SELECT document FROM test_payments WHERE tenant_id = ? AND payment_key = ?")
        try select.bind(tenant.bits, key)
        return try select.step() ? try Documents.value(TestPayment.self, from: try select.string(0)) : nil
    }
}
