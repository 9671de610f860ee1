internal import Analysis
internal import Experiments

/// Profit per visitor by price as measured, the curve that follows from who buys where it does, and the price that earns
/// most; revenue where unit costs are not all known.
enum ProfitPicture {
    static func draw(_ report: Report) -> Picture? {
        guard let demand = report.demand, demand.points.count >= 2 else { return nil }
        let cost = demand.unitCost
        let what = cost == nil ? "revenue" : "profit"
        let currency = report.currency
        let best = cost == nil ? demand.revenueOptimal : demand.profitOptimal
        let seen: [(value: Double, interval: ConfidenceInterval?)] = demand.points.map { point in
            if let earned = demand.earned(point) { return (earned.mean, earned.interval) }
            let price = Double(point.price)
            func each(_ rate: Double) -> Double { demand.earned(at: price, rate: rate) ?? 0 }
            let interval = point.interval.map {
                ConfidenceInterval(lower: each($0.lower), upper: each($0.upper), level: $0.level)
            }
            return (each(DemandPicture.rate(point)), interval)
        }
        let curve = PriceCurve(
            demand, report, seen: seen,
            quantity: demand.buyer == nil ? nil : { demand.earned(at: $0, rate: $1) ?? 0 })
        var canvas = Canvas()
        curve.draw(on: &canvas, label: .money(currency), title: "per visitor")
        if let best { mark(best, curve, report, on: &canvas) }
        canvas.height = curve.bottom + 38
        func said(_ value: Double) -> String { currency.display(minorUnits: value) }
        var notes: [String] = []
        if let best {
            let place = best.isExtrapolated ? ", beyond the tested prices: an extrapolation" : ""
            notes.append("\(what.capitalisedFirst)-optimal price: \(best.said(currency))\(place).")
        }
        if cost == nil {
            notes.append("Unit costs are not known for all that was sold, so this is revenue, not profit.")
        }
        if demand.buyer == nil {
            notes.append("No curve: buyers differ by price, so that who buys does not say what a price earns.")
        }
        let words = Words(currency: currency, kind: .money)
        let rows = zip(demand.points, seen).map { point, seen in
            [
                said(Double(point.price)), point.n.grouped, words.number(seen.value),
                words.interval(seen.interval),
            ]
        }
        let level = (1 - report.alpha).plainPercent
        return Picture(
            .profit, title: "\(what.capitalisedFirst) per visitor, by price",
            description: (rows.map { "At \($0[0]) \($0[2])." } + notes).joined(separator: " "), canvas,
            table: ReportTable(
                title: "\(what) by price", head: ["price", "n", "\(what) per visitor", "\(level) interval"],
                rows: rows.map { ReportTable.Row(cells: $0) }, notes: notes + [ReportTable.reach(ofDemandIn: report)]))
    }

    /// A line where the best price is, its interval as a bar on the price axis; an arrow where it lies off the paper.
    private static func mark(
        _ best: DemandReport.Optimum, _ curve: PriceCurve, _ report: Report, on canvas: inout Canvas
    ) {
        let (left, right) = (64.0, Canvas.end)
        func held(_ price: Double) -> Double { min(right, max(left, curve.x(price))) }
        let x = curve.x(best.price)
        let text = "best: \(best.said(report.currency))"
        if let interval = best.interval {
            let ends = (held(interval.lower), held(interval.upper))
            canvas.box(ends.0, curve.bottom - 4, ends.1 - ends.0, 4, "fill better")
        }
        if x >= left, x <= right {
            canvas.line(x, 28, x, curve.bottom, "line better dots")
            canvas.mark(.triangle, x, curve.bottom - 5, radius: 5, "fill better")
            canvas.pinned(text, x, 22, style: "strong", from: left + 56)
        } else {
            let arrow = x < left ? "← \(text)" : "\(text) →"
            canvas.text(arrow, x < left ? left : right, 22, x < left ? .start : .end, style: "strong", isSmall: true)
        }
    }
}
