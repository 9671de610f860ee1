internal import Analysis
internal import Experiments

/// The share of buyers by price: the fitted curve with its uncertainty, and what each tested price showed.
enum DemandPicture {
    static func draw(_ report: Report) -> Picture? {
        guard let demand = report.demand, demand.points.count >= 2 else { return nil }
        let curve = PriceCurve(demand, report) { _, rate in rate }
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
                        point.interval.map { "\($0.lower.percent(digits: 2)) to \($0.upper.percent(digits: 2))" }
                            ?? "–",
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
    private let quantity: (Double, Double) -> Double
    private let xs: Scale
    private let ys: Scale

    /// - Parameter quantity: of a price in minor units and a rate; rising or falling with the rate at each price.
    init(
        _ demand: DemandReport, _ report: Report, marks: [Double] = [], quantity: @escaping (Double, Double) -> Double
    ) {
        self.demand = demand
        self.quantity = quantity
        currency = report.currency
        let prices = demand.points.map { Double($0.price) } + demand.curve.map(\.price) + marks
        xs = Scale(prices, from: Self.left, to: Canvas.end - 6, padding: 0.03)
        var values = demand.points.flatMap { point in
            let price = Double(point.price)
            return [DemandPicture.rate(point), point.interval?.lower, point.interval?.upper].compactMap { rate in
                rate.map { quantity(price, $0) }
            }
        }
        for point in demand.curve {
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
        let curve = demand.curve
        func places(_ rate: (DemandReport.CurvePoint) -> Double, where isWanted: (DemandReport.CurvePoint) -> Bool)
            -> [(Double, Double)]
        {
            curve.filter(isWanted).map { (xs.place($0.price), ys.place(quantity($0.price, rate($0)))) }
        }
        canvas.band(
            places({ $0.interval.upper }, where: { _ in true }), places({ $0.interval.lower }, where: { _ in true }),
            "area")
        canvas.path(places(\.rate, where: { _ in true }), "line dash")
        canvas.path(places(\.rate, where: \.isTested), "line")
        let most = demand.points.map(\.n).max() ?? 1
        for point in demand.points {
            let price = Double(point.price)
            let x = xs.place(price)
            if let interval = point.interval {
                canvas.line(
                    x, ys.place(quantity(price, interval.lower)), x, ys.place(quantity(price, interval.upper)),
                    "line plain")
            }
            // Area by the number of shoppers.
            let radius = max(2.5, 5.5 * (Double(point.n) / Double(max(1, most))).squareRoot())
            canvas.circle(x, ys.place(quantity(price, DemandPicture.rate(point))), radius: radius, "hollow plain")
        }
    }
}
