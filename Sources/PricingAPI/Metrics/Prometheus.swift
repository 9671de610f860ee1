internal import Crypto
internal import AgentRuntime
internal import Experiments
internal import HTTPServer

/// The Prometheus text format, version 0.0.4.
struct PrometheusText {
    private(set) var bytes: [UInt8] = []

    mutating func family(_ name: String, _ help: String, _ kind: String) {
        line("# HELP \(name) \(help)")
        line("# TYPE \(name) \(kind)")
    }

    /// - Parameter labels: names of our own, each with its value.
    mutating func sample(_ name: String, _ labels: [(String, String)] = [], _ value: String) {
        let list = labels.map { "\($0.0)=\"\(Self.escaped($0.1))\"" }.joined(separator: ",")
        line(labels.isEmpty ? "\(name) \(value)" : "\(name){\(list)} \(value)")
    }

    /// A backslash, a quotation mark and a line feed are spelled out in the value of a label.
    private static func escaped(_ value: String) -> String {
        guard value.utf8.contains(where: { $0 == 0x22 || $0 == 0x5c || $0 == 0x0a }) else { return value }
        var text = ""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\\": text += "\\\\"
            case "\"": text += "\\\""
            case "\n": text += "\\n"
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text
    }

    private mutating func line(_ text: String) {
        bytes.append(contentsOf: text.utf8)
        bytes.append(UInt8(ascii: "\n"))
    }
}

extension PricingAPI {
    /// Where this installation has a key for its figures, for who bears that or the operator's; else for everybody.
    func metricsText(_ context: Context) throws(Problem) -> Response {
        if let metricsHash {
            guard let key = Self.bearerKey(of: context.request.head) else { throw .unauthorized }
            let hash = SHA256.hash(key.span)
            guard hash == metricsHash || hash == operatorHash else { throw .unauthorized }
        }
        var text = PrometheusText()
        text.family("cournot_build_info", "The program that runs.", "gauge")
        text.sample("cournot_build_info", [("version", configuration.version)], "1")
        text.family("process_start_time_seconds", "When the process started, in seconds since 1970.", "gauge")
        text.sample("process_start_time_seconds", "\(Double(startedAt.milliseconds) / 1000)")
        for gauge in configuration.gauges() {
            text.family(gauge.name, gauge.help, gauge.kind.rawValue)
            text.sample(gauge.name, "\(gauge.value)")
        }
        text.family("cournot_tenants", "Tenants known to this process.", "gauge")
        text.sample("cournot_tenants", "\(service.tenantCount)")
        requests(into: &text)
        text.family("cournot_degraded", "1 while the database was out of reach when last asked.", "gauge")
        text.sample("cournot_degraded", [], service.isDegraded ? "1" : "0")
        text.family(
            "cournot_price_lookups_total", "Prices that memory did not have, by where they were found.", "counter")
        for (source, count) in service.tally.sources {
            text.sample("cournot_price_lookups_total", [("source", source)], "\(count)")
        }
        if let spool = service.spool {
            let replayed = service.tally.replayed
            text.family("cournot_spool_waiting", "Prices that wait for the database.", "gauge")
            text.sample("cournot_spool_waiting", [], "\(spool.count)")
            text.family("cournot_spool_replayed_total", "Prices that the database took over.", "counter")
            text.sample("cournot_spool_replayed_total", [], "\(replayed.count)")
            text.family(
                "cournot_spool_conflicts_total", "Of those, prices that the database had told otherwise.", "counter")
            text.sample("cournot_spool_conflicts_total", [], "\(replayed.conflicts)")
        }
        text.family("cournot_quotes_total", "Quotes given, by reason.", "counter")
        for (reason, count) in metrics.quotesByReason {
            text.sample("cournot_quotes_total", [("reason", reason.rawValue)], "\(count)")
        }
        text.family("cournot_events_total", "Events received, by what became of them.", "counter")
        text.sample("cournot_events_total", [("outcome", "accepted")], "\(metrics.eventsAccepted.count)")
        text.sample("cournot_events_total", [("outcome", "duplicate")], "\(metrics.eventsDuplicate.count)")
        text.sample("cournot_events_total", [("outcome", "rejected")], "\(metrics.eventsRejected.count)")
        text.family("cournot_chat_messages_total", "Messages of conversations, by what became of them.", "counter")
        for (kind, count) in [
            ("received", conversations.tally.received), ("unclear", conversations.tally.unclear),
            ("told", conversations.tally.told), ("replaced", conversations.tally.replaced),
            ("model", conversations.tally.modelled), ("model_failed", conversations.tally.unmodelled),
        ] {
            text.sample("cournot_chat_messages_total", [("kind", kind)], "\(count)")
        }
        text.family("cournot_live_streams", "Reports that somebody watches change, now.", "gauge")
        text.sample("cournot_live_streams", "\(live.streams)")
        usage(into: &text)
        return Response(status: 200, contentType: "text/plain; version=0.0.4; charset=utf-8", body: text.bytes)
    }

    /// What is used, by plan and by the tenants that came first; what has no row of its own is `other`.
    private func usage(into text: inout PrometheusText) {
        let plans = service.usage.plans
        let tenants = service.usage.tenants
        let tables = [
            ("plan", plans.named.map { ($0.plan, $0.row) } + [(UsageTally.rest, plans.rest)]),
            ("tenant", tenants.named.map { ($0.tenant.description, $0.row) } + [(UsageTally.rest, tenants.rest)]),
        ]
        for (label, rows) in tables {
            text.family("cournot_\(label)_quotes_total", "Prices told, by \(label).", "counter")
            for (name, row) in rows {
                text.sample("cournot_\(label)_quotes_total", [(label, name)], "\(row.quotes)")
            }
            text.family("cournot_\(label)_events_total", "Events accepted, by \(label).", "counter")
            for (name, row) in rows {
                text.sample("cournot_\(label)_events_total", [(label, name)], "\(row.events)")
            }
        }
    }

    private func requests(into text: inout PrometheusText) {
        let rows = router.routes.map { route in
            (labels: [("method", route.method.description), ("route", route.pattern)], counts: route.metrics)
        }
        text.family("cournot_http_requests_total", "Requests answered, by route and class of status.", "counter")
        let refused = (labels: [("method", "any"), ("route", "none")], counts: metrics.refused)
        for row in rows + [refused] {
            for (place, count) in row.counts.byClass.enumerated() where count > 0 {
                text.sample("cournot_http_requests_total", row.labels + [("status", "\(place + 1)xx")], "\(count)")
            }
        }
        let name = "cournot_http_request_duration_seconds"
        text.family(name, "From the whole request to the whole answer's head, by route.", "histogram")
        for row in rows {
            let buckets = row.counts.byBucket
            guard buckets.contains(where: { $0 > 0 }) else { continue }
            var total = 0
            for (bound, count) in zip(RouteMetrics.bounds, buckets) {
                total += count
                text.sample(name + "_bucket", row.labels + [("le", "\(Double(bound) / 1e9)")], "\(total)")
            }
            total += buckets.last ?? 0
            text.sample(name + "_bucket", row.labels + [("le", "+Inf")], "\(total)")
            text.sample(name + "_sum", row.labels, "\(row.counts.seconds)")
            text.sample(name + "_count", row.labels, "\(total)")
        }
    }
}

extension PrometheusText {
    mutating func sample(_ name: String, _ value: String) { sample(name, [], value) }
}
