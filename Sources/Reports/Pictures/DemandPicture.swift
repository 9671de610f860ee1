internal import Analysis
internal import Experiments

/// The share of buyers by price: the fitted curve with its uncertainty, and what each tested price showed.
enum DemandPicture {
    static func draw(_ report: Report) -> Picture? {
        guard let demand = report.demand, demand.points.count >= 2 else { return nil }
        let curve = PriceCurve(demand, report, seen: demand.points.map { (Self.rate($0), $0.interval) }) { _, rate in
            rate
        }
        var canvas = Canvas()
        curve.draw(
            on: &canvas, label: .share(signed: false), title: "share of shoppers who buy")
        canvas.height = curve.bottom + 38
        let currency = report.currency
        let said = demand.points.map { point in
            (Money(amount: point.price, currency: currency).display, point)
        }
        let level = (1 - report.alpha).plainPercent
        let notes = demand.elasticityNotes(currency) + [ReportTable.reach(ofDemandIn: report)] + demand.warnings
        return Picture(
            .demand, title: "Demand: the share of shoppers who buy, by price",
            description: said.map { price, point in
                "At \(price) \(Self.rate(point).percent(digits: 2)) of \(point.n.grouped) shoppers bought."
            }.joined(separator: " "),
            canvas,
            table: ReportTable(
                title: "Demand", head: ["price", "n", "bought", "rate", "\(level) interval"],
                rows: said.map { price, point in
                    ReportTable.Row(cells: [
                        price, point.n.grouped, point.conversions.grouped, Self.rate(point).percent(digits: 2),
                        point.interval.map { $0.said { $0.percent(digits: 2 + $1) } } ?? "–",
                    ])
                }, notes: notes))
    }

    static func rate(_ point: DemandReport.Point) -> Double {
        point.n > 0 ? Double(point.conversions) / Double(point.n) : 0
    }
}

/// A quantity by price: what demand and profit pictures share.
struct PriceCurve {
    private static let left = 64.0
    private static let top = 28.0
    let bottom = 216.0
    private let demand: DemandReport
    private let currency: Currency
    private let seen: [(value: Double, interval: ConfidenceInterval?)]
    private let fitted: [DemandReport.CurvePoint]
    private let quantity: (Double, Double) -> Double
    private let xs: Scale
    private let ys: Scale

    /// - Parameters:
    ///   - seen: what each price showed.
    ///   - quantity: of a price in minor units and a rate, rising or falling with the rate at each price; nil where the
    ///     curve of rates does not say it, and is not drawn.
    init(
        _ demand: DemandReport, _ report: Report, seen: [(value: Double, interval: ConfidenceInterval?)],
        quantity: ((Double, Double) -> Double)?
    ) {
        self.demand = demand
        self.seen = seen
        fitted = quantity == nil ? [] : demand.curve
        let quantity = quantity ?? { _, rate in rate }
        self.quantity = quantity
        currency = report.currency
        let prices = demand.points.map { Double($0.price) } + fitted.map(\.price)
        xs = Scale(prices, from: Self.left, to: Canvas.end - 6, padding: 0.03)
        var values = seen.flatMap { [$0.value, $0.interval?.lower, $0.interval?.upper].compactMap(\.self) }
        for point in fitted {
            values += [point.interval.lower, point.interval.upper].map { quantity(point.price, $0) }
        }
        ys = Scale(values, from: bottom, to: Self.top)
    }

    func x(_ price: Double) -> Double { xs.place(price) }

    func draw(on canvas: inout Canvas, label: TickLabel, title: String) {
        canvas.verticalAxis(
            ys, label, title: title, left: Self.left, right: Canvas.end, top: Self.top)
        canvas.horizontalAxis(
            xs, .money(currency), title: "price", top: Self.top, bottom: bottom, from: Self.left)
        func places(_ rate: (DemandReport.CurvePoint) -> Double, where isWanted: (DemandReport.CurvePoint) -> Bool)
            -> [(Double, Double)]
        {
            fitted.filter(isWanted).map { (xs.place($0.price), ys.place(quantity($0.price, rate($0)))) }
        }
        canvas.band(
            places({ $0.interval.upper }, where: { _ in true }), places({ $0.interval.lower }, where: { _ in true }),
            "area")
        canvas.path(places(\.rate, where: { _ in true }), "line dash")
        canvas.path(places(\.rate, where: \.isTested), "line")
        let most = demand.points.map(\.n).max() ?? 1
        for (point, seen) in zip(demand.points, seen) {
            let x = xs.place(Double(point.price))
            if let interval = seen.interval {
                canvas.line(x, ys.place(interval.lower), x, ys.place(interval.upper), "line plain")
            }
            // Area by the number of shoppers.
            let radius = max(2.5, 5.5 * (Double(point.n) / Double(max(1, most))).squareRoot())
            canvas.circle(x, ys.place(seen.value), radius: radius, "hollow plain")
        }
    }
}
