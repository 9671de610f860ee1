internal import Analysis
internal import Experiments
internal import ProcessIO
internal import Reports

/// `cournot analyze`
enum Analyze: Command {
    enum Option: String, CommandOption {
        case weights, control, metric, currency, method, alpha, prior, winsorise, target, json, html, csv, svg, png
        case unitCost = "unit-cost"

        var takesValue: Bool {
            switch self {
            case .json, .html, .csv: false
            case .weights, .control, .metric, .currency, .method, .alpha, .prior, .winsorise, .target, .unitCost, .svg,
                .png:
                true
            }
        }
    }

    static let words = ["analyze"]
    static let summary = "Report on an experiment from a CSV file, without a server"
    static let help = """
        Report on an experiment from a CSV file, without a server. `-` reads standard input.

        Usage: cournot analyze FILE [OPTIONS]

          --weights 2,1     The planned split, in the order of the variants in the file (equal)
          --control NAME    Which variant the others are compared with (control, or the first)
          --metric NAME     The metric to decide by (profit, revenue or the first there is)
          --currency CODE   Of the amounts in the file, which are in its major unit (USD)
          --unit-cost X     What one item costs, in that unit, where the file does not say
          --method NAME     fixed: read once, at its end; sequential: looked at as it came in
                            (as an export's experiment was planned, else fixed)
          --alpha X         Two-sided error rate, above 0 and at most 0.5 (as planned, else 0.05)
          --prior A,B       Beta prior on rates, both above 0 (1,1)
          --winsorise X     The share of shoppers whose amounts are taken whole beside the plain reading (0.999)
          --target N        The planned shoppers in all variants: there intervals of `sequential` are narrowest
          --json            The report as JSON, as the API gives it
          --html            The report as a page of its own
          --csv             The report as CSV
          --svg PICTURE     One picture of it: \(pictures[..<6].joined(separator: ", ")),
                            \(pictures[6...].joined(separator: ", "))
          --png PICTURE     The same in pixels, 1600 wide; needs librsvg2-2

        The file is an export of a server (cournot export), which says its currency, weights, costs, plan and
        state itself and is counted as the server counts it; or one of your own, with one row a shopper or one row a
        variant, whose columns are found by their names:
          one row a shopper   variant, shopper?, converted | orders, revenue?, quantity?, price?, unit_cost?,
                              covariate? | spent_before?, segment_NAME?
          one row a variant   variant | price, n | visitors, conversions, revenue?, sum_sq_revenue?, unit_cost?
        Commas part its fields; where the first line has semicolons and no comma, semicolons do, and numbers may have a
        decimal comma.

        Examples:
          cournot analyze test.csv
          cournot analyze test.csv --weights 2,1 --unit-cost 12.50 --json | jq .recommendation
          cournot analyze test.csv --png demand > demand.png
          cournot analyze units.csv --html > report.html

        """
    static var operands: ClosedRange<Int> { 1...1 }

    private static let pictures = PictureName.allCases.map(\.rawValue)

    /// How large a file may be, in bytes.
    private static let largestFile = 1 << 30

    static func run(_ arguments: Arguments<Option>, stop: AsyncStream<Void>) throws {
        let formats =
            [Option.json, .html, .csv].filter(arguments.has)
            + [.svg, .png].filter { arguments.text($0) != nil }
        if formats.count > 1 {
            throw UsageError("\(formats[0].spelling) and \(formats[1].spelling) exclude each other")
        }
        let options = try options(arguments)
        let wanted = try picture(arguments)
        let path = arguments.operands[0]
        let report: Report
        do {
            let file = path == "-" ? InputFile.standardInput() : try InputFile(path: path)
            report = try Analyzer.analyze(csv: try file.rest(limit: largestFile), options: options)
        } catch let error as FileError {
            throw CommandFailure("\(path): \(error.reason)")
        } catch let error as AnalyzeError {
            throw CommandFailure("\(path): \(error)")
        }
        let version = Version.current
        if let wanted {
            StandardStream.output.write(try draw(wanted, of: report, inPixels: formats.first == .png))
            return
        }
        let output =
            switch formats.first {
            case .json: ReportJSON.encode(report, engineVersion: version, pretty: true)
            case .html: ReportHTML.encode(report, engineVersion: version)
            case .csv: ReportCSV.encode(report, engineVersion: version)
            default: ReportText.encode(report, engineVersion: version)
            }
        StandardStream.output.write(output)
    }

    private static func picture(_ arguments: Arguments<Option>) throws(UsageError) -> PictureName? {
        for option in [Option.svg, .png] {
            guard let text = arguments.text(option) else { continue }
            guard let name = PictureName(rawValue: text) else {
                throw UsageError("\(option.spelling) is one of \(pictures.joined(separator: ", ")), not \"\(text)\"")
            }
            return name
        }
        return nil
    }

    private static func draw(
        _ name: PictureName, of report: Report, inPixels: Bool
    ) throws(CommandFailure) -> [UInt8] {
        guard let picture = Picture(name, of: report) else { throw CommandFailure(Picture.absence(of: name)) }
        guard inPixels else { return picture.file }
        do throws(PixelsError) {
            return try picture.png()
        } catch {
            switch error {
            case .unavailable(let reason):
                throw CommandFailure("PNG takes librsvg (Debian's librsvg2-2): \(reason). --svg needs nothing")
            case .tooLarge: throw CommandFailure("the picture has too many pixels; --svg has no limit")
            case .refused(let reason): throw CommandFailure("the picture could not be drawn: \(reason)")
            }
        }
    }

    private static func options(_ arguments: Arguments<Option>) throws(UsageError) -> AnalyzeOptions {
        let code = arguments.text(.currency) ?? "USD"
        guard let currency = Currency(code) else { throw UsageError("--currency: \"\(code)\" is no ISO 4217 code") }
        var options = AnalyzeOptions(currency: currency)
        options.name = arguments.operands[0]
        options.control = arguments.text(.control)
        options.primaryMetric = arguments.text(.metric)
        if let text = arguments.text(.weights) {
            let weights = text.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
            guard weights.allSatisfy({ (0...1_000_000).contains($0 ?? -1) }) else {
                throw UsageError("--weights are whole numbers with commas between, such as 2,1, not \"\(text)\"")
            }
            options.weights = weights.compactMap { $0 }
        }
        if let text = arguments.text(.method) {
            guard let method = AnalysisPlan.Method(rawValue: text), method != .groupSequential else {
                throw UsageError("--method is fixed or sequential, not \"\(text)\"")
            }
            options.method = method
        }
        if let text = arguments.text(.alpha) {
            guard let alpha = Double(text), alpha > 0, alpha <= 0.5 else {
                throw UsageError("--alpha is above 0 and at most 0.5, not \"\(text)\"")
            }
            options.alpha = alpha
        }
        if let text = arguments.text(.winsorise) {
            guard let share = Double(text), share >= 0.9, share < 1 else {
                throw UsageError("--winsorise is at least 0.9 and below 1, not \"\(text)\"")
            }
            options.winsorise = share
        }
        if let text = arguments.text(.target) {
            guard let target = Int(text), (1...1_000_000_000_000).contains(target) else {
                throw UsageError("--target is a number of shoppers from 1 to 10^12, not \"\(text)\"")
            }
            options.targetSampleSize = target
        }
        if let text = arguments.text(.prior) {
            let parts = text.split(separator: ",", omittingEmptySubsequences: false).compactMap { Double($0) }
            guard parts.count == 2, parts.allSatisfy({ $0 > 0 && $0 <= 1e9 }) else {
                throw UsageError("--prior is two numbers above 0, such as 1,1, not \"\(text)\"")
            }
            options.prior = .init(alpha: parts[0], beta: parts[1])
        }
        if let text = arguments.text(.unitCost) {
            guard let cost = minorUnits(text, exponent: currency.exponent) else {
                throw UsageError("--unit-cost is an amount in \(currency), such as 12.50, not \"\(text)\"")
            }
            options.unitCost = cost
        }
        return options
    }

    /// A decimal amount in minor units, exactly; nil if it is none, is negative or is finer than the currency.
    static func minorUnits(_ text: String, exponent: Int) -> Int64? {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let fraction = parts.count == 2 ? String(parts[1]) : ""
        guard !parts[0].isEmpty, parts.count == 1 || !fraction.isEmpty, fraction.utf8.count <= exponent else {
            return nil
        }
        let digits = parts[0] + fraction + String(repeating: "0", count: exponent - fraction.utf8.count)
        guard digits.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
        return Int64(digits).flatMap { $0 <= Money.largestAmount ? $0 : nil }
    }
}
