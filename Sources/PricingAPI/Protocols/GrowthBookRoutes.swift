internal import Experiments
internal import HTTPServer
internal import JSON

// GrowthBook's SDK endpoints. Features are named as OpenFeature's flags are.

extension PricingAPI {
    /// Everything an SDK needs to decide for itself, as we would decide for a shopper we have not seen.
    func growthBookFeatures(_ context: Context) throws(Problem) -> Response {
        let snapshot = try context.member.snapshot
        let now = service.clock.now()
        guard let entries = snapshot.productsUnderTest(at: now, limit: FlagLimits.listed) else {
            throw .tooManyProducts(FlagLimits.listed)
        }
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("status", 200)
        writer.key("features")
        writer.beginObject()
        for entry in entries {
            // Whether there is room within a limit, no payload can know: nobody is told a price that is then not theirs.
            let splits = snapshot.tenant.usageLimit == nil ? entry.splits(at: now) : []
            for form in [PriceFlag.Form.major, .minor] {
                guard let flag = PriceFlag(entry.product.sku, form, in: snapshot) else { continue }
                writer.key(dynamic: flag.key)
                writer.feature(flag, listPrice: entry.product.listPrice) { writer in
                    for split in splits {
                        split.write(into: &writer) { writer, price in writer.price(price, as: form) }
                    }
                }
            }
            writer.disclosures(of: splits, at: entry.product.sku, in: snapshot)
        }
        writer.endObject()
        writer.endObject()
        return context.representation(writer.bytes)
    }

    /// What this very shopper is due, those included whom the payload cannot know: assigned before weights changed,
    /// linked, or in an experiment that takes nobody new. Forced variations and features are not obeyed: a price is not
    /// for the asking. Assignments are durable, exposures are not; see `evaluateFlags`.
    func growthBookEvaluation(_ context: Context) async throws(Problem) -> Response {
        let snapshot = try context.member.snapshot
        let attributes = try Self.attributes(of: context)
        guard let shopper = Self.identifier(attributes["id"]).flatMap(TenantKey.init) else {
            throw .invalid([Fault("/attributes/id", "The shopper: 1 to 256 bytes, no control characters.")])
        }
        if snapshot.productsUnderTest(at: service.clock.now(), limit: FlagLimits.evaluated) == nil {
            throw .tooManyProducts(FlagLimits.evaluated)
        }
        let quotes = try await quotesUnderTest(context, of: shopper, attributes: attributes, in: snapshot)
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("status", 200)
        writer.key("features")
        writer.beginObject()
        for quote in quotes {
            countTold(quote, in: snapshot)
            for form in [PriceFlag.Form.major, .minor] {
                guard let flag = PriceFlag(quote.product, form, in: snapshot) else { continue }
                writer.key(dynamic: flag.key)
                writer.feature(flag, listPrice: quote.listPrice) { writer in
                    guard let variant = quote.variant, let id = quote.experiment else { return }
                    let index = snapshot.experiments[id]?.variants.firstIndex { $0.name == variant } ?? 0
                    quote.writeForced(flag, shopper: shopper, experiment: id, variant: (index, variant), into: &writer)
                }
            }
            if let disclosure = quote.disclosure,
                let flag = PriceFlag(quote.product, .disclosure, in: snapshot)
            {
                writer.key(dynamic: flag.key)
                writer.beginObject()
                writer.field("defaultValue", disclosure.text)
                writer.key("rules")
                writer.beginArray()
                writer.endArray()
                writer.endObject()
            }
        }
        writer.endObject()
        writer.endObject()
        return Response(status: 200, contentType: "application/json", body: writer.bytes)
    }

    private static func attributes(of context: Context) throws(Problem) -> Attributes {
        let root = try context.json().root
        do throws(JSONError) {
            try root.requireUniqueKeys()
        } catch {
            throw Problem(400, "malformed_json", "\(error).")
        }
        guard case .object(let members) = AttributeValue(root), case .object(let attributes)? = members["attributes"]
        else { throw .invalid([Fault("/attributes", "An object with at least `id`.")]) }
        return attributes
    }

    /// As an SDK hashes it: a number is its digits, as JavaScript writes them.
    private static func identifier(_ value: AttributeValue?) -> String? {
        switch value {
        case .string(let text)?: text
        case .number? where value?.text != "0": value?.text
        default: nil
        }
    }
}

extension Problem {
    fileprivate static func tooManyProducts(_ limit: Int) -> Problem {
        Problem(422, "too_many_products", "More than \(limit) products are under test; ask for quotes instead.")
    }
}

extension JSONWriter {
    /// `{"defaultValue", "rules"}`
    fileprivate mutating func feature(
        _ flag: PriceFlag, listPrice: Money, rules: (inout JSONWriter) -> Void
    ) {
        beginObject()
        key("defaultValue")
        price(listPrice, as: flag.form)
        key("rules")
        beginArray()
        rules(&self)
        endArray()
        endObject()
    }

    /// The sentences beside a product's prices, decided as the prices are; nothing where none is due. Where the SDK's
    /// shopper is cannot be known here, so it is as where nobody said.
    fileprivate mutating func disclosures(of splits: [PublishedSplit], at sku: TenantKey, in snapshot: TenantSnapshot) {
        let texts = splits.map { split in
            snapshot.disclosure(
                of: Offer.Placement(experiment: split.experiment.id, variant: 0), at: .unknown)?.text ?? ""
        }
        guard texts.contains(where: { !$0.isEmpty }), let flag = PriceFlag(sku, .disclosure, in: snapshot) else {
            return
        }
        key(dynamic: flag.key)
        beginObject()
        field("defaultValue", "")
        key("rules")
        beginArray()
        for (split, text) in zip(splits, texts) { split.write(into: &self) { writer, _ in writer.string(text) } }
        endArray()
        endObject()
    }

    fileprivate mutating func range(_ range: BucketRange) {
        beginArray()
        number(range.start)
        number(range.end)
        endArray()
    }
}

extension PublishedSplit {
    /// An experiment rule. `ranges` decide; `weights` say the same to people.
    fileprivate func write(into writer: inout JSONWriter, value: (inout JSONWriter, Money) -> Void) {
        writer.beginObject()
        writer.field("key", experiment.id)
        writer.field("name", experiment.name)
        writer.field("seed", seed)
        writer.field("hashAttribute", "id")
        writer.field("hashVersion", HashVersion.v2.rawValue)
        writer.field("phase", String(max(0, experiment.phases.count - 1)))
        if let audience = experiment.audience {
            writer.key("condition")
            writer.attribute(audience.source)
        }
        if !filters.isEmpty {
            writer.key("filters")
            writer.beginArray()
            for filter in filters {
                writer.beginObject()
                writer.field("attribute", "id")
                writer.field("seed", filter.seed)
                writer.field("hashVersion", filter.version.rawValue)
                writer.key("ranges")
                writer.beginArray()
                writer.range(filter.range)
                writer.endArray()
                writer.endObject()
            }
            writer.endArray()
        }
        writer.key("variations")
        writer.beginArray()
        for variant in experiment.variants {
            value(&writer, Money(amount: variant.offered, currency: experiment.currency))
        }
        writer.endArray()
        writer.key("weights")
        writer.beginArray()
        let sum = experiment.variants.reduce(0.0) { $0 + Double($1.weight) }
        for variant in experiment.variants { writer.number(Double(variant.weight) / sum) }
        writer.endArray()
        writer.key("ranges")
        writer.beginArray()
        for range in ranges { writer.range(range) }
        writer.endArray()
        writer.key("meta")
        writer.beginArray()
        for variant in experiment.variants {
            writer.beginObject()
            writer.field("key", variant.name)
            writer.field("name", variant.name)
            writer.endObject()
        }
        writer.endArray()
        writer.endObject()
    }
}

extension Quote {
    /// A rule that forces this price, named by its quote, with the one variant that this shopper may see.
    fileprivate func writeForced(
        _ flag: PriceFlag, shopper: TenantKey, experiment: ExperimentID, variant: (index: Int, name: String),
        into writer: inout JSONWriter
    ) {
        writer.beginObject()
        writer.field("id", id)
        writer.key("force")
        writer.price(price, as: flag.form)
        writer.key("tracks")
        writer.beginArray()
        writer.beginObject()
        writer.key("experiment")
        writer.beginObject()
        writer.field("key", experiment)
        writer.key("variations")
        writer.beginArray()
        writer.price(price, as: flag.form)
        writer.endArray()
        writer.endObject()
        writer.key("result")
        writer.beginObject()
        writer.field("variationId", variant.index)
        writer.field("key", variant.name)
        writer.field("inExperiment", true)
        writer.field("hashUsed", true)
        writer.field("hashAttribute", "id")
        writer.field("hashValue", shopper.text)
        writer.field("featureId", flag.key)
        writer.key("value")
        writer.price(price, as: flag.form)
        writer.endObject()
        writer.endObject()
        writer.endArray()
        writer.endObject()
    }
}
