internal import Analysis
internal import Experiments
internal import JSON

/// What a report says beside the plain differences: adjusted, winsorised, and how amounts are spread.
extension ReportEncoder {
    mutating func beside(_ value: Comparison) {
        writer.key("adjusted")
        if let adjusted = value.adjusted {
            writer.beginObject()
            writer.field("method", "cuped")
            writer.field("covariate", adjusted.covariate)
            writer.field("with_covariate", adjusted.withCovariate)
            writer.field("theta", adjusted.theta)
            writer.field("variance_reduction", adjusted.varianceReduction)
            estimate(adjusted.estimate)
            writer.endObject()
        } else {
            writer.null()
        }
        writer.key("winsorised")
        if let winsorised = value.winsorised {
            writer.beginObject()
            writer.field("share", winsorised.share)
            writer.field("cap", winsorised.cap)
            writer.field("capped_in_control", winsorised.cappedInControl)
            writer.field("capped_in_variant", winsorised.cappedInVariant)
            writer.field("influence", winsorised.influence)
            estimate(winsorised.estimate)
            writer.endObject()
        } else {
            writer.null()
        }
    }

    mutating func estimate(_ value: EffectEstimate) {
        writer.field("n", value.n)
        writer.field("difference", value.difference)
        writer.field("standard_error", value.standardError)
        optional("relative", value.relative)
        interval("confidence_sequence", value.confidenceSequence)
        interval("relative_confidence_sequence", value.relativeConfidenceSequence)
        writer.field("always_valid_p_value", value.alwaysValidPValue)
        optional("fixed_p_value", value.fixedPValue)
        interval("fixed_interval", value.fixedInterval)
    }

    mutating func distribution(_ value: Distribution) {
        writer.beginObject()
        writer.field("metric", value.metric)
        writer.field("currency", report.currency.code)
        writer.field("relative_error", value.relativeError)
        writer.field("counted", value.counted)
        writer.field("shoppers", value.shoppers)
        writer.field("interval_method", value.intervalMethod)
        writer.key("bins")
        writer.beginArray()
        for bin in value.bins {
            writer.beginObject()
            writer.field("lower", bin.lower)
            writer.field("upper", bin.upper)
            writer.endObject()
        }
        writer.endArray()
        writer.key("variants")
        writer.beginArray()
        for variant in value.variants {
            writer.beginObject()
            writer.field("name", variant.name)
            writer.field("n", variant.n)
            writer.field("zeros", variant.zeros)
            writer.key("counts")
            writer.beginArray()
            for count in variant.counts { writer.int(count) }
            writer.endArray()
            optional("largest", variant.largest)
            writer.key("quantiles")
            writer.beginArray()
            for quantile in variant.quantiles {
                writer.beginObject()
                writer.field("of", quantile.population.rawValue)
                writer.field("share", quantile.share)
                writer.field("value", quantile.value)
                interval("interval", quantile.interval)
                writer.endObject()
            }
            writer.endArray()
            writer.endObject()
        }
        writer.endArray()
        writer.key("differences")
        writer.beginArray()
        for difference in value.differences {
            writer.beginObject()
            writer.field("variant", difference.variant)
            writer.field("against", difference.against)
            writer.field("of", difference.population.rawValue)
            writer.field("share", difference.share)
            writer.field("difference", difference.difference)
            interval("interval", difference.interval)
            writer.endObject()
        }
        writer.endArray()
        strings("warnings", value.warnings)
        writer.endObject()
    }
}
