internal import Glibc
internal import Analysis
internal import Experiments
internal import Stats

/// How an amount is spread over shoppers: for each variant the share of shoppers in each class of amounts, on one scale;
/// those who spent nothing in words, as their bar would dwarf the others.
enum DistributionPicture {
    private static let left = 10.0
    private static let panel = 52.0

    static func draw(_ report: Report) -> Picture? {
        guard let distribution = report.distribution, let first = distribution.bins.first,
            let last = distribution.bins.last
        else { return nil }
        let shares = distribution.variants.map { variant in
            variant.counts.map { variant.n > 0 ? Double($0) / Double(variant.n) : 0 }
        }
        guard let highest = shares.flatMap(\.self).max(), highest > 0 else { return nil }
        let axis = AmountAxis(first.lower, last.upper, from: left, to: Canvas.end - 4)
        let heights = Scale([0, highest], from: 0, to: panel, padding: 0)
        var canvas = Canvas()
        var top = 20.0
        for (variant, shares) in zip(distribution.variants, shares) {
            let bottom = top + panel
            let name = TextWidth.lines(of: variant.name, ems: 14, atMost: 1).first ?? ""
            canvas.text(name, 2, top - 7, style: "strong", isSmall: true)
            canvas.text("\(nothing(variant)) spent nothing", Canvas.end, top - 7, .end, style: "soft", isSmall: true)
            for (bin, share) in zip(distribution.bins, shares) where share > 0 {
                let (from, to) = (axis.place(Double(bin.lower)), axis.place(Double(bin.upper)))
                let width = max(3, to - from)
                let height = max(0.5, heights.place(share))
                canvas.box((from + to - width) / 2, bottom - height, width, height, "fill")
            }
            if let median = median(variant) {
                canvas.mark(.triangle, axis.place(median.value), bottom + 6, radius: 4, "fill plain")
            }
            canvas.line(left, bottom, Canvas.end, bottom, "axis")
            top = bottom + 34
        }
        let bottom = top - 22
        for (value, words) in axis.ticks(report.currency) {
            canvas.pinned(words, axis.place(value), bottom + 15, style: "soft")
        }
        canvas.text(
            "\(noun(distribution)) of a shopper\(axis.isLogarithmic ? ", each step so many times the last" : "")",
            (left + Canvas.end) / 2, bottom + 32, .middle, style: "soft", isSmall: true)
        canvas.mark(.triangle, left + 5, bottom + 46, radius: 4, "fill plain")
        canvas.text(
            "half of buyers spent at most this; highest bar: \(highest.percent(digits: 1))",
            left + 14, bottom + 50, style: "soft", isSmall: true)
        canvas.height = bottom + 58
        let said = distribution.variants.map { variant in
            let half = median(variant).map {
                ", half of the others at most \(report.currency.display(minorUnits: $0.value))"
            }
            return "\(variant.name): \(nothing(variant)) of \(variant.n.grouped) spent nothing\(half ?? "")."
        }
        return Picture(
            .distribution, title: "How \(noun(distribution)) is spread over shoppers",
            description: said.joined(separator: " "), canvas, table: table(distribution, report))
    }

    private static func noun(_ distribution: Distribution) -> String {
        distribution.metric.asWords.replacing(" per visitor", with: "")
    }

    private static func nothing(_ variant: Distribution.Variant) -> String {
        variant.n > 0 ? (Double(variant.zeros) / Double(variant.n)).percent(digits: 1) : "–"
    }

    private static func median(_ variant: Distribution.Variant) -> Distribution.Quantile? {
        variant.quantiles.first { $0.population == .buyers && $0.share == 0.5 }
    }

    private static func table(_ distribution: Distribution, _ report: Report) -> ReportTable {
        func said(_ value: Double) -> String { report.currency.display(minorUnits: value) }
        var shares: [Double] = []
        for quantile in distribution.variants.flatMap(\.quantiles) where quantile.population == .buyers {
            if !shares.contains(quantile.share) { shares.append(quantile.share) }
        }
        let rows = distribution.variants.map { variant in
            [variant.name, variant.n.grouped, nothing(variant)]
                + shares.map { share in
                    variant.quantiles.first { $0.population == .buyers && $0.share == share }.map { said($0.value) }
                        ?? "–"
                } + [variant.largest.map { said(Double($0)) } ?? "–"]
        }
        return ReportTable(
            title: "Spread of \(noun(distribution))",
            head: ["variant", "shoppers", "nothing"]
                + shares.map { "\($0.plainPercent) of buyers at most" } + ["most"],
            rows: rows.map { ReportTable.Row(cells: $0) }, notes: distribution.warnings)
    }
}

/// Amounts along paper: on a straight scale, or where the largest is many times the least on one of ratios.
private struct AmountAxis {
    let isLogarithmic: Bool
    private let scale: Scale

    private static let manyTimes = 20.0

    init(_ least: Int64, _ most: Int64, from start: Double, to end: Double) {
        isLogarithmic = least > 0 && Double(most) > Self.manyTimes * Double(least)
        let ends =
            isLogarithmic
            ? [log(Double(least)), log(Double(most))] : [min(0, Double(least)), Double(most)]
        scale = Scale(ends, from: start, to: end, padding: 0.02)
    }

    func place(_ amount: Double) -> Double {
        scale.place(isLogarithmic ? log(max(1, amount)) : amount)
    }

    /// Round amounts and how they are said.
    func ticks(_ currency: Currency) -> [(Double, String)] {
        guard isLogarithmic else {
            let (values, step) = scale.ticks(about: 5)
            return values.map { ($0, TickLabel.money(currency).text($0, step: step)) }
        }
        var values: [Double] = []
        var power = 1.0
        while power < 1e15 {
            values += [1, 2, 5].map { $0 * power }.filter { (scale.lower...scale.upper).contains(log($0)) }
            power *= 10
        }
        // Every other, or every third, where there is no room for all.
        let every = (values.count + 5) / 6
        return values.enumerated().filter { $0.offset % max(1, every) == 0 }
            .map { ($0.element, TickLabel.money(currency).text($0.element, step: $0.element)) }
    }
}
