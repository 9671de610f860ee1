internal import Experiments
internal import HTTPServer
internal import JSON

extension PricingAPI {
    static let largestBatch = 10_000

    /// Counts a batch; 200 means durable.
    func ingest(_ context: Context) async throws(Problem) -> Response {
        let snapshot = try context.member.snapshot
        // A few thousand events take tens of milliseconds, which a loop does not have.
        if context.request.body.count > 32_768, let workers = configuration.workers {
            return try await withTaskExecutorPreference(workers) { () async throws(Problem) -> Response in
                try await self.ingest(context, snapshot)
            }
        }
        return try await ingest(context, snapshot)
    }

    private func ingest(_ context: Context, _ snapshot: TenantSnapshot) async throws(Problem) -> Response {
        let drafts = try Self.events(context)
        let outcomes: [EventOutcome]
        do throws(StoreError) {
            outcomes = try await service.ingest(drafts, in: snapshot)
        } catch {
            throw Problem(error)
        }
        count(outcomes, in: snapshot)
        return Response(status: 200, contentType: "application/json", body: EventOutcome.wire(outcomes))
    }

    /// The events of a JSON array or of NDJSON lines.
    private static func events(_ context: Context) throws(Problem) -> [EventDraft] {
        var drafts: [EventDraft] = []
        switch context.mediaType {
        case .jsonLines:
            for line in JSONLines(context.request.body) {
                if drafts.count == largestBatch { throw tooMany }
                do throws(JSONError) {
                    drafts.append(EventDraft(try line.parse().root))
                } catch {
                    drafts.append(EventDraft(unreadable: "Line \(line.number): \(error)."))
                }
            }
        case .json:
            guard let elements = try context.json().root.elements else {
                throw .invalid([Fault("", "Expected an array of events, or NDJSON with its content type.")])
            }
            for element in elements {
                if drafts.count == largestBatch { throw tooMany }
                drafts.append(EventDraft(element))
            }
        case .csv, .other:
            throw Problem(
                415, "unsupported_media_type", "Send an array as application/json, or lines as application/x-ndjson.")
        }
        return drafts
    }

    private static var tooMany: Problem {
        Problem(413, "too_many_events", "A batch has at most \(largestBatch) events; send several.")
    }

    /// Makes two ids one shopper. Saying it again changes nothing.
    func linkIdentities(_ context: Context) async throws(Problem) -> Response {
        let (principal, snapshot) = try context.member
        let shoppers = try context.read(["shoppers"]) { reader -> [TenantKey] in
            reader.require("shoppers")
            guard let texts = reader.strings("shoppers") else { return [] }
            let keys = texts.compactMap(TenantKey.init)
            if texts.count != 2 || keys.count != 2 {
                reader.fault("shoppers", "Two ids, each of 1 to 256 bytes without control characters.")
            }
            return keys
        }
        guard shoppers.count == 2 else { throw .invalid([]) }
        do throws(StoreError) {
            _ = try await service.link(
                shoppers[0], shoppers[1], in: snapshot, actor: principal.key.id.description,
                requestID: context.requestID)
        } catch {
            throw Problem(error)
        }
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("shoppers")
        writer.beginArray()
        for shopper in shoppers { writer.string(shopper.text) }
        writer.endArray()
        writer.field("linked", true)
        writer.endObject()
        return Response(status: 200, contentType: "application/json", body: writer.bytes)
    }
}
