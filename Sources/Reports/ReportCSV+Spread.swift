internal import Analysis
internal import Experiments

extension ReportCSV {
    static func beside(_ comparison: Comparison, _ metric: String, into sheet: inout ReportSheet) {
        func put(_ quantity: String, _ value: Double?, _ interval: ConfidenceInterval?, _ method: String) {
            sheet.row(metric, comparison.variant, comparison.against, quantity, value, interval, method)
        }
        func estimate(_ prefix: String, _ value: EffectEstimate, _ method: String) {
            put(prefix + "_difference", value.difference, value.confidenceSequence, method)
            put(prefix + "_relative", value.relative, value.relativeConfidenceSequence, method)
            put(prefix + "_always_valid_p_value", value.alwaysValidPValue, nil, "bonferroni")
            if let p = value.fixedPValue { put(prefix + "_fixed_p_value", p, value.fixedInterval, "welch_t") }
        }
        if let adjusted = comparison.adjusted {
            estimate("adjusted", adjusted.estimate, "cuped")
            put("variance_reduction", adjusted.varianceReduction, nil, adjusted.covariate)
            put("theta", adjusted.theta, nil, adjusted.covariate)
        }
        if let winsorised = comparison.winsorised {
            estimate("winsorised", winsorised.estimate, "winsorised at \(winsorised.share)")
            put("winsorised_cap", Double(winsorised.cap), nil, "")
            put("winsorised_influence", winsorised.influence, nil, "")
        }
    }

    static func distribution(_ distribution: Distribution, into sheet: inout ReportSheet) {
        let method = distribution.intervalMethod
        for variant in distribution.variants {
            sheet.row("distribution", variant.name, "", "n", Double(variant.n), nil, "")
            sheet.row("distribution", variant.name, "", "zeros", Double(variant.zeros), nil, "")
            for quantile in variant.quantiles {
                sheet.row(
                    "distribution", variant.name, "", "\(quantile.population.rawValue)_quantile_\(quantile.share)",
                    quantile.value, quantile.interval, method)
            }
            for (bin, count) in zip(distribution.bins, variant.counts) {
                sheet.row(
                    "distribution", variant.name, "", "shoppers", Double(count), nil, "\(bin.lower) to \(bin.upper)")
            }
        }
        for difference in distribution.differences {
            sheet.row(
                "distribution", difference.variant, difference.against,
                "\(difference.population.rawValue)_quantile_\(difference.share)_difference", difference.difference,
                difference.interval, method)
        }
        for warning in distribution.warnings { sheet.warning("distribution", "", warning) }
    }
}
