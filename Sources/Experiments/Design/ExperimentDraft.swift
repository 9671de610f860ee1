/// A design as it came from outside: the right types, nothing else promised. Nil is absent.
public struct ExperimentDraft: Sendable {
    public struct VariantDraft: Sendable {
        public var name: String?
        public var price: Int64?
        public var currency: String?
        public var weight: Int64?
        public var metadata: Attributes?

        public init(
            name: String? = nil, price: Int64? = nil, currency: String? = nil, weight: Int64? = nil,
            metadata: Attributes? = nil
        ) {
            self.name = name
            self.price = price
            self.currency = currency
            self.weight = weight
            self.metadata = metadata
        }
    }

    public var name: String?
    public var hypothesis: String?
    public var products: [String]?
    public var currency: String?
    public var variants: [VariantDraft]?
    public var unit: String?
    public var layer: Layer?
    public var audience: AttributeValue?
    public var coverage: Double?
    public var holdout: Double?
    public var primaryMetric: String?
    public var guardrails: [(metric: String, maxDrop: Double)]?
    public var method: String?
    public var alpha: Double?
    public var power: Double?
    public var minimumEffect: Double?
    public var prior: AnalysisPlan.Prior?
    public var covariate: String?
    public var winsorise: Double?
    public var segments: [Segment]?
    public var looks: Int64?
    public var spending: String?
    public var bandit: (rule: String?, floor: Double?, everyHours: Int64?)?
    public var attributionDays: Int64?
    public var targetSampleSize: Int64?
    public var startsAt: Timestamp?
    public var endsAt: Timestamp?
    public var ramp: [Ramp.Step]?
    public var rounding: String?
    public var maxSpread: Double?

    public init() {}
}

extension ExperimentDesign {
    /// Checks a draft against itself and the catalogue and reports **all** that is wrong.
    ///
    /// - Parameters:
    ///   - product: looks a product up by its key.
    ///   - faults: what the reader of the draft already found wrong; those places are not complained of twice.
    /// - Throws: `Faults` with every fault.
    public init(
        validating draft: ExperimentDraft, product: (TenantKey) -> Product?, faults earlier: Faults = Faults()
    ) throws(Faults) {
        var check = DraftCheck(faults: earlier)

        let name = draft.name ?? ""
        if name.isEmpty || name.count > 200 { check.add("/name", "A name has 1 to 200 characters.") }
        let hypothesis = draft.hypothesis ?? ""
        if hypothesis.count > 5000 { check.add("/hypothesis", "A hypothesis has at most 5,000 characters.") }

        let products = check.products(draft.products, product: product)
        let currency = check.currency(draft.currency, products: products)
        let rules = PriceRules(
            rounding: check.choice(draft.rounding, "/price_rules/rounding", or: PriceRules.Rounding.none),
            maxSpread: check.spread(draft.maxSpread))
        let variants = check.variants(draft.variants, currency: currency, rules: rules, products: products)

        let unit = check.choice(draft.unit, "/unit", or: Experiment.Unit.shopper)
        if let layer = draft.layer {
            if layer.name.isEmpty || layer.name.count > 100 {
                check.add("/layer/name", "A layer's name has 1 to 100 characters.")
            }
            if !(layer.from >= 0 && layer.from < layer.to && layer.to <= 1) {
                check.add("/layer/range", "A layer's range is [from, to] with 0 ≤ from < to ≤ 1.")
            }
        }
        var audience: Condition?
        if let source = draft.audience {
            do throws(ConditionFault) {
                audience = try Condition(parsing: source)
            } catch {
                check.add("/audience" + error.pointer, error.sentence)
            }
        }
        let coverage = check.share(draft.coverage, "/coverage", or: 1)
        let holdout = check.share(draft.holdout, "/holdout", or: 0)

        let primary = check.choice(draft.primaryMetric, "/primary_metric", or: Metric.profitPerVisitor)
        let guardrails = check.guardrails(draft.guardrails)
        let analysis = check.analysis(draft)

        let days = draft.attributionDays ?? 14
        if !(1...90).contains(days) { check.add("/attribution_days", "The attribution window has 1 to 90 days.") }
        if let size = draft.targetSampleSize, !(1...1_000_000_000_000).contains(size) {
            check.add("/target_sample_size", "A target sample size is from 1 to 10^12.")
        }
        if let starts = draft.startsAt, let ends = draft.endsAt, starts >= ends {
            check.add("/ends_at", "The end is not after the start.")
        }
        let ramp = check.ramp(draft.ramp)

        try check.faults.check()
        guard let currency else { throw check.faults }
        self.name = name
        self.hypothesis = hypothesis
        self.products = products.map(\.sku)
        self.currency = currency
        self.variants = variants
        self.unit = unit
        self.layer = draft.layer
        self.audience = audience
        self.coverage = coverage
        self.holdout = holdout
        self.primaryMetric = primary
        self.guardrails = guardrails
        self.analysis = analysis
        attributionDays = Int(days)
        targetSampleSize = draft.targetSampleSize.map { Int($0) }
        startsAt = draft.startsAt
        endsAt = draft.endsAt
        self.ramp = ramp
        priceRules = rules
    }
}

/// Gathers the faults of a draft, part by part.
private struct DraftCheck {
    var faults: Faults

    /// Adds a fault unless that place, or one above or beneath it, was complained of already.
    mutating func add(_ pointer: String, _ detail: String) {
        let known = faults.list.contains {
            $0.pointer == pointer || pointer.hasPrefix($0.pointer + "/") || $0.pointer.hasPrefix(pointer + "/")
        }
        if !known { faults.add(pointer, detail) }
    }

    mutating func choice<Choice: RawRepresentable & CaseIterable>(
        _ text: String?, _ pointer: String, or standard: Choice
    ) -> Choice where Choice.RawValue == String {
        guard let text else { return standard }
        if let choice = Choice(rawValue: text) { return choice }
        let all = Choice.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
        add(pointer, "Not one of \(all).")
        return standard
    }

    mutating func share(_ value: Double?, _ pointer: String, or standard: Double) -> Double {
        guard let value else { return standard }
        if !(value >= 0 && value <= 1) { add(pointer, "A share is from 0 to 1.") }
        return value
    }

    mutating func products(_ keys: [String]?, product: (TenantKey) -> Product?) -> [Product] {
        guard let keys, !keys.isEmpty else {
            add("/products", "Choose a product: an experiment has at least one.")
            return []
        }
        if keys.count > 1000 { add("/products", "An experiment has at most 1,000 products.") }
        var found: [Product] = []
        var seen: Set<String> = []
        for (index, key) in keys.enumerated().prefix(1000) {
            if !seen.insert(key).inserted {
                add("/products/\(index)", "The product stands here twice.")
            } else if let sku = TenantKey(key), let known = product(sku) {
                found.append(known)
            } else {
                add("/products/\(index)", "There is no product with this SKU.")
            }
        }
        return found
    }

    mutating func currency(_ code: String?, products: [Product]) -> Currency? {
        let stated = code.flatMap { Currency($0) }
        if let code, stated == nil { add("/currency", "\"\(code.prefix(20))\" is not an ISO 4217 currency code.") }
        guard let currency = stated ?? (code == nil ? products.first?.currency : nil) else {
            // Without one said it is the first product's: where there is none, that is what is wrong.
            return nil
        }
        for (index, product) in products.enumerated() where product.currency != currency {
            add("/products/\(index)", "The product is priced in \(product.currency), the experiment in \(currency).")
        }
        return currency
    }

    mutating func variants(
        _ drafts: [ExperimentDraft.VariantDraft]?, currency: Currency?, rules: PriceRules, products: [Product]
    ) -> [Variant] {
        guard let drafts, (2...20).contains(drafts.count) else {
            add("/variants", "An experiment has 2 to 20 variants.")
            return []
        }
        var out: [Variant] = []
        var names: Set<String> = []
        for (index, draft) in drafts.enumerated() {
            let place = "/variants/\(index)"
            let name = draft.name ?? ""
            if name.isEmpty || name.count > 100 {
                add(place + "/name", "A variant's name has 1 to 100 characters.")
            } else if !names.insert(name).inserted {
                add(place + "/name", "Another variant has this name.")
            }
            if let code = draft.currency, let currency, code != currency.code {
                add(place + "/price/currency", "The experiment is in \(currency).")
            }
            let weight = draft.weight ?? 1
            if !(0...1_000_000).contains(weight) {
                add(place + "/weight", "A weight is a whole number from 0 to 1,000,000.")
            }
            guard let price = draft.price else {
                add(place + "/price", "A variant has a price.")
                continue
            }
            guard (0...Money.largestAmount).contains(price) else {
                add(place + "/price/amount", "A price is from 0 to \(Money.largestAmount) minor units.")
                continue
            }
            let offered = currency.map { rules.offered(for: price, in: $0) } ?? price
            for product in products where product.currency == currency {
                if let objection = product.objection(to: offered) { add(place + "/price", objection) }
            }
            out.append(
                Variant(
                    name: name, price: price, offered: offered, weight: Int(clamping: weight),
                    metadata: draft.metadata ?? [:]))
        }
        if !drafts.isEmpty, drafts.allSatisfy({ ($0.weight ?? 1) == 0 }) {
            add("/variants", "At least one weight is positive.")
        }
        if let limit = rules.maxSpread, let spread = PriceRules.spread(of: out.map(\.offered)), spread > limit {
            add(
                "/variants",
                spread.isFinite
                    ? "The highest price is \(Self.percent(spread)) above the lowest; the price rules allow \(Self.percent(limit))."
                    : "A price of 0 beside another is further apart than the price rules allow.")
        }
        return out
    }

    /// Nil where there is no limit, or none that makes sense.
    mutating func spread(_ limit: Double?) -> Double? {
        guard let limit else { return nil }
        if limit > 0 && limit <= 100 { return limit }
        add(
            "/price_rules/max_spread",
            "A maximum spread is above 0 and at most 100 (1 means the highest price is twice the lowest).")
        return nil
    }

    mutating func guardrails(_ drafts: [(metric: String, maxDrop: Double)]?) -> [Guardrail] {
        var out: [Guardrail] = []
        for (index, draft) in (drafts ?? []).enumerated() {
            let place = "/guardrails/\(index)"
            let metric = choice(draft.metric, place + "/metric", or: Metric.conversionRate)
            if !(draft.maxDrop > 0 && draft.maxDrop <= 1) {
                add(place + "/max_drop", "A maximum drop is above 0 and at most 1.")
            }
            if out.contains(where: { $0.metric == metric }) { add(place, "Another guardrail watches this metric.") }
            out.append(Guardrail(metric: metric, maxDrop: draft.maxDrop))
        }
        return out
    }

    mutating func analysis(_ draft: ExperimentDraft) -> AnalysisPlan {
        var plan = AnalysisPlan(method: choice(draft.method, "/analysis/method", or: .sequential))
        plan.alpha = draft.alpha ?? plan.alpha
        plan.power = draft.power ?? plan.power
        plan.minimumEffect = draft.minimumEffect ?? plan.minimumEffect
        plan.prior = draft.prior
        plan.covariate = draft.covariate
        plan.winsorise = draft.winsorise ?? plan.winsorise
        plan.segments = segments(draft.segments)
        plan.looks = Int(clamping: draft.looks ?? Int64(plan.looks))
        plan.spending = choice(draft.spending, "/analysis/spending", or: plan.spending)
        plan.bandit = bandit(draft)
        if plan.bandit != nil, plan.method != .sequential {
            add("/analysis/method", "Weights that follow what is learned are read at any time: sequential.")
        }
        if !(2...20).contains(plan.looks) { add("/analysis/looks", "A group-sequential plan has 2 to 20 looks.") }
        if plan.method == .groupSequential, draft.targetSampleSize == nil {
            add("/target_sample_size", "Planned looks are at parts of a target sample size; give one.")
        }
        if !(plan.alpha > 0 && plan.alpha <= 0.5) { add("/analysis/alpha", "Alpha is above 0 and at most 0.5.") }
        if !(plan.power >= 0.5 && plan.power < 1) { add("/analysis/power", "Power is at least 0.5 and below 1.") }
        if !(plan.minimumEffect > 0 && plan.minimumEffect <= 10) {
            add("/analysis/minimum_effect", "The minimum effect is relative: above 0 and at most 10.")
        }
        if let prior = plan.prior, !(prior.alpha > 0 && prior.alpha <= 1e9 && prior.beta > 0 && prior.beta <= 1e9) {
            add("/analysis/prior", "A Beta prior has alpha and beta above 0 and at most 10^9.")
        }
        if let covariate = plan.covariate, !Self.isAttribute(covariate) {
            add("/analysis/covariate", "An attribute's name has 1 to 100 characters.")
        }
        if !(plan.winsorise >= 0.9 && plan.winsorise < 1) {
            add("/analysis/winsorise", "The share of shoppers taken whole is at least 0.9 and below 1.")
        }
        return plan
    }

    private mutating func bandit(_ draft: ExperimentDraft) -> AnalysisPlan.Bandit? {
        guard let bandit = draft.bandit else { return nil }
        let variants = max(2, draft.variants?.count ?? 2)
        let floor = bandit.floor ?? min(0.1, 0.5 / Double(variants))
        if !(floor >= 0.01 && floor * Double(variants) <= 1) {
            add("/analysis/bandit/floor", "A floor is at least 0.01 and at most one over the number of variants.")
        }
        let hours = bandit.everyHours ?? 24
        if !(24...8760).contains(hours) {
            add("/analysis/bandit/every_hours", "Weights stand for 24 to 8,760 hours.")
        }
        return AnalysisPlan.Bandit(
            rule: choice(bandit.rule, "/analysis/bandit/rule", or: .topTwo), floor: floor,
            everyHours: Int(clamping: hours))
    }

    mutating func segments(_ drafts: [Segment]?) -> [Segment] {
        let drafts = drafts ?? []
        if drafts.count > Segment.most {
            add("/analysis/segments", "An experiment has at most \(Segment.most) segments.")
        }
        for (index, draft) in drafts.enumerated() {
            let place = "/analysis/segments/\(index)"
            if !Self.isAttribute(draft.attribute) {
                add(place + "/attribute", "An attribute's name has 1 to 100 characters.")
            } else if let term = ProtectedAttributes.standard.term(in: draft.attribute) {
                add(place + "/attribute", "Prices are not compared by \(term); the attribute is protected.")
            } else if drafts.prefix(index).contains(where: { $0.attribute == draft.attribute }) {
                add(place + "/attribute", "Another segment divides by this attribute.")
            }
            if !(2...Segment.mostValues).contains(draft.values.count)
                || Set(draft.values).count != draft.values.count
                || draft.values.contains(where: { $0.isEmpty || $0.count > 100 })
            {
                add(
                    place + "/values",
                    "A segment has 2 to \(Segment.mostValues) distinct values of 1 to 100 characters.")
            }
        }
        return drafts
    }

    private static func isAttribute(_ name: String) -> Bool { !name.isEmpty && name.count <= 100 }

    mutating func ramp(_ steps: [Ramp.Step]?) -> Ramp? {
        guard let steps else { return nil }
        if steps.isEmpty || steps.count > 100 { add("/ramp", "A ramp has 1 to 100 steps.") }
        var last = -1.0
        for (index, step) in steps.enumerated() {
            if !(step.afterHours >= 0 && step.afterHours <= 87_600 && step.afterHours > last) {
                add("/ramp/\(index)/after_hours", "Steps rise in time, from 0 hours up.")
            }
            if !(step.coverage >= 0 && step.coverage <= 1) { add("/ramp/\(index)/coverage", "A share is from 0 to 1.") }
            last = step.afterHours
        }
        return Ramp(steps: steps)
    }

    /// Of a ratio of prices or a checked limit: at least 0 and at most the largest amount there is.
    private static func percent(_ value: Double) -> String {
        let tenths = Int64(exactly: (value * 1000).rounded()) ?? .max
        return tenths % 10 == 0 ? "\(tenths / 10)%" : "\(tenths / 10).\(tenths % 10)%"
    }
}
