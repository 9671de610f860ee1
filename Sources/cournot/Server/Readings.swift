internal import AgentRuntime
internal import Experiments
internal import HTTPServer
internal import PricingAPI
internal import ProcessIO
internal import Storage
internal import Synchronization

/// Figures of rooms that the API does not know, for its `/metrics`.
final class Readings: Sendable {
    private let store: any Store
    private let models: ModelChain?
    private let server = Mutex<HTTPServer?>(nil)

    /// - Parameter models: that the agent asks; nil where there are none.
    init(store: any Store, models: ModelChain?) {
        self.store = store
        self.models = models
    }

    /// Reads this server from now on. It is made after the API that asks for the figures.
    func observe(_ server: HTTPServer) { self.server.withLock { $0 = server } }

    var gauges: [Gauge] {
        var gauges = [
            Gauge(
                name: "process_resident_memory_bytes", help: "Memory that the process has in RAM.",
                value: Double(residentMemoryBytes() ?? 0))
        ]
        if let metrics = server.withLock({ $0 })?.metrics {
            gauges += [
                Gauge(
                    name: "http_open_connections", help: "Connections open now.",
                    value: Double(metrics.openConnections)),
                Gauge(
                    name: "http_open_websockets", help: "Of these, those that speak WebSocket.",
                    value: Double(metrics.openSockets)),
                Gauge(
                    name: "http_accepted_connections_total", help: "Connections accepted.", kind: .counter,
                    value: Double(metrics.acceptedConnections)),
                Gauge(
                    name: "http_turned_away_connections_total",
                    help: "Connections answered 503 as there were too many.",
                    kind: .counter, value: Double(metrics.turnedAwayConnections)),
                Gauge(
                    name: "http_bad_requests_total", help: "Requests refused before they reached the API.",
                    kind: .counter, value: Double(metrics.badRequests.values.reduce(0, +))),
            ]
        }
        if let standings = models?.standings {
            gauges += [
                Gauge(
                    name: "models_left_out", help: "Language models that are not asked now, as they failed.",
                    value: Double(standings.count { $0.isLeftOut })),
                Gauge(
                    name: "model_answers_total", help: "Answers of language models.", kind: .counter,
                    value: Double(standings.reduce(0) { $0 + $1.answers })),
                Gauge(
                    name: "model_failures_total", help: "Requests that a language model did not answer.",
                    kind: .counter, value: Double(standings.reduce(0) { $0 + $1.failures })),
            ]
        }
        if let commits = (store as? SQLiteStore)?.groupCommits ?? (store as? PostgresStore)?.groupCommits {
            gauges += [
                Gauge(
                    name: "store_commits_total", help: "Transactions committed.", kind: .counter,
                    value: Double(commits.turns)),
                Gauge(
                    name: "store_jobs_total", help: "Jobs that these transactions carried.", kind: .counter,
                    value: Double(commits.jobs)),
            ]
        }
        if let store = store as? PostgresStore {
            let connections = store.connections
            gauges += [
                Gauge(
                    name: "store_commits_at_once_total",
                    help: "Transactions that took one round trip, as nothing they rest on had to be read.",
                    kind: .counter, value: Double(store.commitsAtOnce)),
                Gauge(
                    name: "store_waiting_jobs", help: "Jobs that wait for their transaction to begin.",
                    value: Double(store.waitingJobs)),
                Gauge(
                    name: "store_open_connections", help: "Connections to the database open now.",
                    value: Double(connections.open)),
                Gauge(
                    name: "store_refused_connections_total", help: "Times that no connection was to be had.",
                    kind: .counter, value: Double(connections.refusals)),
            ]
        }
        return gauges
    }
}
