internal import CAssets
internal import Experiments
internal import HTTPServer
internal import JSON

/// The OpenAPI 3.1 document of this API, as it is served at `/openapi.json`.
public enum OpenAPIDocument {
    /// The document as JSON, UTF-8.
    public static let bytes: [UInt8] = unsafe Array(
        UnsafeBufferPointer(start: cassets_openapi, count: cassets_openapi_length))

    static let page = APIConfiguration.Page(contentType: "application/json", bytes: bytes)
}

extension PricingAPI {
    func health(_ context: Context) -> Response {
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("status", "ok")
        writer.field("timestamp", service.clock.now())
        writer.field("version", configuration.version)
        writer.endObject()
        return Response(status: 200, contentType: "application/json", body: writer.bytes)
    }

    /// Whether requests should be sent here, and what is down if not.
    ///
    /// A replica whose shared store is out of reach still tells known shoppers their prices, and all replicas lose it at
    /// once: it stays ready, as degraded. It is asked nothing here, so that the answer does not wait for what hangs.
    func ready(_ context: Context) async -> Response {
        var store = service.isDegraded ? "unreachable" : "ok"
        if !service.store.isShared {
            do throws(StoreError) {
                try await service.store.check()
                store = "ok"
            } catch {
                store =
                    switch error {
                    case .full: "full"
                    case .broken: "broken"
                    case .unavailable: "unavailable"
                    case .unreachable, .uncertain: "unreachable"
                    case .corrupt: "corrupt"
                    case .outdated, .repeated: "ok"
                    }
            }
        }
        let isDegraded = store != "ok" && service.store.isShared
        let isReady = (store == "ok" || isDegraded) && !draining
        var writer = JSONWriter()
        writer.beginObject()
        writer.field(
            "status", draining ? "draining" : isDegraded ? "degraded" : isReady ? "ready" : "unavailable")
        writer.field("timestamp", service.clock.now())
        writer.key("checks")
        writer.beginObject()
        writer.field("store", store)
        writer.endObject()
        writer.endObject()
        var response = Response(status: isReady ? 200 : 503, contentType: "application/json", body: writer.bytes)
        if !isReady { response.headers.append(("Retry-After", "1")) }
        return response
    }

    func openAPI(_ context: Context) -> Response { context.representation(OpenAPIDocument.page) }

    func page(_ context: Context) -> Response {
        guard let page = configuration.pages[context.route.pattern] else {
            return Problem.notFound.response(requestID: context.requestID)
        }
        guard page.status == 200 else {
            return Response(
                status: page.status, headers: [("Content-Type", page.contentType)], body: .shared(page.body))
        }
        return context.representation(page)
    }

    /// Audit rows, newest first.
    func listAudit(_ context: Context) async throws(Problem) -> Response {
        let tenant = try context.member.snapshot.tenant.id
        let paging = try Paging(context)
        let below = try paging.after { Int64($0) }
        let entries: [AuditEntry]
        do throws(StoreError) {
            entries = try await service.store.audit(of: tenant, below: below, limit: paging.limit + 1)
        } catch {
            throw Problem(error)
        }
        let page = Array(entries.prefix(paging.limit))
        let next = entries.count > paging.limit ? page.last.map { String($0.sequence) } : nil
        let body = Paging.body(page, next: next) { entry, writer in
            writer.beginObject()
            writer.field("sequence", entry.sequence)
            writer.field("at", entry.draft.at)
            writer.field("actor", entry.draft.actor)
            writer.field("action", entry.draft.action)
            writer.field("target", entry.draft.target)
            writer.field("request_id", entry.draft.requestID)
            writer.field("previous", hex: entry.previous)
            writer.field("hash", hex: entry.hash)
            writer.endObject()
        }
        return Response(status: 200, contentType: "application/json", body: body)
    }
}
