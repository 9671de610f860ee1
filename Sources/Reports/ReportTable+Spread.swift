internal import Analysis
internal import Experiments

/// The tables of what stands beside the plain differences.
extension ReportTable {
    /// Every difference as it is, adjusted for what was known before, and with the largest amounts pulled in; none where
    /// nothing stands beside.
    static func beside(_ report: Report) -> [ReportTable] {
        let isFixed = report.method == .fixed
        var rows: [Row] = []
        var notes: [String] = []
        for metric in report.metrics {
            let words = Words(currency: report.currency, kind: metric.kind)
            // Where nobody's amounts are pulled in it is the same once more.
            for comparison in metric.comparisons where comparison.adjusted != nil || comparison.winsorised?.caps == true
            {
                let plain = isFixed ? comparison.fixedHorizon?.interval : comparison.confidenceSequence
                func row(_ how: String, _ difference: Double?, _ interval: ConfidenceInterval?, _ p: Double?) {
                    rows.append(
                        Row(cells: [
                            "\(comparison.variant), \(metric.name.asWords)", how,
                            difference.map(words.difference) ?? "–",
                            words.differences(interval), p?.probabilityText ?? "–",
                        ]))
                }
                row(
                    "as it is", comparison.difference, plain,
                    isFixed ? comparison.fixedHorizon?.adjustedPValue : comparison.alwaysValidPValue)
                func row(_ how: String, _ estimate: EffectEstimate) {
                    let p = estimate.fixedPValue.map { min(1, $0 * Double(comparison.comparisons)) }
                    row(
                        how, estimate.difference, isFixed ? estimate.fixedInterval : estimate.confidenceSequence,
                        isFixed ? p : estimate.alwaysValidPValue)
                }
                if let adjusted = comparison.adjusted {
                    row("adjusted", adjusted.estimate)
                    let covariate =
                        adjusted.covariate == "spent_before"
                        ? "what shoppers had spent before" : "“\(adjusted.covariate)”"
                    notes.append(
                        "\(comparison.variant), \(metric.name.asWords): adjusted for \(covariate) (CUPED), known of \(adjusted.withCovariate.grouped) of \(adjusted.estimate.n.grouped) shoppers; the variance falls by \(adjusted.varianceReduction.percent())."
                    )
                }
                if let winsorised = comparison.winsorised, winsorised.caps {
                    row("winsorised", winsorised.estimate)
                    notes.append(
                        "\(comparison.variant), \(metric.name.asWords): amounts above \(words.amount(winsorised.cap)) (\(winsorised.cappedInControl.grouped) and \(winsorised.cappedInVariant.grouped) shoppers) are taken as that; the largest amounts contribute \(words.difference(winsorised.influence)) to the difference as it is."
                    )
                }
            }
        }
        // Alone "as it is" says nothing new.
        guard !notes.isEmpty else { return [] }
        let level = (1 - report.alpha).plainPercent
        return [
            ReportTable(
                title: "Differences read in other ways",
                head: ["variant, metric", "how", "difference from \(report.control)", "\(level) interval", "p"],
                rows: rows,
                notes: notes)
        ]
    }

    init(of distribution: Distribution, in report: Report) {
        let level = (1 - report.alpha).plainPercent
        let currency = report.currency
        self.init(
            title: "Quantiles of \(distribution.metric.asWords)",
            head: ["variant", "of", "share", "at most", "\(level) interval"],
            rows: distribution.variants.flatMap { variant in
                variant.quantiles.map { quantile in
                    Row(cells: [
                        variant.name, quantile.population.rawValue, quantile.share.plainPercent,
                        currency.display(minorUnits: quantile.value),
                        quantile.interval.map { $0.said { currency.display(minorUnits: $0, extraDigits: $1) } } ?? "–",
                    ])
                }
            },
            notes: distribution.warnings + [
                "Quantiles of buyers are of whoever bought at each price, who need not be alike: compare variants by those of visitors."
            ])
    }
}

extension Absence {
    /// Of what nobody asked for: no note is made of it.
    var isUnasked: Bool {
        switch self {
        case .notFixedHorizon, .noCovariate, .constantCovariate, .noDistribution: true
        default: false
        }
    }
}

extension WinsorisedDifference {
    /// Whether anybody's amount was taken for less.
    fileprivate var caps: Bool { cappedInControl + cappedInVariant > 0 }
}
