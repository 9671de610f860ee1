public import Analysis
internal import Crypto
internal import Experiments

/// The pictures a report can be asked for, by the names the API knows.
public enum PictureName: String, Sendable, CaseIterable {
    /// Every variant against control, with its interval and the region of practical equivalence.
    case difference
    /// The primary metric by variant, with intervals.
    case estimates
    /// Conversion by variant, with intervals.
    case conversion
    /// Revenue per visitor by variant, with intervals.
    case revenue
    /// What is believed of each difference.
    case posterior
    /// Shoppers counted beside shoppers promised.
    case sampleRatio = "sample_ratio"
    /// The interval after each day, and the line it has to leave behind.
    case history
    /// The share of buyers by price.
    case demand
    /// Profit per visitor by price; revenue where unit costs are not known.
    case profit
    /// From told to bought.
    case funnel
    /// Who was given what, by day.
    case allocation
    /// How revenue is spread over shoppers.
    case distribution
}

/// One picture of a report: a value, the same for the same report.
public struct Picture: Sendable {
    let name: PictureName
    /// What it shows, in a line.
    let title: String
    /// What is to be seen, for those who cannot see it.
    let description: String
    let drawing: Markup
    /// Of a drawing 400 wide.
    let height: Double
    /// The numbers drawn.
    let table: ReportTable

    init(_ name: PictureName, title: String, description: String, _ canvas: Canvas, table: ReportTable) {
        self.name = name
        self.title = title
        self.description = description
        drawing = canvas.markup
        height = canvas.height
        self.table = table
    }

    /// The picture of a report; nil where the report has nothing to draw it from.
    public init?(_ name: PictureName, of report: Report) {
        let made: Picture? =
            switch name {
            case .difference: DifferencePicture.draw(report)
            case .estimates: report.metrics.first.flatMap { EstimatesPicture.draw(.estimates, $0, report) }
            case .conversion: EstimatesPicture.draw(.conversion, Metric.conversionRate, report)
            case .revenue: EstimatesPicture.draw(.revenue, Metric.revenuePerVisitor, report)
            case .posterior: PosteriorPicture.draw(report)
            case .history: HistoryPicture.draw(report)
            case .demand: DemandPicture.draw(report)
            case .profit: ProfitPicture.draw(report)
            case .sampleRatio: SampleRatioPicture.draw(report)
            case .funnel: FunnelPicture.draw(report)
            case .allocation: AllocationPicture.draw(report)
            case .distribution: DistributionPicture.draw(report)
            }
        guard let made else { return nil }
        self = made
    }

    /// Whether the numbers drawn stand in the tables of the metrics too, so that paper need not carry them twice.
    var isInMetricTables: Bool {
        switch name {
        case .difference, .estimates, .conversion, .revenue, .posterior: true
        case .history, .demand, .profit, .sampleRatio, .funnel, .allocation, .distribution: false
        }
    }

    /// Why there is no such picture of a report.
    public static func absence(of name: PictureName) -> String {
        switch name {
        case .difference, .posterior: "No variant can be compared with control yet."
        case .estimates, .conversion, .revenue: "The metric has no estimate yet."
        case .history, .allocation: "The counts are not by day, or no shopper has come yet."
        case .demand, .profit: "A demand curve takes two prices and buyers at them."
        case .sampleRatio, .funnel: "No shopper has been counted yet."
        case .distribution: "Nobody has spent yet, or the counts do not say how amounts are spread over shoppers."
        }
    }

    /// What a picture's file may do, for its `Content-Security-Policy`.
    public static let contentSecurityPolicy =
        "default-src 'none'; style-src 'sha256-\(Base64.text(SHA256.hash(Array(PictureStyle.standalone.utf8)).bytes))'"

    /// A file of its own, with its title and style.
    public var file: [UInt8] { document(style: PictureStyle.standalone) }

    /// Of the file, in CSS pixels.
    static let fileWidth = 800.0
    /// What the file shows: the drawing with room around it, and the title above.
    private static let viewWidth = 416.0
    private var titleLines: [String] { TextWidth.lines(of: title, ems: 22, atMost: 3) }
    private var head: Double { 12 + 19 * Double(titleLines.count) }
    var fileHeight: Double { (height + head) * Self.fileWidth / Self.viewWidth }

    func document(style: String) -> [UInt8] {
        var markup = Markup()
        markup.raw("<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"pic\" role=\"img\" width=\"")
        markup.coordinate(Self.fileWidth)
        markup.raw("\" height=\"")
        markup.coordinate(fileHeight)
        markup.raw("\" viewBox=\"-8 ")
        markup.coordinate(-head)
        markup.raw(" ")
        markup.coordinate(Self.viewWidth)
        markup.raw(" ")
        markup.coordinate(height + head)
        labels(into: &markup)
        markup.raw("<style>\(style)</style>")
        for (place, line) in titleLines.enumerated() {
            markup.raw("<text class=\"strong\" x=\"2\" y=\"")
            markup.coordinate(19 * Double(place + 1) - head)
            markup.raw("\" font-size=\"15\">")
            markup.text(line)
            markup.raw("</text>")
        }
        markup.raw(drawing)
        markup.raw("</svg>\n")
        return markup.bytes
    }

    /// Inside a page that says its title and holds `PictureStyle.css`.
    func embed(into markup: inout Markup) {
        markup.raw("<svg class=\"pic\" role=\"img\" viewBox=\"0 0 400 ")
        markup.coordinate(height)
        labels(into: &markup)
        markup.raw(drawing)
        markup.raw("</svg>\n")
    }

    /// Ends the opening tag; then the name and the description that readers aloud speak.
    private func labels(into markup: inout Markup) {
        let id = "pic-\(name.rawValue)"
        markup.raw("\" aria-labelledby=\"\(id)-title \(id)-desc\">")
        markup.element("title id=\"\(id)-title\"", title)
        markup.element("desc id=\"\(id)-desc\"", description)
    }
}
