internal import Experiments
internal import Postgres

/// The first half of a turn: the transaction begins, what it concerns is locked, and then read.
///
/// **Locks** are advisory and end with the transaction. Whoever acts on a tenant's shoppers shares the tenant's lock;
/// whoever changes who is who among them has it alone. Whoever changes its configuration shares it too, and has a lock of
/// its own alone: changes wait for each other and not for shoppers, who are decided on the configuration that their
/// transaction found in force, and come before the changes made while it lasts. Shoppers are locked by stripes
/// of their canonical subject, always in rising order, so that turns of several replicas wait for each other and never
/// in a circle. Where use is limited, whoever may assign somebody
/// has the lock after the last stripe's too. Each statement sees what was committed before it began: what is read after a
/// lock is what holds.
enum TurnLoad {
    static let stripes = 32

    /// Made once, as all that a turn writes.
    private enum Text {
        static let claim =
            ManyRows.insert(into: "event_ids", ["id_hash"]) + " ON CONFLICT DO NOTHING RETURNING id_hash"
        static let units = ManyRows.find(PostgresColumns.unit, in: "units", key: "subject")
        static let outcomes = ManyRows.find(PostgresColumns.outcome, in: "outcomes", key: "subject")
        static let offersBySubject = ManyRows.find(
            PostgresColumns.offer, in: "offers", key: "subject", "AND NOT by_unit")
        /// `OFFSET 0` has each looked up by the key, whatever the planner believes of a young table.
        static let offersByPlace = """
            SELECT o.* FROM unnest($2, $3) AS p (subject, sku) CROSS JOIN LATERAL (
                SELECT \(PostgresColumns.offer) FROM offers
                WHERE tenant_id = $1 AND subject = p.subject AND sku = p.sku AND NOT by_unit OFFSET 0) AS o
            """
        static let offersByUnit = """
            SELECT o.* FROM (\(ManyRows.find("offer", in: "units", key: "subject", "AND offer IS NOT NULL"))) AS u
            CROSS JOIN LATERAL (
                SELECT \(PostgresColumns.offer) FROM offers
                WHERE tenant_id = $1 AND tail = u.offer AND by_unit OFFSET 0) AS o
            """
        static let strangers = """
            SELECT 1 / (EXISTS (SELECT FROM tenants WHERE tenant_id = $1 AND version = $2)
                AND NOT EXISTS (\(ManyRows.find("subject", in: "outcomes", key: "subject", keys: "$3"))))::integer
            """
    }

    struct Loaded {
        var part = WorkingSet()
        /// The configuration that was found in force; 0 where there is no such tenant.
        var version = 0
        /// That configuration, where it was asked for and is another.
        var newest: PostgresReads.StandingConfiguration?
        /// Event ids that nobody had before this transaction.
        var claimed: Set<Bits128> = []
        var transaction = TransactionName()
    }

    /// Begins the transaction and loads.
    ///
    /// - Parameters:
    ///   - hasLinks: whether a shopper may go by several ids. Without, nobody looks for them.
    ///   - isBegun: whether the transaction has begun and has the tenant's lock.
    ///   - known: has the configuration read too, unless it is of this version.
    ///   - attempt: counts tries of one turn. The first believes that the tails of new offers are free, as they nearly
    ///     always are: where one is not, nothing is written. Later ones look for free ones, further each time.
    static func begin(
        _ concern: Concern, of tenant: TenantID, hasLinks: Bool, attempt: Int, isBegun: Bool,
        otherThan known: Int? = nil, in session: PostgresSession
    ) async throws -> Loaded {
        let id = PostgresParameter.id(tenant)
        var commands = [TransactionName.command]
        if !isBegun {
            commands = [PostgresSession.begin, session.say(.tenant(tenant))] + commands
            commands.append(lock(tenant, isShared: concern.linked.isEmpty))
        }
        let name = isBegun ? 0 : 2
        var places: [Reading: Int] = [:]
        func read(_ reading: Reading, _ command: PostgresCommand) {
            places[reading] = commands.count
            commands.append(command)
        }
        if !concern.subjects.isEmpty, hasLinks {
            commands.append(lockLinked(concern.subjects, of: tenant))
            read(
                .identities,
                PostgresCommand(
                    """
                    SELECT subject, canonical FROM identities WHERE tenant_id = $1 AND canonical IN (
                        SELECT coalesce(i.canonical, s.subject) FROM unnest($2) AS s (subject)
                            LEFT JOIN identities i ON i.tenant_id = $1 AND i.subject = s.subject)
                    """, id, .bits(concern.subjects.sorted())))
        } else if !concern.subjects.isEmpty {
            commands.append(lockStripes(of: concern.subjects, of: tenant))
        }
        if let since = concern.usageSince {
            // After the shoppers' stripes, always: whoever uses up a limit does so alone.
            commands.append(
                PostgresCommand(
                    "SELECT pg_advisory_xact_lock($1, $2)", lockClass(of: tenant), .int4(Int32(stripes))))
            read(.usage, PostgresReads.usage(of: tenant, on: since..<Int32.max))
        }
        // Behind the shoppers' locks: who had them before was decided on none that is newer.
        read(.version, PostgresReads.version(of: tenant))
        readShoppers(concern, of: tenant) { reading, command in read(reading, command) }
        var tails = concern.tails
        if attempt > 0 {
            for tail in concern.freshTails {
                for step in 0...UInt64(attempt) * 8 { tails.insert((tail &+ step) & Offer.largestTail) }
            }
        }
        if !tails.isEmpty {
            read(
                .offersByTail,
                PostgresCommand(
                    ManyRows.find(PostgresColumns.offer, in: "offers", key: "tail"), id,
                    .int8s(tails.sorted().map { Int64(bitPattern: $0) })))
        }
        readSales(concern, of: tenant) { reading, command in read(reading, command) }
        if !concern.refused.isEmpty {
            read(
                .known,
                PostgresCommand(
                    ManyRows.find("id_hash", in: "event_ids", key: "id_hash"), id,
                    .bits(concern.refused.sorted())))
        }
        if !concern.events.isEmpty {
            read(.claimed, PostgresCommand(Text.claim, id, .bits(concern.events.sorted())))
        }
        if !concern.linked.isEmpty {
            read(
                .auditHead,
                PostgresCommand(
                    "SELECT sequence, hash FROM audit WHERE tenant_id = $1 ORDER BY sequence DESC LIMIT 1", id))
        }

        let asked = commands.count
        if let known { commands += PostgresReads.questions(about: tenant, otherThan: known) }

        let rows = try await session.connection.run(commands, within: session.limit())
        var loaded = Loaded()
        loaded.transaction = try TransactionName(rows[name])
        try take(rows, at: places, concern, of: tenant, into: &loaded)
        if known != nil, let newest = try PostgresReads.standing(Array(rows[asked...])) {
            loaded.newest = newest
            loaded.version = newest.configuration.version
        }
        try await loadCanonical(concern, of: tenant, into: &loaded, in: session)
        return loaded
    }

    /// Begins the transaction and locks as ``begin(_:of:hasLinks:attempt:isBegun:in:)`` does, and reads nothing: a statement
    /// divides by zero unless this is the version in force and none of these shoppers bought anything.
    static func beginWithStrangers(
        _ subjects: Set<Subject>, of tenant: TenantID, version: Int, in session: PostgresSession
    ) -> [PostgresCommand] {
        [
            PostgresSession.begin, session.say(.tenant(tenant)), lock(tenant, isShared: true),
            lockStripes(of: subjects, of: tenant),
            PostgresCommand(Text.strangers, .id(tenant), .int8(Int64(version)), .bits(subjects.sorted())),
        ]
    }

    static func lock(_ tenant: TenantID, isShared: Bool) -> PostgresCommand {
        PostgresCommand(
            isShared ? "SELECT pg_advisory_xact_lock_shared($1)" : "SELECT pg_advisory_xact_lock($1)",
            lockKey(of: tenant))
    }

    /// Shares the tenant's lock and locks its configuration. Programs of before the contraction count on nobody changing it
    /// while they share the tenant's lock: who changes it has that alone until then.
    static func lockConfiguration(
        of tenant: TenantID, isShared: Bool, in session: PostgresSession
    ) -> PostgresCommand {
        let (tenantLock, lock) = (isShared || session.isContracted ? "_shared" : "", isShared ? "_shared" : "")
        return PostgresCommand(
            "SELECT pg_advisory_xact_lock\(tenantLock)($1), pg_advisory_xact_lock\(lock)($2, $3)",
            lockKey(of: tenant), lockClass(of: tenant), .int4(Int32(stripes) + 1))
    }

    private static func lockKey(of tenant: TenantID) -> PostgresParameter {
        .int8(Int64(bitPattern: tenant.bits.high ^ tenant.bits.low))
    }

    /// Which lock of a tenant's a shopper has: the last byte of its canonical subject says.
    private static func lockLinked(_ subjects: Set<Subject>, of tenant: TenantID) -> PostgresCommand {
        PostgresCommand(
            """
            SELECT pg_advisory_xact_lock(k.class, k.stripe) FROM (
                SELECT DISTINCT $2 AS class,
                    get_byte(uuid_send(coalesce(i.canonical, s.subject)), 15) % \(stripes) AS stripe
                FROM unnest($3) AS s (subject)
                    LEFT JOIN identities i ON i.tenant_id = $1 AND i.subject = s.subject
                ORDER BY 2) AS k
            """, .id(tenant), lockClass(of: tenant), .bits(subjects.sorted()))
    }

    /// The same where every shopper has one id.
    private static func lockStripes(of subjects: Set<Subject>, of tenant: TenantID) -> PostgresCommand {
        let taken = Set(subjects.map { Int32(stripe(of: $0)) })
        return PostgresCommand(
            "SELECT pg_advisory_xact_lock($1, s.stripe) FROM unnest($2) AS s (stripe)",
            lockClass(of: tenant), .int4s(taken.sorted()))
    }

    /// All stripes, and use: in the order in which turns take them.
    static func lockAllShoppers(of tenant: TenantID) -> PostgresCommand {
        PostgresCommand(
            "SELECT pg_advisory_xact_lock($1, s.stripe) FROM generate_series(0, $2) AS s (stripe)",
            lockClass(of: tenant), .int4(Int32(stripes)))
    }

    static func stripe(of subject: Subject) -> Int { Int(subject.low & 0xff) % stripes }

    private static func lockClass(of tenant: TenantID) -> PostgresParameter {
        .int4(Int32(truncatingIfNeeded: tenant.bits.low))
    }

    private enum Reading {
        case version, identities, units, outcomes, offersByPlace, offersBySubject, offersByUnit, offersByTail, known
        case claimed, auditHead, checkouts, orders, replies, usage
    }

    /// What of checkouts and orders is there. Their rows are locked, after their shoppers, in rising order.
    private static func readSales(
        _ concern: Concern, of tenant: TenantID, _ read: (Reading, PostgresCommand) -> Void
    ) {
        let id = PostgresParameter.id(tenant)
        if !concern.checkouts.isEmpty {
            read(
                .checkouts,
                PostgresCommand(
                    ManyRows.find(
                        "checkout_id, revision", in: "checkouts", key: "checkout_id", then: "FOR UPDATE"),
                    id, .bits(concern.checkouts.map(\.bits).sorted())))
        }
        if !concern.orders.isEmpty {
            read(
                .orders,
                PostgresCommand(
                    ManyRows.find("order_id, revision", in: "orders", key: "order_id", then: "FOR UPDATE"),
                    id, .bits(concern.orders.map(\.bits).sorted())))
        }
        if !concern.replies.isEmpty {
            read(
                .replies,
                PostgresCommand(
                    ManyRows.find("scope, body_hash, status, body, at", in: "replies", key: "scope"),
                    id, .bits(concern.replies.sorted())))
        }
    }

    /// What is found by the shopper.
    private static func readShoppers(
        _ concern: Concern, of tenant: TenantID, _ read: (Reading, PostgresCommand) -> Void
    ) {
        guard !concern.subjects.isEmpty else { return }
        let id = PostgresParameter.id(tenant)
        let subjects = PostgresParameter.bits(concern.subjects.sorted())
        read(.units, PostgresCommand(Text.units, id, subjects))
        read(.outcomes, PostgresCommand(Text.outcomes, id, subjects))
        if !concern.places.isEmpty {
            let places = Array(concern.places)
            read(
                .offersByPlace,
                PostgresCommand(
                    Text.offersByPlace, id, .bits(places.map(\.subject)), .texts(places.map(\.product.text))))
        }
        if !concern.linked.isEmpty {
            read(.offersBySubject, PostgresCommand(Text.offersBySubject, id, .bits(concern.linked.sorted())))
        }
        let owners = concern.linked.union(concern.places.map(\.subject))
        if !owners.isEmpty { read(.offersByUnit, PostgresCommand(Text.offersByUnit, id, .bits(owners.sorted()))) }
    }

    private static func take(
        _ rows: [PostgresRows], at places: [Reading: Int], _ concern: Concern, of tenant: TenantID,
        into loaded: inout Loaded
    ) throws {
        for (reading, place) in places {
            let rows = rows[place]
            switch reading {
            case .version: loaded.version = try PostgresReads.version(rows)
            case .identities:
                for row in 0..<rows.count { loaded.part.identities[try rows.bits(row, 0)] = try rows.bits(row, 1) }
            case .units:
                for row in 0..<rows.count { loaded.part.units.append(try rows.unit(row)) }
            case .outcomes:
                for row in 0..<rows.count { loaded.part.outcomes.append(try rows.outcome(row)) }
            case .offersByPlace, .offersBySubject, .offersByUnit, .offersByTail:
                for row in 0..<rows.count { loaded.part.offers.append(try rows.offer(row)) }
            case .known:
                for row in 0..<rows.count { loaded.part.eventIDs.insert(try rows.bits(row, 0)) }
            case .claimed:
                for row in 0..<rows.count { loaded.claimed.insert(try rows.bits(row, 0)) }
                loaded.part.eventIDs.formUnion(concern.events.subtracting(loaded.claimed))
            case .checkouts, .orders:
                for row in 0..<rows.count { loaded.part.sales.revisions[try rows.bits(row, 0)] = try rows.int8(row, 1) }
            case .replies:
                for row in 0..<rows.count {
                    let hash = try rows.bits(row, 0)
                    loaded.part.sales.replies[hash] = SavedReply(
                        scope: ReplyScope(tenant: tenant, hash: hash), bodyHash: try rows.bits(row, 1),
                        status: try rows.int(row, 2), sealedBody: try rows.bytes(row, 3),
                        at: try rows.timestamp(row, 4))
                }
            case .usage: loaded.part.usage = try PostgresReads.usage(rows)
            case .auditHead:
                if rows.count > 0 { loaded.part.auditHead = (try rows.int8(0, 0), try rows.bytes(0, 1)) }
            }
        }
    }

    /// Shoppers named under an id that is not the one they are known by have what they have under that one.
    private static func loadCanonical(
        _ concern: Concern, of tenant: TenantID, into loaded: inout Loaded, in session: PostgresSession
    ) async throws {
        guard !loaded.part.identities.isEmpty else { return }
        func canonical(_ subject: Subject) -> Subject { loaded.part.identities[subject] ?? subject }
        var more = Concern()
        more.subjects = Set(concern.subjects.map(canonical)).subtracting(concern.subjects)
        guard !more.subjects.isEmpty else { return }
        more.places = Set(
            concern.places.map { Concern.Place(subject: canonical($0.subject), product: $0.product) }
        ).subtracting(concern.places)
        more.linked = Set(concern.linked.map(canonical)).subtracting(concern.linked)
        var commands: [PostgresCommand] = []
        var places: [Reading: Int] = [:]
        readShoppers(more, of: tenant) { reading, command in
            places[reading] = commands.count
            commands.append(command)
        }
        let rows = try await session.connection.run(commands, within: session.limit())
        try take(rows, at: places, more, of: tenant, into: &loaded)
    }
}
