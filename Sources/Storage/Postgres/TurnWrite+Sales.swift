internal import AgentRuntime
internal import Experiments
internal import Postgres

extension TurnWrite {
    /// What a turn put among checkouts and orders, and the replies made of it. What is new is inserted and nothing
    /// else: where another process was first, the turn fails and is decided again.
    static func sales(_ sales: MemorySales, _ owner: PostgresParameter) throws -> [PostgresCommand] {
        var commands: [PostgresCommand] = []
        let checkouts = try sales.checkouts.values.sorted { $0.id < $1.id }.map {
            Row(
                id: $0.id.bits, subject: $0.subject, revision: $0.revision, isUnfinished: $0.isUnfinished,
                document: try Documents.text($0))
        }
        let orders = try sales.orders.values.sorted { $0.id < $1.id }.map {
            Row(
                id: $0.id.bits, subject: $0.subject, revision: $0.revision, isUnfinished: $0.isUnfinished,
                document: try Documents.text($0))
        }
        let changing: [ManyRows.Column] = ["revision", "unfinished", "document"]
        let tables: [(rows: [Row], name: String, key: [ManyRows.Column])] = [
            (checkouts, "checkouts", ["checkout_id"]), (orders, "orders", ["order_id"]),
        ]
        for (rows, table, key) in tables {
            let fresh = rows.filter { sales.fresh.contains($0.id) }
            if !fresh.isEmpty {
                commands.append(
                    PostgresCommand(
                        ManyRows.insert(into: table, key + changing + ["subject"]), [owner] + parameters(fresh)))
            }
            let changed = rows.filter { !sales.fresh.contains($0.id) }
            if !changed.isEmpty {
                commands.append(
                    PostgresCommand(
                        ManyRows.replace(in: table, key: key, changing, unchanged: ["subject"]),
                        [owner] + parameters(changed)))
            }
        }
        for reply in sales.saved { commands += ChangeReplies.save(reply, isNew: true) }
        return commands
    }

    private struct Row {
        let id: Bits128
        let subject: Subject
        let revision: Int64
        let isUnfinished: Bool
        let document: String
    }

    private static func parameters(_ rows: [Row]) -> [PostgresParameter] {
        [
            .bits(rows.map(\.id)), .int8s(rows.map(\.revision)), .bools(rows.map(\.isUnfinished)),
            .texts(rows.map(\.document)), .bits(rows.map(\.subject)),
        ]
    }
}
