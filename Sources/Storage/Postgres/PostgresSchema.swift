internal import Postgres

/// The schema, as immutable named steps. `tenant_id` leads every key and index; there are no triggers, no foreign keys
/// and no sequences, and nothing reaches across tenants, so that the same schema runs on Citus (every table but
/// `schema_migrations` is distributed by `tenant_id`).
///
/// **Row-level security** is a second wall behind the `WHERE tenant_id = …` of every statement: a transaction says
/// whose it is (`cournot.tenant`) and sees no row of anybody else's, whatever its statements ask for. The policies are
/// forced, so that they hold for the tables' owner too. Reading every tenant's configuration, which start-up does, has
/// a policy of its own for reading alone (`cournot.scope` = `platform`). Superusers pass by all policies: do not give
/// Cournot such a role.
enum PostgresSchema {
    static let migrator = PostgresMigrator([
        configuration, shoppers, events, walls, decisions, checkouts, conversations, origins, modelCosts, tallies,
        cheaperWalls, repeats, vectors, checkoutsOfShoppers, usage, unitsByShopper,
        offersByUnit, offersInOneIndex,
    ])

    /// Tables that `0004` put behind the wall; one that comes later brings its own.
    private static let walled = [
        "tenants", "products", "experiments", "api_keys", "audit", "replies", "identities", "units", "offers",
        "event_ids", "outcomes", "events", "cells", "recorded",
    ]
    /// Those that are read for all tenants at once when a process starts.
    private static let platformReadable = ["tenants", "products", "experiments", "api_keys"]

    private static let configuration = PostgresMigration(
        "0001 configuration",
        [
            """
            CREATE TABLE tenants (tenant_id uuid PRIMARY KEY, version bigint NOT NULL, document text NOT NULL)
            """,
            """
            CREATE TABLE products (
                tenant_id uuid NOT NULL, sku text COLLATE "C" NOT NULL, document text NOT NULL,
                PRIMARY KEY (tenant_id, sku))
            """,
            """
            CREATE TABLE experiments (
                tenant_id uuid NOT NULL, experiment_id uuid NOT NULL, changed_at bigint NOT NULL,
                document text NOT NULL, PRIMARY KEY (tenant_id, experiment_id)) WITH (fillfactor = 70)
            """,
            """
            CREATE TABLE api_keys (
                tenant_id uuid NOT NULL, key_id uuid NOT NULL, created_at bigint NOT NULL, expires_at bigint,
                role text NOT NULL, name text NOT NULL, hash bytea NOT NULL, allowed text NOT NULL,
                PRIMARY KEY (tenant_id, key_id))
            """,
            """
            CREATE TABLE audit (
                tenant_id uuid NOT NULL, sequence bigint NOT NULL, at bigint NOT NULL, actor text NOT NULL,
                action text NOT NULL, target text NOT NULL, request_id text NOT NULL, previous bytea NOT NULL,
                hash bytea NOT NULL, PRIMARY KEY (tenant_id, sequence))
            """,
            """
            CREATE TABLE replies (
                tenant_id uuid NOT NULL, scope uuid NOT NULL, body_hash uuid NOT NULL, at bigint NOT NULL,
                status integer NOT NULL, body bytea NOT NULL, PRIMARY KEY (tenant_id, scope))
            """,
            "CREATE INDEX replies_by_age ON replies (tenant_id, at)",
        ])

    private static let shoppers = PostgresMigration(
        "0002 shoppers",
        [
            """
            CREATE TABLE identities (
                tenant_id uuid NOT NULL, subject uuid NOT NULL, canonical uuid NOT NULL,
                PRIMARY KEY (tenant_id, subject))
            """,
            "CREATE INDEX identities_by_canonical ON identities (tenant_id, canonical)",
            """
            CREATE TABLE units (
                tenant_id uuid NOT NULL, subject uuid NOT NULL, experiment_id uuid NOT NULL,
                assigned_at bigint NOT NULL, exposed_at bigint, orders bigint NOT NULL DEFAULT 0,
                quantity bigint NOT NULL DEFAULT 0, gross bigint NOT NULL DEFAULT 0, refunds bigint NOT NULL DEFAULT 0,
                cost bigint NOT NULL DEFAULT 0, gross_without_cost bigint NOT NULL DEFAULT 0,
                variant integer NOT NULL, phase integer NOT NULL, excluded boolean NOT NULL DEFAULT false,
                lacks_cost boolean NOT NULL DEFAULT false,
                PRIMARY KEY (tenant_id, subject, experiment_id)) WITH (fillfactor = 85)
            """,
            "CREATE INDEX units_by_experiment ON units (tenant_id, experiment_id, subject)",
            // A list price has an experiment_id of zeros and variant -1.
            """
            CREATE TABLE offers (
                tenant_id uuid NOT NULL, subject uuid NOT NULL, experiment_id uuid NOT NULL, tail bigint NOT NULL,
                price bigint NOT NULL, told_at bigint NOT NULL, accepted_window bigint, variant integer NOT NULL,
                exposed boolean NOT NULL, currency text COLLATE "C" NOT NULL, sku text COLLATE "C" NOT NULL,
                PRIMARY KEY (tenant_id, tail)) WITH (fillfactor = 90)
            """,
            """
            CREATE UNIQUE INDEX offers_by_subject
                ON offers (tenant_id, subject, sku, experiment_id, variant, price, currency)
            """,
        ])

    private static let events = PostgresMigration(
        "0003 events",
        [
            // An event id is the tenant's own string, so no partition can hold its uniqueness: it has a table of its own.
            """
            CREATE TABLE event_ids (
                tenant_id uuid NOT NULL, id_hash uuid NOT NULL, PRIMARY KEY (tenant_id, id_hash))
            """,
            // What counting a shopper anew needs, found by the shopper and not by the day.
            """
            CREATE TABLE outcomes (
                tenant_id uuid NOT NULL, subject uuid NOT NULL, id_hash uuid NOT NULL, timestamp bigint NOT NULL,
                experiment_id uuid, quantity bigint NOT NULL, revenue bigint, unit_cost bigint,
                is_refund boolean NOT NULL, currency text COLLATE "C", sku text COLLATE "C", order_id text COLLATE "C",
                PRIMARY KEY (tenant_id, subject, id_hash))
            """,
            // As they came; by the day of receipt, so that old days can be detached whole.
            """
            CREATE TABLE events (
                tenant_id uuid NOT NULL, received_on date NOT NULL, subject uuid NOT NULL, id_hash uuid NOT NULL,
                timestamp bigint NOT NULL, received_at bigint NOT NULL, experiment_id uuid, quote uuid,
                quantity bigint NOT NULL, revenue bigint, unit_cost bigint, type text NOT NULL,
                currency text COLLATE "C", sku text COLLATE "C", order_id text COLLATE "C", properties bytea NOT NULL,
                PRIMARY KEY (tenant_id, subject, id_hash, received_on)) PARTITION BY RANGE (received_on)
            """,
            "CREATE TABLE events_default PARTITION OF events DEFAULT",
            // Sums have 128 bits: 39 digits.
            """
            CREATE TABLE cells (
                tenant_id uuid NOT NULL, experiment_id uuid NOT NULL, variant integer NOT NULL,
                phase integer NOT NULL, day integer NOT NULL, units bigint NOT NULL, excluded bigint NOT NULL,
                converted bigint NOT NULL, orders bigint NOT NULL, units_without_cost bigint NOT NULL,
                quantity numeric(39, 0) NOT NULL, quantity_squares numeric(39, 0) NOT NULL,
                revenue numeric(39, 0) NOT NULL, revenue_squares numeric(39, 0) NOT NULL,
                profit numeric(39, 0) NOT NULL, profit_squares numeric(39, 0) NOT NULL,
                profit_at_most numeric(39, 0) NOT NULL, profit_at_least numeric(39, 0) NOT NULL,
                PRIMARY KEY (tenant_id, experiment_id, variant, phase, day)) WITH (fillfactor = 50)
            """,
            // The counts as they stood when a report was made, so that it can be made again.
            """
            CREATE TABLE recorded (
                tenant_id uuid NOT NULL, experiment_id uuid NOT NULL, as_of bigint NOT NULL, document text NOT NULL,
                PRIMARY KEY (tenant_id, experiment_id, as_of))
            """,
        ])

    private static let walls = PostgresMigration(
        "0004 row-level security",
        walled.flatMap { wall(around: $0) }
            + platformReadable.map { table in
                """
                CREATE POLICY platform ON \(table) FOR SELECT
                    USING (current_setting('cournot.scope', true) = 'platform')
                """
            }
            // Reached through `events` alone, whose policy is the one that counts: here nobody sees anything.
            + [
                "ALTER TABLE events_default ENABLE ROW LEVEL SECURITY",
                "ALTER TABLE events_default FORCE ROW LEVEL SECURITY",
            ])

    private static let decisions = PostgresMigration(
        "0005 decisions",
        [
            // Ids rise with time, so the newest come last in the key.
            """
            CREATE TABLE decisions (
                tenant_id uuid NOT NULL, decision_id uuid NOT NULL, experiment_id uuid NOT NULL, document text NOT NULL,
                PRIMARY KEY (tenant_id, decision_id))
            """,
            "CREATE INDEX decisions_by_experiment ON decisions (tenant_id, experiment_id, decision_id)",
        ] + wall(around: "decisions"))

    private static let checkouts = PostgresMigration(
        "0006 checkouts",
        [
            """
            CREATE TABLE checkouts (
                tenant_id uuid NOT NULL, checkout_id uuid NOT NULL, subject uuid NOT NULL, revision bigint NOT NULL,
                unfinished boolean NOT NULL, document text NOT NULL, PRIMARY KEY (tenant_id, checkout_id)) WITH (fillfactor = 50)
            """,
            "CREATE INDEX checkouts_by_subject ON checkouts (tenant_id, subject)",
            // Those that wait for a payment provider: few.
            "CREATE INDEX checkouts_unfinished ON checkouts (tenant_id, checkout_id) WHERE unfinished",
            """
            CREATE TABLE orders (
                tenant_id uuid NOT NULL, order_id uuid NOT NULL, subject uuid NOT NULL, revision bigint NOT NULL,
                unfinished boolean NOT NULL, document text NOT NULL, PRIMARY KEY (tenant_id, order_id))
            """,
            "CREATE INDEX orders_by_subject ON orders (tenant_id, subject)",
            "CREATE INDEX orders_unfinished ON orders (tenant_id, order_id) WHERE unfinished",
            // What the test provider did, as another provider would remember it elsewhere.
            """
            CREATE TABLE test_payments (
                tenant_id uuid NOT NULL, payment_key text COLLATE "C" NOT NULL, document text NOT NULL,
                PRIMARY KEY (tenant_id, payment_key))
            """,
        ] + wall(around: "checkouts") + wall(around: "orders") + wall(around: "test_payments"))

    private static let conversations = PostgresMigration(
        "0007 conversations",
        [
            """
            CREATE TABLE conversations (
                tenant_id uuid NOT NULL, conversation_id uuid NOT NULL, subject uuid NOT NULL, version bigint NOT NULL,
                changed_at bigint NOT NULL, state text COLLATE "C" NOT NULL, document text NOT NULL,
                PRIMARY KEY (tenant_id, conversation_id)) WITH (fillfactor = 70)
            """,
            "CREATE INDEX conversations_by_subject ON conversations (tenant_id, subject, conversation_id)",
            "CREATE INDEX conversations_by_state ON conversations (tenant_id, state, conversation_id)",
            """
            CREATE TABLE messages (
                tenant_id uuid NOT NULL, conversation_id uuid NOT NULL, number bigint NOT NULL, document text NOT NULL,
                PRIMARY KEY (tenant_id, conversation_id, number))
            """,
        ] + wall(around: "conversations") + wall(around: "messages"))

    private static let origins = PostgresMigration(
        "0008 origins of widget keys", ["ALTER TABLE api_keys ADD COLUMN origins text NOT NULL DEFAULT ''"])

    private static let modelCosts = PostgresMigration(
        "0009 costs of models",
        [
            // Number 0 is what was set aside for a request; when it is settled the models that were asked take its
            // place, from 1 on. What is not known yet has no cost.
            """
            CREATE TABLE model_calls (
                tenant_id uuid NOT NULL, call_id uuid NOT NULL, conversation_id uuid NOT NULL, at bigint NOT NULL,
                most bigint NOT NULL, cost bigint, input bigint NOT NULL, output bigint NOT NULL,
                cache_read bigint NOT NULL, cache_write bigint NOT NULL, long_cache_write bigint NOT NULL,
                number integer NOT NULL, day integer NOT NULL, estimated boolean NOT NULL,
                model text COLLATE "C" NOT NULL, PRIMARY KEY (tenant_id, call_id, number))
            """,
            "CREATE INDEX model_calls_by_day ON model_calls (tenant_id, day)",
            // What was spent or set aside of a budget: a day's, or a conversation's.
            """
            CREATE TABLE model_budgets (
                tenant_id uuid NOT NULL, spent bigint NOT NULL, scope text COLLATE "C" NOT NULL,
                PRIMARY KEY (tenant_id, scope)) WITH (fillfactor = 50)
            """,
            // Whose prices were told in conversations that asked models.
            """
            CREATE TABLE model_arms (
                tenant_id uuid NOT NULL, conversation_id uuid NOT NULL, experiment_id uuid NOT NULL,
                variant text COLLATE "C" NOT NULL,
                PRIMARY KEY (tenant_id, conversation_id, experiment_id, variant))
            """,
        ] + wall(around: "model_calls") + wall(around: "model_budgets") + wall(around: "model_arms"))

    private static let tallies = PostgresMigration(
        "0011 tallies",
        [
            // Whoever was first exposed before is in no tally.
            """
            ALTER TABLE units ADD COLUMN tallied boolean NOT NULL DEFAULT false, ADD COLUMN covariate bigint,
                ADD COLUMN segments text COLLATE "C" NOT NULL DEFAULT ''
            """,
            """
            CREATE TABLE tallies (
                tenant_id uuid NOT NULL, experiment_id uuid NOT NULL, variant integer NOT NULL,
                phase integer NOT NULL, series integer NOT NULL, place integer NOT NULL, units bigint NOT NULL,
                total numeric(39, 0) NOT NULL, squares numeric(39, 0) NOT NULL,
                PRIMARY KEY (tenant_id, experiment_id, variant, phase, series, place)) WITH (fillfactor = 50)
            """,
        ] + wall(around: "tallies"))

    /// Whose transaction it is is asked once a statement and not once a row, where statements write thousands.
    private static let cheaperWalls = PostgresMigration(
        "0013 row-level security asked once a statement",
        ["identities", "units", "offers", "event_ids", "outcomes", "events", "cells"].map { table in
            """
            ALTER POLICY tenant ON \(table)
                USING (tenant_id = (SELECT nullif(current_setting('cournot.tenant', true), '')::uuid))
            """
        })

    /// Quotes told out of the database's reach, beside the offer that it had: each has its own tail here, all others 0.
    private static let repeats = PostgresMigration(
        "0015 quotes told again",
        [
            "ALTER TABLE offers ADD COLUMN repeated bigint NOT NULL DEFAULT 0",
            """
            CREATE UNIQUE INDEX offers_by_shopper
                ON offers (tenant_id, subject, sku, experiment_id, variant, price, currency, repeated)
            """,
            "DROP INDEX offers_by_subject",
        ])

    private static let vectors = PostgresMigration(
        "0016 vectors of products",
        [
            """
            CREATE TABLE product_vectors (
                tenant_id uuid NOT NULL, content uuid NOT NULL, sku text COLLATE "C" NOT NULL,
                model text COLLATE "C" NOT NULL, vector bytea NOT NULL, PRIMARY KEY (tenant_id, sku, model))
            """
        ] + wall(around: "product_vectors"))

    /// Whoever is there already begins no checkout that counts; of who comes, 1 says that all do.
    private static let checkoutsOfShoppers = PostgresMigration(
        "0017 checkouts of shoppers",
        [
            "ALTER TABLE units ADD COLUMN checkouts integer NOT NULL DEFAULT 0",
            "ALTER TABLE units ALTER COLUMN checkouts SET DEFAULT 1",
            "ALTER TABLE outcomes ADD COLUMN is_checkout boolean NOT NULL DEFAULT false",
        ])

    /// A row a day and type; a month's together, as they are asked for.
    private static let usage = PostgresMigration(
        "0020 usage",
        [
            """
            CREATE TABLE usage (
                tenant_id uuid NOT NULL, used bigint NOT NULL, day integer NOT NULL, type text COLLATE "C" NOT NULL,
                PRIMARY KEY (tenant_id, type, day)) PARTITION BY RANGE (day)
            """,
            "CREATE TABLE usage_default PARTITION OF usage DEFAULT WITH (fillfactor = 50)",
            // Reached through `usage` alone, as those of `events` are.
            "ALTER TABLE usage_default ENABLE ROW LEVEL SECURITY",
            "ALTER TABLE usage_default FORCE ROW LEVEL SECURITY",
        ] + wall(around: "usage"))

    /// An experiment's units are read by those who export them and count them anew, and have its id in the primary key:
    /// that is read through, past the tenant's other experiments. An index of their own cost each new shopper a fifth.
    private static let unitsByShopper = PostgresMigration(
        "0021 units by shopper alone", ["DROP INDEX units_by_experiment"])

    /// Nearly every offer is the first of its unit, and written with it: that one is found by the unit, which holds its tail, and
    /// is in no index by shopper. All others are, and those of before: list prices, second products, changed prices.
    private static let offersByUnit = PostgresMigration(
        "0022 offers by unit",
        [
            "ALTER TABLE units ADD COLUMN offer bigint",
            "ALTER TABLE offers ADD COLUMN by_unit boolean NOT NULL DEFAULT false",
        ])

    /// Programs before 0022 find all offers by shopper, and give them to others without a look at units: no offer is found by
    /// its unit before this step.
    private static let offersInOneIndex = PostgresMigration(
        "0023 offers in one index by shopper",
        [
            """
            CREATE UNIQUE INDEX offers_listed
                ON offers (tenant_id, subject, sku, experiment_id, variant, price, currency, repeated) WHERE NOT by_unit
            """,
            "DROP INDEX offers_by_shopper",
        ], isContraction: true)

    /// Whether `cournot migrate --contract` was run, as no older program uses the database: then offers may be found by their
    /// units alone, and changes of configuration need not exclude turns that read it beside them.
    static let isContracted = PostgresCommand(
        "SELECT EXISTS (SELECT FROM schema_migrations WHERE name = $1)", .text(offersInOneIndex.name))

    /// A table's rows are seen in their tenant's name alone.
    private static func wall(around table: String) -> [String] {
        [
            "ALTER TABLE \(table) ENABLE ROW LEVEL SECURITY", "ALTER TABLE \(table) FORCE ROW LEVEL SECURITY",
            """
            CREATE POLICY tenant ON \(table)
                USING (tenant_id = nullif(current_setting('cournot.tenant', true), '')::uuid)
            """,
        ]
    }

    /// Makes the partition of a table from one bound, given as an expression, up to another.
    static func partition(of table: String, from: String, to: String, name: String) -> [PostgresCommand] {
        return [
            PostgresCommand("SELECT pg_advisory_xact_lock($1)", .int8(PostgresMigrator.lock)),
            PostgresCommand(
                """
                DO $do$
                BEGIN
                    IF NOT EXISTS (SELECT FROM pg_class WHERE relname = '\(name)'
                        AND relnamespace = current_schema()::regnamespace) THEN
                        EXECUTE format('CREATE TABLE \(name) PARTITION OF \(table) FOR VALUES FROM (%L) TO (%L)',
                            \(from), \(to));
                        ALTER TABLE \(name) ENABLE ROW LEVEL SECURITY;
                        ALTER TABLE \(name) FORCE ROW LEVEL SECURITY;
                    END IF;
                END
                $do$
                """),
        ]
    }
}
