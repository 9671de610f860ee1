internal import Experiments
internal import JSON

extension Experiment {
    static let settableKeys: [StaticString] = [
        "name", "hypothesis", "products", "currency", "variants", "unit", "layer", "audience", "coverage", "holdout",
        "primary_metric", "guardrails", "analysis", "attribution_days", "target_sample_size", "starts_at", "ends_at",
        "ramp", "price_rules",
    ]
    static let readOnlyKeys: [StaticString] = [
        "id", "version", "status", "control", "created_at", "started_at", "completed_at", "phases",
    ]
    static let settableVariantKeys: [StaticString] = ["name", "price", "weight", "metadata"]
    static let readOnlyVariantKeys: [StaticString] = ["offered"]

    var wire: [UInt8] {
        var writer = JSONWriter()
        write(into: &writer)
        return writer.bytes
    }

    func write(into writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("id", id.description)
        writer.field("version", version)
        writer.field("status", status.rawValue)
        writer.field("name", name)
        writer.field("hypothesis", hypothesis)
        writer.key("products")
        writer.beginArray()
        for sku in products { writer.string(sku.text) }
        writer.endArray()
        writer.field("currency", currency.code)
        writer.key("variants")
        writer.beginArray()
        for variant in variants { write(variant, into: &writer) }
        writer.endArray()
        writer.field("control", variants[control].name)
        writer.field("unit", unit.rawValue)
        writeAssignment(into: &writer)
        writeAnalysis(into: &writer)
        writeTimes(into: &writer)
        writer.endObject()
    }

    private func write(_ variant: Variant, into writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("name", variant.name)
        writer.field("price", Money(amount: variant.price, currency: currency))
        writer.field("offered", Money(amount: variant.offered, currency: currency))
        writer.field("weight", variant.weight)
        writer.field("metadata", variant.metadata)
        writer.endObject()
    }

    private func writeAssignment(into writer: inout JSONWriter) {
        writer.key("layer")
        if let layer {
            writer.beginObject()
            writer.field("name", layer.name)
            writer.key("range")
            writer.beginArray()
            writer.number(layer.from)
            writer.number(layer.to)
            writer.endArray()
            writer.endObject()
        } else {
            writer.null()
        }
        writer.key("audience")
        if let audience { writer.attribute(audience.source) } else { writer.null() }
        writer.number("coverage", coverage)
        writer.number("holdout", holdout)
    }

    private func writeAnalysis(into writer: inout JSONWriter) {
        writer.field("primary_metric", primaryMetric.rawValue)
        writer.key("guardrails")
        writer.beginArray()
        for guardrail in guardrails {
            writer.beginObject()
            writer.field("metric", guardrail.metric.rawValue)
            writer.number("max_drop", guardrail.maxDrop)
            writer.endObject()
        }
        writer.endArray()
        writer.key("analysis")
        writer.beginObject()
        writer.field("method", analysis.method.rawValue)
        writer.number("alpha", analysis.alpha)
        writer.number("power", analysis.power)
        writer.number("minimum_effect", analysis.minimumEffect)
        writer.key("prior")
        if let prior = analysis.prior {
            writer.beginObject()
            writer.number("alpha", prior.alpha)
            writer.number("beta", prior.beta)
            writer.endObject()
        } else {
            writer.null()
        }
        writer.field("covariate", optional: analysis.covariate)
        writer.number("winsorise", analysis.winsorise)
        writer.key("segments")
        writer.beginArray()
        for segment in analysis.segments {
            writer.beginObject()
            writer.field("attribute", segment.attribute)
            writer.key("values")
            writer.beginArray()
            for value in segment.values { writer.string(value) }
            writer.endArray()
            writer.endObject()
        }
        writer.endArray()
        writer.field("looks", analysis.looks)
        writer.field("spending", analysis.spending.rawValue)
        writer.key("bandit")
        if let bandit = analysis.bandit {
            writer.beginObject()
            writer.field("rule", bandit.rule.rawValue)
            writer.number("floor", bandit.floor)
            writer.field("every_hours", bandit.everyHours)
            writer.endObject()
        } else {
            writer.null()
        }
        writer.endObject()
        writer.field("attribution_days", attributionDays)
        writer.field("target_sample_size", optional: targetSampleSize)
    }

    private func writeTimes(into writer: inout JSONWriter) {
        writer.field("starts_at", optional: startsAt)
        writer.field("ends_at", optional: endsAt)
        writer.key("ramp")
        if let ramp {
            writer.beginArray()
            for step in ramp.steps {
                writer.beginObject()
                writer.number("after_hours", step.afterHours)
                writer.number("coverage", step.coverage)
                writer.endObject()
            }
            writer.endArray()
        } else {
            writer.null()
        }
        writer.key("price_rules")
        writer.beginObject()
        writer.field("rounding", priceRules.rounding.rawValue)
        writer.key("max_spread")
        if let spread = priceRules.maxSpread { writer.number(spread) } else { writer.null() }
        writer.endObject()
        writer.field("created_at", createdAt)
        writer.field("started_at", optional: startedAt)
        writer.field("completed_at", optional: completedAt)
        writer.key("phases")
        writer.beginArray()
        for phase in phases {
            writer.beginObject()
            writer.field("started_at", phase.startedAt)
            writer.key("weights")
            writer.beginArray()
            for weight in phase.weights { writer.int(weight) }
            writer.endArray()
            writer.endObject()
        }
        writer.endArray()
    }
}

extension ExperimentDraft {
    /// Takes what is there; what is of the wrong type or unknown is a fault of the reader's.
    ///
    /// - Parameter isPatched: the document is an answer of ours with changes in it, so that its variants have the keys
    ///   that answers have.
    init(_ reader: ObjectReader, isPatched: Bool = false) {
        self.init()
        name = reader.string("name")
        hypothesis = reader.string("hypothesis")
        products = reader.strings("products")
        currency = reader.string("currency")
        variants = reader.objects(
            "variants", keys: Experiment.settableVariantKeys + (isPatched ? Experiment.readOnlyVariantKeys : []),
            readOnly: Experiment.readOnlyVariantKeys, none: VariantDraft()
        ) { variant in
            let price = variant.object("price", keys: ["amount", "currency", "display"])
            price?.require("amount")
            price?.require("currency")
            // Whoever wrote it did not mean the weight of who says nothing.
            if variant.isNull("weight") { variant.fault("weight", "A weight is a whole number; leave it out for 1.") }
            return VariantDraft(
                name: variant.string("name"), price: price?.integer("amount"), currency: price?.string("currency"),
                weight: variant.integer("weight"), metadata: variant.attributes("metadata"))
        }
        unit = reader.string("unit")
        layer = Self.layer(reader)
        if reader["audience"] != nil { audience = reader.attribute("audience") }
        coverage = reader.number("coverage")
        holdout = reader.number("holdout")
        primaryMetric = reader.string("primary_metric")
        guardrails = reader.objects("guardrails", keys: ["metric", "max_drop"], none: ("", 0)) { guardrail in
            guardrail.require("metric")
            guardrail.require("max_drop")
            return (metric: guardrail.string("metric") ?? "", maxDrop: guardrail.number("max_drop") ?? 0)
        }
        if let analysis = reader.object(
            "analysis",
            keys: [
                "method", "alpha", "power", "minimum_effect", "prior", "covariate", "winsorise", "segments", "looks",
                "spending", "bandit",
            ])
        {
            method = analysis.string("method")
            alpha = analysis.number("alpha")
            power = analysis.number("power")
            minimumEffect = analysis.number("minimum_effect")
            covariate = analysis.string("covariate")
            winsorise = analysis.number("winsorise")
            looks = analysis.integer("looks")
            spending = analysis.string("spending")
            if let inner = analysis.object("bandit", keys: ["rule", "floor", "every_hours"]) {
                bandit = (inner.string("rule"), inner.number("floor"), inner.integer("every_hours"))
            }
            segments = analysis.objects(
                "segments", keys: ["attribute", "values"], none: Segment(attribute: "", values: [])
            ) { segment in
                segment.require("attribute")
                segment.require("values")
                return Segment(
                    attribute: segment.string("attribute") ?? "", values: segment.strings("values") ?? [])
            }
            if let inner = analysis.object("prior", keys: ["alpha", "beta"]) {
                inner.require("alpha")
                inner.require("beta")
                if let alpha = inner.number("alpha"), let beta = inner.number("beta") {
                    prior = AnalysisPlan.Prior(alpha: alpha, beta: beta)
                }
            }
        }
        attributionDays = reader.integer("attribution_days")
        targetSampleSize = reader.integer("target_sample_size")
        startsAt = reader.timestamp("starts_at")
        endsAt = reader.timestamp("ends_at")
        ramp = reader.objects(
            "ramp", keys: ["after_hours", "coverage"], none: Ramp.Step(afterHours: 0, coverage: 0)
        ) { step in
            step.require("after_hours")
            step.require("coverage")
            return Ramp.Step(afterHours: step.number("after_hours") ?? 0, coverage: step.number("coverage") ?? 0)
        }
        if let rules = reader.object("price_rules", keys: ["rounding", "max_spread"]) {
            rounding = rules.string("rounding")
            maxSpread = rules.number("max_spread")
        }
    }

    private static func layer(_ reader: ObjectReader) -> Layer? {
        guard let layer = reader.object("layer", keys: ["name", "range"]) else { return nil }
        layer.require("name")
        let name = layer.string("name") ?? ""
        guard let range = layer["range"] else { return Layer(name: name) }
        let bounds = (range.elements.map(Array.init) ?? []).compactMap(\.double)
        guard bounds.count == 2 else {
            layer.fault("range", "A layer's range is [from, to] with 0 ≤ from < to ≤ 1.")
            return Layer(name: name)
        }
        return Layer(name: name, from: bounds[0], to: bounds[1])
    }
}
