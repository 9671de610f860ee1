internal import Crypto
internal import Experiments
internal import HTTPServer
internal import JSON

// OpenFeature remote evaluation (OFREP 0.3.0, open-feature/protocol).

extension PricingAPI {
    /// One flag for one shopper: `POST /quotes` by another name, exposure included.
    func evaluateFlag(_ context: Context) throws(Problem) -> Answer {
        let snapshot = try context.member.snapshot
        let evaluation = try OpenFeatureContext(context)
        guard let flag = PriceFlag(context.parameter(0), in: snapshot) else {
            throw Problem(
                404, "flag_not_found", "Flags are `price.<sku>`, `price.<sku>.minor` and `price.<sku>.quote`.")
        }
        let request = QuoteRequest(
            shopper: evaluation.shopper, product: flag.sku, attributes: evaluation.attributes)
        do throws(QuoteError) {
            if let quote = try service.quoteAtOnce(request, in: snapshot) {
                return .now(answer(quote, as: flag, in: snapshot))
            }
        } catch {
            throw Problem(error)
        }
        return .later { () async throws(Problem) in
            do throws(QuoteError) {
                return self.answer(try await self.service.quote(request, in: snapshot), as: flag, in: snapshot)
            } catch {
                throw Problem(error)
            }
        }
    }

    private func answer(_ quote: Quote, as flag: PriceFlag, in snapshot: TenantSnapshot) -> Response {
        countTold(quote, in: snapshot)
        var writer = JSONWriter()
        quote.write(flag, into: &writer)
        return Response(status: 200, contentType: "application/json", body: writer.bytes)
    }

    /// All flags of one shopper, for clients that evaluate them up front.
    ///
    /// Only products under test are listed; the price of any other is its list price, one by one. Assignments are made
    /// and durable, exposures are not: a client that asks for everything has shown nothing yet. It says so with an
    /// `exposure` event on the quote that the metadata names.
    func evaluateFlags(_ context: Context) async throws(Problem) -> Response {
        let snapshot = try context.member.snapshot
        let evaluation = try OpenFeatureContext(context)
        if let time = try context.query("flagConfigLastModified"), UInt64(time) == nil, Timestamp(rfc3339: time) == nil
        {
            throw .parameter("`flagConfigLastModified` is a number of seconds or an RFC 3339 time.")
        }
        let quotes = try await quotesUnderTest(
            context, of: evaluation.shopper, attributes: evaluation.attributes, in: snapshot)
        let tag = Self.tag(of: quotes, for: evaluation, in: snapshot)
        if let known = context.request.header("if-none-match"), EntityTag.list(known, contains: tag, weakly: true) {
            return Response(status: 304, headers: [("ETag", "W/" + tag)])
        }
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("flags")
        writer.beginArray()
        for quote in quotes {
            countTold(quote, in: snapshot)
            for form in PriceFlag.Form.allCases where form != .disclosure || quote.disclosure != nil {
                if let flag = PriceFlag(quote.product, form, in: snapshot) { quote.write(flag, into: &writer) }
            }
        }
        writer.endArray()
        writer.key("metadata")
        writer.beginObject()
        writer.field("configuration_version", snapshot.version)
        writer.endObject()
        writer.endObject()
        return Response(
            status: 200, headers: [("Content-Type", "application/json"), ("ETag", "W/" + tag)],
            body: .bytes(writer.bytes))
    }

    /// What one shopper is due for every product under test, told to nobody yet. Costs as many requests as products.
    func quotesUnderTest(
        _ context: Context, of shopper: TenantKey, attributes: Attributes, in snapshot: TenantSnapshot
    ) async throws(Problem) -> [Quote] {
        guard let entries = snapshot.productsUnderTest(at: service.clock.now(), limit: FlagLimits.evaluated) else {
            throw Problem(
                400, "too_many_products",
                "More than \(FlagLimits.evaluated) products are under test; ask for each that you need.")
        }
        try await charge(context, for: entries.count)
        let requests = entries.map {
            QuoteRequest(shopper: shopper, product: $0.product.sku, attributes: attributes, expose: false)
        }
        let results: [Result<Quote, QuoteError>]
        do throws(QuoteError) {
            results = try await service.quotes(requests, in: snapshot)
        } catch {
            throw Problem(error)
        }
        var quotes: [Quote] = []
        for result in results {
            switch result {
            case .success(let quote): quotes.append(quote)
            // Removed while we asked: not under test any more.
            case .failure(.unknownProduct): break
            case .failure(let error): throw Problem(error)
            }
        }
        return quotes
    }

    /// Over the context, the configuration and what is due: prices may change with the time alone. The reason is left
    /// out (`split` once, `sticky` ever after), hence the tag is a weak one.
    private static func tag(
        of quotes: [Quote], for evaluation: OpenFeatureContext, in snapshot: TenantSnapshot
    ) -> String {
        var writer = JSONWriter()
        writer.beginArray()
        writer.string(evaluation.shopper.text)
        writer.attribute(.object(evaluation.attributes))
        writer.int(snapshot.version)
        for quote in quotes {
            writer.string(quote.product.text)
            writer.string(quote.id.description)
            writer.int(quote.price.amount)
        }
        writer.endArray()
        return EntityTag.of(writer.bytes)
    }
}
