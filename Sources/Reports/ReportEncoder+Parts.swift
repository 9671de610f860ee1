internal import Analysis
internal import Experiments
internal import JSON

/// Segments and phases.
extension ReportEncoder {
    mutating func segments(_ segments: [SegmentReport]) {
        writer.beginArray()
        for segment in segments {
            writer.beginObject()
            writer.field("attribute", segment.attribute)
            writer.field("metric", segment.metric)
            writer.key("values")
            writer.beginArray()
            for value in segment.values {
                writer.beginObject()
                writer.field("name", value.name)
                part(value.part, hasShrunk: true)
                writer.endObject()
            }
            writer.endArray()
            heterogeneity(segment.heterogeneity)
            writer.key("adjustment")
            writer.beginObject()
            writer.field("method", "bonferroni")
            writer.field("comparisons", segment.comparisons)
            writer.endObject()
            strings("warnings", segment.warnings)
            writer.endObject()
        }
        writer.endArray()
    }

    mutating func guardrails(_ guardrails: [GuardrailReport]) {
        writer.key("guardrails")
        writer.beginArray()
        for guardrail in guardrails {
            writer.beginObject()
            writer.field("metric", guardrail.metric)
            writer.field("max_drop", guardrail.maxDrop)
            writer.key("variants")
            writer.beginArray()
            for variant in guardrail.variants {
                writer.beginObject()
                writer.field("name", variant.name)
                writer.field("state", variant.state.rawValue)
                optional("relative", variant.relative)
                interval("interval", variant.interval)
                writer.endObject()
            }
            writer.endArray()
            writer.endObject()
        }
        writer.endArray()
    }

    mutating func phases(_ value: PhasesReport) {
        writer.beginObject()
        writer.field("metric", value.metric)
        writer.key("phases")
        writer.beginArray()
        for phase in value.phases {
            writer.beginObject()
            optional("started_at", phase.startedAt?.description)
            writer.key("weights")
            writer.beginArray()
            for weight in phase.weights { writer.int(Int64(weight)) }
            writer.endArray()
            optional("sample_ratio_p_value", phase.sampleRatioPValue)
            part(phase.part, hasShrunk: false)
            writer.endObject()
        }
        writer.endArray()
        heterogeneity(value.heterogeneity)
        writer.endObject()
    }

    private mutating func part(_ part: PartReport, hasShrunk: Bool) {
        writer.key("variants")
        writer.beginArray()
        for variant in part.variants {
            writer.beginObject()
            writer.field("name", variant.name)
            writer.field("n", variant.n)
            optional("estimate", variant.estimate)
            writer.endObject()
        }
        writer.endArray()
        writer.key("comparisons")
        writer.beginArray()
        for comparison in part.comparisons {
            writer.beginObject()
            writer.field("variant", comparison.variant)
            writer.field("against", comparison.against)
            writer.key("estimate")
            if let estimate = comparison.estimate {
                writer.beginObject()
                self.estimate(estimate)
                writer.endObject()
            } else {
                writer.null()
            }
            if hasShrunk { optional("shrunk", comparison.shrunk) }
            writer.endObject()
        }
        writer.endArray()
    }

    private mutating func heterogeneity(_ tests: [Heterogeneity?]) {
        writer.key("heterogeneity")
        writer.beginArray()
        for test in tests {
            guard let test else {
                writer.null()
                continue
            }
            writer.beginObject()
            writer.field("variant", test.variant)
            writer.field("against", test.against)
            writer.field("q", test.q)
            writer.field("degrees_of_freedom", test.degreesOfFreedom)
            writer.field("p_value", test.pValue)
            writer.field("i_squared", test.iSquared)
            writer.endObject()
        }
        writer.endArray()
    }
}
