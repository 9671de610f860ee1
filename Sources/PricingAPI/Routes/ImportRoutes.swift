internal import Experiments
internal import HTTPServer
internal import JSON

/// One line of an import on its way in.
struct ImportLine: Sendable {
    /// From 1: the line of the file, or the element of the array.
    let number: Int
    let sku: String?
    let product: Product?
    let faults: [Fault]
}

extension PricingAPI {
    static let largestImport = 10_000

    /// Takes a catalogue as CSV, JSON or NDJSON: good lines go in together, bad ones are answered with what is wrong.
    func importProducts(_ context: Context) async throws(Problem) -> Response {
        let tenant = try context.member.snapshot.tenant.id
        // A few thousand lines take tens of milliseconds, which a loop does not have.
        let lines: [ImportLine]
        if context.request.body.count > 32_768, let workers = configuration.workers {
            lines = try await withTaskExecutorPreference(workers) { () async throws(Problem) -> [ImportLine] in
                try Self.lines(context)
            }
        } else {
            lines = try Self.lines(context)
        }
        if lines.count > Self.largestImport {
            throw Problem(413, "too_many_lines", "An import has at most \(Self.largestImport) products; send several.")
        }
        return try await once(context) { keeper throws(ConfigurationError) in
            try await service.change(tenant, actor: context.caller.actor, requestID: context.requestID) {
                snapshot, now throws(ConfigurationError) in
                var changes: [ConfigurationChange] = []
                var seen: Set<TenantKey> = []
                let results = lines.map { line in Self.decide(line, in: snapshot, &changes, &seen) }
                let outcome = Outcome(status: 200, body: ImportResult.wire(results))
                return Decided(
                    changes, action: "product.import", target: "\(changes.count) products", answer: outcome,
                    reply: keeper?.keep(outcome, at: now))
            }
        }
    }

    private static func decide(
        _ line: ImportLine, in snapshot: TenantSnapshot, _ changes: inout [ConfigurationChange],
        _ seen: inout Set<TenantKey>
    ) -> ImportResult {
        guard let product = line.product, line.faults.isEmpty else {
            return ImportResult(line: line, result: .rejected, faults: line.faults)
        }
        do throws(ConfigurationError) {
            try snapshot.checkChange(to: product)
        } catch .conflict(_, let detail) {
            return ImportResult(line: line, result: .rejected, faults: [Fault("", detail)])
        } catch {
            return ImportResult(line: line, result: .rejected, faults: [Fault("", "The product cannot be changed.")])
        }
        changes.append(.product(product))
        let isNew = seen.insert(product.sku).inserted && snapshot.catalogue[product.sku] == nil
        return ImportResult(line: line, result: isNew ? .created : .updated, faults: [])
    }

    private static func lines(_ context: Context) throws(Problem) -> [ImportLine] {
        switch context.mediaType {
        case .csv: return try ProductCSV.lines(context.request.body)
        case .jsonLines:
            return JSONLines(context.request.body).map { line in
                do throws(JSONError) {
                    return importLine(line.number, try line.parse().root)
                } catch {
                    return ImportLine(number: line.number, sku: nil, product: nil, faults: [Fault("", "\(error).")])
                }
            }
        case .json:
            guard let elements = try context.json().root.elements else {
                throw .invalid([Fault("", "Expected an array of products.")])
            }
            return elements.enumerated().map { importLine($0 + 1, $1) }
        case .other:
            throw Problem(
                415, "unsupported_media_type",
                "Send text/csv, an array as application/json, or lines as application/x-ndjson.")
        }
    }

    private static func importLine(_ number: Int, _ node: JSONNode) -> ImportLine {
        let collector = FaultCollector()
        let reader = ObjectReader(node, keys: Product.settableKeys, readOnly: Product.readOnlyKeys, collector)
        let product = reader.flatMap { Product.read($0) }
        return ImportLine(
            number: number, sku: node["sku"]?.string, product: product, faults: collector.faults.list)
    }
}

/// What became of one line.
struct ImportResult {
    enum Result: String {
        case created, updated, rejected
    }

    let line: ImportLine
    let result: Result
    let faults: [Fault]

    /// `{"created", "updated", "rejected", "lines": [{"line", "sku", "result", "errors"?}]}`
    static func wire(_ results: [ImportResult]) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("created", results.count { $0.result == .created })
        writer.field("updated", results.count { $0.result == .updated })
        writer.field("rejected", results.count { $0.result == .rejected })
        writer.key("lines")
        writer.beginArray()
        for result in results {
            writer.beginObject()
            writer.field("line", result.line.number)
            writer.field("sku", optional: result.line.product?.sku.text ?? result.line.sku)
            writer.field("result", result.result.rawValue)
            if !result.faults.isEmpty {
                writer.key("errors")
                writer.faults(result.faults)
            }
            writer.endObject()
        }
        writer.endArray()
        writer.endObject()
        return writer.bytes
    }
}
