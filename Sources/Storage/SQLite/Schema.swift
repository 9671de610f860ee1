internal import SQLite

/// The schema, as immutable named steps. `tenant_id` leads every key and index; there are no triggers and nothing
/// reaches across tenants, so the same design runs on PostgreSQL and Citus.
enum Schema {
    static let migrator = Migrator([
        Migration(
            "0001 configuration",
            [
                """
                CREATE TABLE tenants (
                    tenant_id BLOB PRIMARY KEY, version INTEGER NOT NULL, document TEXT NOT NULL) STRICT, WITHOUT ROWID
                """,
                """
                CREATE TABLE products (
                    tenant_id BLOB NOT NULL, sku TEXT NOT NULL, document TEXT NOT NULL,
                    PRIMARY KEY (tenant_id, sku)) STRICT, WITHOUT ROWID
                """,
                """
                CREATE TABLE experiments (
                    tenant_id BLOB NOT NULL, experiment_id BLOB NOT NULL, document TEXT NOT NULL,
                    changed_at INTEGER NOT NULL, PRIMARY KEY (tenant_id, experiment_id)) STRICT, WITHOUT ROWID
                """,
                """
                CREATE TABLE api_keys (
                    tenant_id BLOB NOT NULL, key_id BLOB NOT NULL, role TEXT NOT NULL, name TEXT NOT NULL,
                    hash BLOB NOT NULL, created_at INTEGER NOT NULL, expires_at INTEGER, allowed TEXT NOT NULL,
                    PRIMARY KEY (tenant_id, key_id)) STRICT, WITHOUT ROWID
                """,
                """
                CREATE TABLE audit (
                    tenant_id BLOB NOT NULL, sequence INTEGER NOT NULL, at INTEGER NOT NULL, actor TEXT NOT NULL,
                    action TEXT NOT NULL, target TEXT NOT NULL, request_id TEXT NOT NULL, previous BLOB NOT NULL,
                    hash BLOB NOT NULL, PRIMARY KEY (tenant_id, sequence)) STRICT, WITHOUT ROWID
                """,
                """
                CREATE TABLE replies (
                    tenant_id BLOB NOT NULL, scope BLOB NOT NULL, body_hash BLOB NOT NULL, status INTEGER NOT NULL,
                    body BLOB NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (tenant_id, scope)) STRICT, WITHOUT ROWID
                """,
            ]),
        Migration(
            "0002 shoppers",
            [
                """
                CREATE TABLE identities (
                    tenant_id BLOB NOT NULL, subject BLOB NOT NULL, canonical BLOB NOT NULL,
                    PRIMARY KEY (tenant_id, subject)) STRICT, WITHOUT ROWID
                """,
                "CREATE INDEX identities_by_canonical ON identities (tenant_id, canonical)",
                """
                CREATE TABLE units (
                    tenant_id BLOB NOT NULL, experiment_id BLOB NOT NULL, subject BLOB NOT NULL,
                    variant INTEGER NOT NULL, phase INTEGER NOT NULL, assigned_at INTEGER NOT NULL,
                    exposed_at INTEGER, excluded INTEGER NOT NULL, orders INTEGER NOT NULL, quantity INTEGER NOT NULL,
                    gross INTEGER NOT NULL, refunds INTEGER NOT NULL, cost INTEGER NOT NULL,
                    gross_without_cost INTEGER NOT NULL, lacks_cost INTEGER NOT NULL,
                    PRIMARY KEY (tenant_id, experiment_id, subject)) STRICT, WITHOUT ROWID
                """,
                // A list price has an empty experiment_id and variant -1.
                """
                CREATE TABLE offers (
                    tenant_id BLOB NOT NULL, subject BLOB NOT NULL, sku TEXT NOT NULL, experiment_id BLOB NOT NULL,
                    variant INTEGER NOT NULL, price INTEGER NOT NULL, currency TEXT NOT NULL, tail INTEGER NOT NULL,
                    told_at INTEGER NOT NULL, exposed INTEGER NOT NULL, accepted_window INTEGER,
                    PRIMARY KEY (tenant_id, subject, sku, experiment_id, variant, price, currency))
                    STRICT, WITHOUT ROWID
                """,
                "CREATE UNIQUE INDEX offers_by_tail ON offers (tenant_id, tail)",
            ]),
        Migration(
            "0003 events",
            [
                """
                CREATE TABLE event_ids (
                    tenant_id BLOB NOT NULL, id_hash BLOB NOT NULL, PRIMARY KEY (tenant_id, id_hash))
                    STRICT, WITHOUT ROWID
                """,
                """
                CREATE TABLE events (
                    tenant_id BLOB NOT NULL, subject BLOB NOT NULL, timestamp INTEGER NOT NULL, id_hash BLOB NOT NULL,
                    type TEXT NOT NULL, experiment_id BLOB, sku TEXT, quantity INTEGER NOT NULL, revenue INTEGER,
                    currency TEXT, order_id TEXT, unit_cost INTEGER, quote BLOB, properties BLOB NOT NULL,
                    received_at INTEGER NOT NULL, PRIMARY KEY (tenant_id, subject, timestamp, id_hash))
                    STRICT, WITHOUT ROWID
                """,
                // Sums are decimal text: they have 128 bits.
                """
                CREATE TABLE cells (
                    tenant_id BLOB NOT NULL, experiment_id BLOB NOT NULL, variant INTEGER NOT NULL,
                    phase INTEGER NOT NULL, day INTEGER NOT NULL, units INTEGER NOT NULL, excluded INTEGER NOT NULL,
                    converted INTEGER NOT NULL, orders INTEGER NOT NULL, quantity TEXT NOT NULL,
                    quantity_squares TEXT NOT NULL, revenue TEXT NOT NULL, revenue_squares TEXT NOT NULL,
                    profit TEXT NOT NULL, profit_squares TEXT NOT NULL, units_without_cost INTEGER NOT NULL,
                    profit_at_most TEXT NOT NULL, profit_at_least TEXT NOT NULL,
                    PRIMARY KEY (tenant_id, experiment_id, variant, phase, day)) STRICT, WITHOUT ROWID
                """,
                // The counts as they stood when a report was made, so that it can be made again.
                """
                CREATE TABLE recorded (
                    tenant_id BLOB NOT NULL, experiment_id BLOB NOT NULL, as_of INTEGER NOT NULL,
                    document TEXT NOT NULL, PRIMARY KEY (tenant_id, experiment_id, as_of)) STRICT, WITHOUT ROWID
                """,
            ]),
        Migration("0004 old replies", ["CREATE INDEX replies_by_age ON replies (tenant_id, at)"]),
        Migration(
            "0005 decisions",
            [
                // Ids rise with time, so the newest come last in the key.
                """
                CREATE TABLE decisions (
                    tenant_id BLOB NOT NULL, decision_id BLOB NOT NULL, experiment_id BLOB NOT NULL,
                    document TEXT NOT NULL, PRIMARY KEY (tenant_id, decision_id)) STRICT, WITHOUT ROWID
                """,
                "CREATE INDEX decisions_by_experiment ON decisions (tenant_id, experiment_id, decision_id)",
            ]),
        Migration(
            "0006 checkouts",
            [
                """
                CREATE TABLE checkouts (
                    tenant_id BLOB NOT NULL, checkout_id BLOB NOT NULL, subject BLOB NOT NULL,
                    revision INTEGER NOT NULL, unfinished INTEGER NOT NULL, document TEXT NOT NULL,
                    PRIMARY KEY (tenant_id, checkout_id))
                    STRICT, WITHOUT ROWID
                """,
                "CREATE INDEX checkouts_by_subject ON checkouts (tenant_id, subject)",
                // Those that wait for a payment provider: few.
                "CREATE INDEX checkouts_unfinished ON checkouts (tenant_id, checkout_id) WHERE unfinished = 1",
                """
                CREATE TABLE orders (
                    tenant_id BLOB NOT NULL, order_id BLOB NOT NULL, subject BLOB NOT NULL,
                    revision INTEGER NOT NULL, unfinished INTEGER NOT NULL, document TEXT NOT NULL,
                    PRIMARY KEY (tenant_id, order_id))
                    STRICT, WITHOUT ROWID
                """,
                "CREATE INDEX orders_by_subject ON orders (tenant_id, subject)",
                "CREATE INDEX orders_unfinished ON orders (tenant_id, order_id) WHERE unfinished = 1",
                // What the test provider did, as another provider would remember it elsewhere.
                """
                CREATE TABLE test_payments (
                    tenant_id BLOB NOT NULL, payment_key TEXT NOT NULL, document TEXT NOT NULL,
                    PRIMARY KEY (tenant_id, payment_key)) STRICT, WITHOUT ROWID
                """,
            ]),
        Migration(
            "0007 conversations",
            [
                """
                CREATE TABLE conversations (
                    tenant_id BLOB NOT NULL, conversation_id BLOB NOT NULL, subject BLOB NOT NULL,
                    version INTEGER NOT NULL, state TEXT NOT NULL, changed_at INTEGER NOT NULL, document TEXT NOT NULL,
                    PRIMARY KEY (tenant_id, conversation_id)) STRICT, WITHOUT ROWID
                """,
                "CREATE INDEX conversations_by_subject ON conversations (tenant_id, subject, conversation_id)",
                "CREATE INDEX conversations_by_state ON conversations (tenant_id, state, conversation_id)",
                """
                CREATE TABLE messages (
                    tenant_id BLOB NOT NULL, conversation_id BLOB NOT NULL, number INTEGER NOT NULL,
                    document TEXT NOT NULL, PRIMARY KEY (tenant_id, conversation_id, number)) STRICT, WITHOUT ROWID
                """,
            ]),
        Migration(
            "0008 origins of widget keys", ["ALTER TABLE api_keys ADD COLUMN origins TEXT NOT NULL DEFAULT ''"]),
        Migration(
            "0009 costs of models",
            [
                // Number 0 is what was set aside for a request; when it is settled the models that were asked take its
                // place, from 1 on. What is not known yet has no cost.
                """
                CREATE TABLE model_calls (
                    tenant_id BLOB NOT NULL, call_id BLOB NOT NULL, number INTEGER NOT NULL,
                    conversation_id BLOB NOT NULL, day INTEGER NOT NULL, at INTEGER NOT NULL, model TEXT NOT NULL,
                    most INTEGER NOT NULL, cost INTEGER, input INTEGER NOT NULL, output INTEGER NOT NULL,
                    cache_read INTEGER NOT NULL, cache_write INTEGER NOT NULL, long_cache_write INTEGER NOT NULL,
                    estimated INTEGER NOT NULL, PRIMARY KEY (tenant_id, call_id, number)) STRICT, WITHOUT ROWID
                """,
                "CREATE INDEX model_calls_by_day ON model_calls (tenant_id, day)",
                // What was spent or set aside of a budget: a day's, or a conversation's.
                """
                CREATE TABLE model_budgets (
                    tenant_id BLOB NOT NULL, scope TEXT NOT NULL, spent INTEGER NOT NULL,
                    PRIMARY KEY (tenant_id, scope)) STRICT, WITHOUT ROWID
                """,
                // Whose prices were told in conversations that asked models.
                """
                CREATE TABLE model_arms (
                    tenant_id BLOB NOT NULL, conversation_id BLOB NOT NULL, experiment_id BLOB NOT NULL,
                    variant TEXT NOT NULL, PRIMARY KEY (tenant_id, conversation_id, experiment_id, variant))
                    STRICT, WITHOUT ROWID
                """,
            ]),
        Migration(
            "0011 tallies",
            [
                // Whoever was first exposed before is in no tally.
                "ALTER TABLE units ADD COLUMN tallied INTEGER NOT NULL DEFAULT 0",
                "ALTER TABLE units ADD COLUMN covariate INTEGER",
                "ALTER TABLE units ADD COLUMN segments TEXT NOT NULL DEFAULT ''",
                """
                CREATE TABLE tallies (
                    tenant_id BLOB NOT NULL, experiment_id BLOB NOT NULL, variant INTEGER NOT NULL,
                    phase INTEGER NOT NULL, series INTEGER NOT NULL, place INTEGER NOT NULL, units INTEGER NOT NULL,
                    total TEXT NOT NULL, squares TEXT NOT NULL,
                    PRIMARY KEY (tenant_id, experiment_id, variant, phase, series, place)) STRICT, WITHOUT ROWID
                """,
            ]),
        Migration(
            "0015 quotes told again",
            [
                // Quotes told out of the store's reach, beside the offer that it had: each has its own tail in `repeated`,
                // all others 0.
                """
                CREATE TABLE offers_repeated (
                    tenant_id BLOB NOT NULL, subject BLOB NOT NULL, sku TEXT NOT NULL, experiment_id BLOB NOT NULL,
                    variant INTEGER NOT NULL, price INTEGER NOT NULL, currency TEXT NOT NULL, tail INTEGER NOT NULL,
                    told_at INTEGER NOT NULL, exposed INTEGER NOT NULL, accepted_window INTEGER,
                    repeated INTEGER NOT NULL DEFAULT 0,
                    PRIMARY KEY (tenant_id, subject, sku, experiment_id, variant, price, currency, repeated))
                    STRICT, WITHOUT ROWID
                """,
                """
                INSERT INTO offers_repeated SELECT tenant_id, subject, sku, experiment_id, variant, price, currency,
                    tail, told_at, exposed, accepted_window, 0 FROM offers
                """,
                "DROP TABLE offers",
                "ALTER TABLE offers_repeated RENAME TO offers",
                "CREATE UNIQUE INDEX offers_by_tail ON offers (tenant_id, tail)",
            ]),
        Migration(
            "0016 vectors of products",
            [
                """
                CREATE TABLE product_vectors (
                    tenant_id BLOB NOT NULL, sku TEXT NOT NULL, model TEXT NOT NULL, content BLOB NOT NULL,
                    vector BLOB NOT NULL, PRIMARY KEY (tenant_id, sku, model)) STRICT
                """
            ]),
        // Whoever is there already begins no checkout that counts.
        Migration("0017 checkouts of shoppers", ["ALTER TABLE units ADD COLUMN checkouts INTEGER NOT NULL DEFAULT 0"]),
        Migration(
            "0020 usage",
            [
                """
                CREATE TABLE usage (
                    tenant_id BLOB NOT NULL, type TEXT NOT NULL, day INTEGER NOT NULL, used INTEGER NOT NULL,
                    PRIMARY KEY (tenant_id, type, day)) STRICT, WITHOUT ROWID
                """
            ]),
        Migration(
            "0024 offers by the order of their key",
            [
                // Where a column of the key stands behind others, integrity_check of SQLite 3.40 takes them for NULL.
                """
                CREATE TABLE offers_in_order (
                    tenant_id BLOB NOT NULL, subject BLOB NOT NULL, sku TEXT NOT NULL, experiment_id BLOB NOT NULL,
                    variant INTEGER NOT NULL, price INTEGER NOT NULL, currency TEXT NOT NULL,
                    repeated INTEGER NOT NULL DEFAULT 0, tail INTEGER NOT NULL, told_at INTEGER NOT NULL,
                    exposed INTEGER NOT NULL, accepted_window INTEGER,
                    PRIMARY KEY (tenant_id, subject, sku, experiment_id, variant, price, currency, repeated))
                    STRICT, WITHOUT ROWID
                """,
                """
                INSERT INTO offers_in_order SELECT tenant_id, subject, sku, experiment_id, variant, price, currency,
                    repeated, tail, told_at, exposed, accepted_window FROM offers
                """,
                "DROP TABLE offers",
                "ALTER TABLE offers_in_order RENAME TO offers",
                "CREATE UNIQUE INDEX offers_by_tail ON offers (tenant_id, tail)",
            ]),
    ])
}
