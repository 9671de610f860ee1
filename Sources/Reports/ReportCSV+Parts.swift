internal import Analysis
internal import Experiments

extension ReportCSV {
    /// The state stands in `method`; the limit in a row of its own.
    static func guardrails(of report: Report, into sheet: inout ReportSheet) {
        for guardrail in report.guardrails {
            sheet.row("guardrail", "", "", "\(guardrail.metric)_max_drop", guardrail.maxDrop, nil, "")
            for variant in guardrail.variants {
                sheet.row(
                    "guardrail", variant.name, report.control, guardrail.metric, variant.relative, variant.interval,
                    variant.state.rawValue)
            }
        }
    }

    /// The part stands in `metric`: `segment device=mobile`, or `phase 2`.
    static func parts(of report: Report, into sheet: inout ReportSheet) {
        for segment in report.segments {
            for value in segment.values {
                part(value.part, "segment \(segment.attribute)=\(value.name)", into: &sheet)
            }
            heterogeneity(segment.heterogeneity, "segment \(segment.attribute)", into: &sheet)
            for warning in segment.warnings { sheet.warning("segment \(segment.attribute)", "", warning) }
        }
        guard let phases = report.phases else { return }
        for (number, phase) in phases.phases.enumerated() {
            let name = "phase \(number + 1)"
            sheet.row(name, "", "", "sample_ratio_p", phase.sampleRatioPValue, nil, "chi_square")
            part(phase.part, name, into: &sheet)
        }
        heterogeneity(phases.heterogeneity, "phases", into: &sheet)
    }

    private static func part(_ part: PartReport, _ name: String, into sheet: inout ReportSheet) {
        for variant in part.variants {
            sheet.row(name, variant.name, "", "n", Double(variant.n), nil, "")
            sheet.row(name, variant.name, "", "estimate", variant.estimate, nil, "")
        }
        for comparison in part.comparisons {
            guard let estimate = comparison.estimate else { continue }
            func put(_ quantity: String, _ value: Double?, _ interval: ConfidenceInterval?, _ method: String) {
                sheet.row(name, comparison.variant, comparison.against, quantity, value, interval, method)
            }
            put("difference", estimate.difference, estimate.confidenceSequence, "confidence_sequence")
            put("relative", estimate.relative, estimate.relativeConfidenceSequence, "confidence_sequence")
            put("always_valid_p_value", estimate.alwaysValidPValue, nil, "bonferroni")
            if let p = estimate.fixedPValue { put("fixed_p_value", p, estimate.fixedInterval, "welch_t") }
            if let shrunk = comparison.shrunk { put("shrunk_difference", shrunk, nil, "paule_mandel") }
        }
    }

    private static func heterogeneity(_ tests: [Heterogeneity?], _ name: String, into sheet: inout ReportSheet) {
        for test in tests.compactMap(\.self) {
            sheet.row(name, test.variant, test.against, "heterogeneity_q", test.q, nil, "cochran")
            sheet.row(name, test.variant, test.against, "heterogeneity_p_value", test.pValue, nil, "cochran")
            sheet.row(name, test.variant, test.against, "i_squared", test.iSquared, nil, "cochran")
        }
    }

    /// The look stands in `method`.
    static func plannedLooks(_ looks: PlannedLooks, into sheet: inout ReportSheet) {
        for look in looks.looks where look.state == .taken {
            sheet.row("planned_looks", "", "", "n", look.n.map(Double.init), nil, "look \(look.number)")
            sheet.row("planned_looks", "", "", "boundary", look.boundary, nil, "look \(look.number)")
        }
        for comparison in looks.comparisons {
            func put(_ quantity: String, _ value: Double?, _ interval: ConfidenceInterval?, _ method: String) {
                sheet.row(
                    "planned_looks", comparison.variant, comparison.against, quantity, value, interval, method)
            }
            for reading in comparison.readings {
                put("z", reading.z, nil, "look \(reading.look)")
                put("difference", reading.difference, reading.interval, "look \(reading.look)")
            }
            guard comparison.pValue != nil else { continue }
            put("p_value", comparison.pValue, nil, "stagewise")
            put("estimate", comparison.estimate, comparison.interval, "stagewise")
        }
    }
}
