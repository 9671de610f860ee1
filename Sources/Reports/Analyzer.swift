internal import CSV
internal import Crypto
public import Analysis
public import Experiments

/// What a file does not say about its experiment.
public struct AnalyzeOptions: Sendable, Equatable {
    /// What the file is called, for the report.
    public var name = "file"
    /// The planned split, in the order of the variants in the file; equal without it.
    public var weights: [Int]?
    /// Of the variants' names; the one named `control` or the first without it.
    public var control: String?
    /// The metric to decide by; profit, revenue or the first without it.
    public var primaryMetric: String?
    /// Amounts in the file are in its major unit, such as dollars.
    public var currency: Currency
    /// Where neither this nor the file says it, a file is read once, at its end; and likewise below.
    public var method: AnalysisPlan.Method?
    /// 0.05 unless said otherwise.
    public var alpha: Double?
    public var prior: AnalysisPlan.Prior?
    /// The share of shoppers, from the least amount up, whose amounts are taken whole beside the plain reading.
    public var winsorise: Double?
    /// What one item costs, in minor units, where the file does not say.
    public var unitCost: Int64?
    /// The planned number of shoppers in all variants, for which confidence sequences are narrowest.
    public var targetSampleSize: Int?

    public init(currency: Currency) { self.currency = currency }

    /// A plan, or without one that of files which do not say theirs, with what was asked for instead.
    func changing(_ plan: AnalysisPlan?) -> AnalysisPlan {
        var plan = plan ?? AnalysisPlan(method: .fixed)
        if let method { plan.method = method }
        if let alpha { plan.alpha = alpha }
        if let prior { plan.prior = prior }
        if let winsorise { plan.winsorise = winsorise }
        return plan
    }

    /// Reads a split as it is written on a command line, `2,1`: whole numbers, none negative. Nil for anything else.
    public static func weights(parsing text: String) -> [Int]? {
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
        let weights = parts.compactMap { part in
            DecimalText.whole(String(part)).flatMap { (0...1_000_000_000).contains($0) ? Int($0) : nil }
        }
        return weights.count == parts.count ? weights : nil
    }
}

/// Why a file could not be analysed.
public enum AnalyzeError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Lines that cannot be read: at most 20 are listed.
    case lines([LineFault])
    /// Something about the file or the options as a whole.
    case unusable(String)

    public struct LineFault: Sendable, Equatable {
        public let line: Int
        public let detail: String
    }

    public var description: String {
        switch self {
        case .lines(let faults): faults.map { "line \($0.line): \($0.detail)" }.joined(separator: "\n")
        case .unusable(let detail): detail
        }
    }
}

/// A report from a file of comma-separated values, without a server.
///
/// **An export** of a server (`GET /experiments/{id}/export`) is known by its header, and each of its units is counted as
/// the server counts it; amounts in it are in minor units, and it says its currency, weights, costs, plan and state itself.
///
/// **A file of summaries** has a row for each variant and a column of shoppers. **A file of units** has a row for each
/// shopper. Columns are found by name; case, spaces, hyphens and underscores do not matter.
/// Fields may be parted by `;`, and numbers then have a decimal comma (`CSVTable`).
///
/// | what | names | in a summary | in units |
/// |---|---|---|---|
/// | variant | `variant`, `version`, `variation`, `group`, `arm`; without one the price | the row's name | required |
/// | price | `price` | of the variant | of the variant |
/// | shoppers | `n`, `users`, `visitors`, `shoppers`, `players`, `customers`, `sessions` | required | must be absent |
/// | shopper | `unit`, `shopper`, `user`, `userid`, `visitor`, `customer`, `player`, `id` | | each once; a shopper in two variants leaves the analysis |
/// | conversions | `conversions`, `converted`, `orders`, `purchases`, `buyers` | shoppers who bought | yes or no, or a count |
/// | revenue | `revenue` | total; needs `sum_sq_revenue` unless it is price × conversions | of the shopper |
/// | quantity | `quantity`, `items` | total; needs `sum_sq_quantity` | of the shopper |
/// | cost | `unit_cost` | of one item | of one item |
/// | weight | `weight` | of the planned split | |
/// | segment | `segment_` and a name | | of the shopper: one of at most 20 values |
/// | what was known before | `covariate`, `spent_before` | | of the shopper: a number with up to two digits after the point |
///
/// Any other column is a metric of its own. In a summary `sum_x` with `sum_sq_x` is the mean x (with `max_x`, outliers
/// are looked for), and whole numbers from 0 to n are a rate; in a file of units yes/no columns are rates and whole
/// numbers are means. A column that is neither is left out, and the report says so.
public enum Analyzer {
    public static func analyze(csv bytes: [UInt8], options: AnalyzeOptions) throws(AnalyzeError) -> Report {
        var table: CSVTable
        do throws(CSVError) { table = try CSVTable(bytes) } catch { throw .lines([fault(error)]) }
        let hash = SHA256.hash(identity(options) + bytes)
        let input =
            if ExportFile.isExport(table) {
                try ExportFile.input(&table, options, hash: hash)
            } else if table.column(anyOf: Columns.shoppers) != nil {
                try SummaryFile.read(&table, options).input(options, hash: hash)
            } else {
                try UnitFile.read(&table, options).input(options, hash: hash)
            }
        do throws(AnalysisError) {
            return try Analyst.report(of: input)
        } catch {
            switch error {
            case .inconsistent(let detail): throw .unusable(detail)
            }
        }
    }

    static func fault(_ error: CSVError) -> AnalyzeError.LineFault {
        AnalyzeError.LineFault(line: error.line, detail: error.explanation)
    }

    /// The options as a line in front of the file, so that the hash covers both.
    private static func identity(_ options: AnalyzeOptions) -> [UInt8] {
        let control = options.control ?? "-"
        let metric = options.primaryMetric ?? "-"
        let method = options.method?.rawValue ?? "-"
        let weights = options.weights.map { "\($0)" } ?? "-"
        let alpha = options.alpha.map { "\($0)" } ?? "-"
        let prior = options.prior.map { "\($0.alpha) \($0.beta)" } ?? "-"
        let cost = options.unitCost.map { "\($0)" } ?? "-"
        let currency = options.currency.code
        var parts = [
            "cournot analyze 2", options.name, weights, control, metric, currency, method, alpha, prior, cost,
        ]
        if let share = options.winsorise { parts.append("winsorise \(share)") }
        if let target = options.targetSampleSize { parts.append("target \(target)") }
        return Array((parts.map { "\($0.utf8.count) \($0)" }.joined(separator: " ") + "\n").utf8)
    }
}

/// The names columns are known by.
enum Columns {
    static let variant = ["variant", "version", "variation", "group", "arm"]
    static let price = ["price"]
    static let shoppers = ["n", "users", "visitors", "shoppers", "players", "customers", "sessions"]
    static let shopper = ["unit", "shopper", "user", "user_id", "visitor", "customer", "player", "id"]
    static let conversions = ["conversions", "converted", "orders", "purchases", "buyers"]
    static let revenue = ["revenue"]
    static let revenueSquares = ["sum_sq_revenue"]
    static let quantity = ["quantity", "items"]
    static let quantitySquares = ["sum_sq_quantity", "sum_sq_items"]
    static let unitCost = ["unit_cost"]
    static let weight = ["weight"]
    /// Of the names of columns that divide shoppers.
    static let segmentPrefix = "segment_"
    static let covariate = ["covariate", "spent_before"]

    /// Columns whose meaning is known, by canonical place in the table.
    static func known(in table: CSVTable) -> Set<CSVTable.Column> {
        let all = [
            variant, price, shoppers, shopper, conversions, revenue, revenueSquares, quantity, quantitySquares,
            unitCost, weight, covariate,
        ]
        return Set(all.compactMap { table.column(anyOf: $0) })
    }
}

/// What a file comes to, by whichever way it was read.
struct CountedFile {
    var arms: [AnalysisInput.Arm]
    var weights: [Int]?
    var metrics: [MetricInput]
    var multipleExposure: Int64 = 0
    var costCoverage: Double?
    var unitCost: Double?
    var covariate: AnalysisInput.Covariate?
    var segments: [SegmentInput] = []
    var warnings: [String] = []

    func input(_ options: AnalyzeOptions, hash: Digest256) throws(AnalyzeError) -> AnalysisInput {
        guard arms.count >= 2 else { throw .unusable("A comparison needs two variants; the file has \(arms.count).") }
        var warnings = warnings
        let weights = options.weights ?? weights
        if weights == nil { warnings.append("The planned split was not given; an equal one is assumed.") }
        let split = weights ?? arms.map { _ in 1 }
        guard split.count == arms.count, split.allSatisfy({ $0 >= 0 }), split.contains(where: { $0 > 0 }) else {
            throw .unusable(
                "The planned split needs a weight for each of the \(arms.count) variants, none negative and one positive."
            )
        }
        var control = arms.firstIndex { $0.name == options.control ?? "control" }
        if let wanted = options.control, control == nil {
            throw .unusable("There is no variant named “\(wanted)”; there are \(arms.map(\.name)).")
        }
        control = control ?? 0
        var metrics = metrics
        metrics.insert(metrics.remove(at: try primary(options)), at: 0)
        return AnalysisInput(
            subject: options.name, name: options.name, hash: hash, status: .completed,
            plan: options.changing(nil),
            currency: options.currency, arms: arms, control: control ?? 0,
            strata: [Stratum(weights: split, arrivals: [arms.map(\.units)])], metrics: metrics,
            targetSampleSize: options.targetSampleSize,
            multipleExposure: multipleExposure, costCoverage: costCoverage, unitCost: unitCost, covariate: covariate,
            segments: segments, warnings: warnings)
    }

    /// Which metric decides: the one asked for, else profit, revenue or the first there is.
    func primary(_ options: AnalyzeOptions) throws(AnalyzeError) -> Int {
        guard !metrics.isEmpty else {
            throw .unusable("No column could be read as a metric: conversions, revenue, quantity, or one of your own.")
        }
        let preferred = options.primaryMetric.map { [$0] } ?? ["profit_per_visitor", "revenue_per_visitor"]
        let places = preferred.compactMap { name in metrics.firstIndex { $0.name == name } }
        if let place = places.first { return place }
        if let wanted = options.primaryMetric {
            throw .unusable("There is no metric “\(wanted)”; there are \(metrics.map(\.name)).")
        }
        return 0
    }
}
