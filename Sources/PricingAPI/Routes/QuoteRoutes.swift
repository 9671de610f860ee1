internal import EventLoop
internal import Experiments
internal import HTTPServer
internal import JSON

extension PricingAPI {
    /// The hot path. A shopper this process knows is answered at once, and one whom another told lately when the cache
    /// calls back: both without a task. For the others the store is asked together.
    func quote(_ context: Context) throws(Problem) -> Answer {
        let (principal, snapshot) = try context.member
        let isForShopper = principal.shopper != nil
        // A browser does not choose whom it is taken for, nor whether it is counted.
        let keys = isForShopper ? QuoteRequest.shopperKeys : QuoteRequest.keys
        let request = try context.read(keys) { QuoteRequest($0) }
        guard let request else { throw .invalid([]) }
        try principal.checkShopper(request.shopper)
        do throws(QuoteError) {
            let found = try service.find(request, in: snapshot)
            return answer(found, in: snapshot, isForShopper: isForShopper, on: context.loop)
        } catch {
            throw Problem(error)
        }
    }

    private func answer(
        _ found: consuming QuoteFound, in snapshot: TenantSnapshot, isForShopper: Bool, on loop: EventLoop
    ) -> Answer {
        switch found {
        case .told(.held(let held)): .now(answer(held, in: snapshot, isForShopper: isForShopper))
        case .told(.made(let quote)): .now(answer(quote, in: snapshot, isForShopper: isForShopper))
        case .asksCache(let unknown):
            .called { [self] then in
                service.askCache(unknown, in: snapshot) {
                    then(self.answer($0, in: snapshot, isForShopper: isForShopper, on: loop))
                }
            }
        case .asksStore(let unknown):
            .called { [self] then in
                gathered.add(unknown, in: snapshot, on: loop) { result in
                    switch result {
                    case .success(let quote):
                        then(.now(self.answer(quote, in: snapshot, isForShopper: isForShopper)))
                    case .failure(let error): then(.later { () throws(Problem) in throw Problem(error) })
                    }
                }
            }
        }
    }

    private func answer(_ quote: Quote, in snapshot: TenantSnapshot, isForShopper: Bool) -> Response {
        countTold(quote, in: snapshot)
        return Self.response(quote.wire(isForShopper: isForShopper))
    }

    /// The same bytes for as long as it is the same quote.
    private func answer(_ held: HeldQuote, in snapshot: TenantSnapshot, isForShopper: Bool) -> Response {
        countTold(HeldQuote.reason, in: snapshot)
        guard let key = held.key else { return Self.response(held.quote.wire(isForShopper: isForShopper)) }
        if let known = rendered.find(key, isForShopper: isForShopper) { return Self.response(known) }
        let bytes = held.quote.wire(isForShopper: isForShopper)
        rendered.keep(bytes, for: key, isForShopper: isForShopper)
        return Self.response(bytes)
    }

    private static func response(_ quote: [UInt8]) -> Response {
        Response(status: 200, rawHeaders: jsonHeader, body: .bytes(quote))
    }

    /// Too short to be worth compressing, so the header is ready-made.
    private static let jsonHeader = Array("Content-Type: application/json\r\n".utf8)

    /// Up to 1,000 quotes in one call and one transaction.
    func quoteBatch(_ context: Context) async throws(Problem) -> Response {
        let snapshot = try context.member.snapshot
        let requests = try context.read(["quotes"]) { reader -> [QuoteRequest?] in
            reader.require("quotes")
            let requests = reader.objects("quotes", keys: QuoteRequest.keys, none: nil) { QuoteRequest($0) } ?? []
            if requests.count > 1000 { reader.fault("quotes", "A batch has at most 1,000 quotes.") }
            return requests
        }
        try await charge(context, for: requests.count)
        let results: [Result<Quote, QuoteError>]
        do throws(QuoteError) {
            results = try await service.quotes(requests.compactMap { $0 }, in: snapshot)
        } catch {
            throw Problem(error)
        }
        var writer = JSONWriter()
        writer.reserve(700 * results.count)
        writer.beginObject()
        writer.key("data")
        writer.beginArray()
        for result in results {
            writer.beginObject()
            switch result {
            case .success(let quote):
                countTold(quote, in: snapshot)
                writer.key("quote")
                quote.write(into: &writer)
            case .failure(let error):
                let problem = Problem(error)
                writer.key("error")
                writer.beginObject()
                writer.field("status", problem.status)
                writer.field("code", problem.code)
                writer.field("detail", problem.faults.first?.detail ?? problem.detail)
                writer.endObject()
            }
            writer.endObject()
        }
        writer.endArray()
        writer.endObject()
        return Response(status: 200, contentType: "application/json", body: writer.bytes)
    }

    func readQuote(_ context: Context) async throws(Problem) -> Response {
        let snapshot = try context.member.snapshot
        guard let id = QuoteID(context.parameter(0)) else { throw .notFound }
        let quote: Quote?
        do throws(StoreError) {
            quote = try await service.quote(id, in: snapshot)
        } catch {
            throw Problem(error)
        }
        guard let quote else { throw .notFound }
        return Response(status: 200, contentType: "application/json", body: quote.wire)
    }

    /// What `POST /quotes` would say; nobody is enrolled and nothing written.
    func peek(_ context: Context) async throws(Problem) -> Response {
        let snapshot = try context.member.snapshot
        guard let sku = TenantKey(context.parameter(0)), snapshot.catalogue[sku] != nil else { throw .notFound }
        guard let shopper = try context.query("shopper").flatMap(TenantKey.init) else {
            throw .parameter("`shopper` says for whom: 1 to 256 bytes, no control characters.")
        }
        var attributes: Attributes = [:]
        if let text = try context.query("attributes") {
            guard let document = try? JSONDocument(parsing: Array(text.utf8)), document.root.members != nil,
                (try? document.root.requireUniqueKeys()) != nil,
                case .object(let members) = AttributeValue(document.root)
            else { throw .parameter("`attributes` is a JSON object.") }
            attributes = members
        }
        if let channel = try context.query("channel"), attributes["channel"] == nil {
            attributes["channel"] = .string(channel)
        }
        var quantity: Int64 = 1
        if let text = try context.query("quantity") {
            guard let number = Int64(text) else { throw .parameter("`quantity` is a whole number.") }
            quantity = number
        }
        var currency: Currency?
        if let code = try context.query("currency") {
            guard let known = Currency(code) else { throw .parameter("`currency` is an ISO 4217 code.") }
            currency = known
        }
        let request = QuoteRequest(
            shopper: shopper, product: sku, attributes: attributes, quantity: quantity, currency: currency)
        do throws(QuoteError) {
            let price = try await service.peek(request, in: snapshot)
            return Response(status: 200, contentType: "application/json", body: price.wire)
        } catch {
            throw Problem(error)
        }
    }
}
