internal import CSV
internal import Crypto
internal import Analysis
internal import Experiments

/// An export of a server, read back: each row is the unit it was, and is counted as the server counts it. So the report
/// has the figures of the server's own.
struct ExportFile {
    private let columns: Columns
    private let segments: [(column: CSVTable.Column, attribute: String)]
    private let covariate: (column: CSVTable.Column, attribute: String?)?
    private let options: AnalyzeOptions
    private var faults: [AnalyzeError.LineFault] = []

    private var counts = UnitCounts()
    private var variants: [Int: CountedExperiment.Variant] = [:]
    /// By phase, then by variant.
    private var weights: [Int: [Int]] = [:]
    private var currency: Currency?
    /// As every row says; nil before the first.
    private var guardrails: [Guardrail]?
    /// As every row says; nil before the first, and of an export that does not say.
    private var plan: (text: String, plan: ExportedPlan)?
    /// As the newest row says.
    private var status: Experiment.Status?
    private var seen: Set<String> = []
    /// By segment: the values there are, in the order they are numbered.
    private var values: [[String]] = []

    private static let mostFaults = 20
    /// More than an experiment has; so many are told apart whatever the file says.
    private static let mostVariants = 20
    private static let mostPhases = 100_000
    /// What one shopper may come to, as the server counts.
    private static let largest: Int64 = 1_000_000_000_000_000

    /// Whether a table was made by an export, of this version or an earlier one.
    static func isExport(_ table: CSVTable) -> Bool {
        ["unit", "variant", "phase", "assigned_at", "exposed_at", "excluded", "gross"].allSatisfy {
            table.names.contains($0)
        }
    }

    static func input(
        _ table: inout CSVTable, _ options: AnalyzeOptions, hash: Digest256
    ) throws(AnalyzeError) -> AnalysisInput {
        var file = try ExportFile(table, options)
        try file.numberValues(table)
        while file.faults.count < mostFaults {
            do throws(CSVError) {
                guard let row = try table.next() else { break }
                file.count(row)
            } catch {
                file.faults.append(Analyzer.fault(error))
            }
        }
        if !file.faults.isEmpty { throw .lines(file.faults) }
        let experiment = try file.experiment()
        do throws(AnalysisError) {
            var input = try experiment.input(file.counts, hash: hash)
            input.warnings += file.remarks(experiment)
            return input
        } catch {
            switch error {
            case .inconsistent(let detail): throw .unusable(detail)
            }
        }
    }

    private init(_ table: CSVTable, _ options: AnalyzeOptions) throws(AnalyzeError) {
        guard options.weights == nil, options.unitCost == nil else {
            throw .unusable("An export says its weights and costs itself; leave them out.")
        }
        guard let columns = Columns(table) else {
            throw .unusable(
                "This export is of an earlier version, which left out what a report is made from. Export it again.")
        }
        self.columns = columns
        self.options = options
        segments = table.columns.compactMap { column in
            Self.rest(of: table.names[column.index], after: "segment_").map { (column, $0) }
        }
        guard segments.count <= Segment.most else {
            throw .unusable("An export has at most \(Segment.most) segments; there are \(segments.count).")
        }
        values = segments.map { _ in [] }
        covariate =
            table.columns.lazy.compactMap { column -> (column: CSVTable.Column, attribute: String?)? in
                let name = table.names[column.index]
                if name == "spent_before" { return (column, nil) }
                return Self.rest(of: name, after: "covariate_").map { (column, $0) }
            }.first
    }

    private static func rest(of name: String, after prefix: String) -> String? {
        name.hasPrefix(prefix) ? String(name.dropFirst(prefix.count)) : nil
    }

    // MARK: Segments

    /// Gives each value of a segment its number; `other` and `not told` come last, as a server has them.
    private mutating func numberValues(_ table: CSVTable) throws(AnalyzeError) {
        guard !segments.isEmpty else { return }
        var table = table
        var found = segments.map { _ in Set<String>() }
        while true {
            // What is wrong with a line is said when it is counted.
            guard let row = try? table.next() else { break }
            for (place, segment) in segments.enumerated() where found[place].count <= Segment.mostValues + 2 {
                found[place].insert(CSVWriter.plain(row.raw(segment.column)))
            }
        }
        for (place, found) in found.enumerated() {
            values[place] = found.subtracting(["", Self.other, Self.notTold]).sorted()
            guard values[place].count <= Segment.mostValues else {
                throw .unusable(
                    "The segment “\(segments[place].attribute)” has more values than the \(Segment.mostValues) an export has."
                )
            }
        }
    }

    private static let other = "other"
    private static let notTold = "not told"

    private func code(of value: String, in segment: Int) -> UInt8 {
        let known = values[segment]
        if value == Self.notTold { return UInt8(clamping: known.count + 1) }
        return UInt8(clamping: known.firstIndex(of: value) ?? known.count)
    }

    // MARK: Rows

    private mutating func complain(_ row: CSVTable.Row, _ detail: String) {
        faults.append(AnalyzeError.LineFault(line: row.line, detail: detail))
    }

    private mutating func count(_ row: CSVTable.Row) {
        let before = faults.count
        guard let name = row[columns.unit], seen.insert(name).inserted else {
            return complain(row, "a unit is missing, or has a row already")
        }
        let variant = whole(row, columns.variantNumber, "variant_number", 0...Int64(Self.mostVariants - 1))
        let phase = whole(row, columns.phase, "phase", 0...Int64(Self.mostPhases - 1))
        guard let assignedAt = Timestamp(rfc3339: row[columns.assignedAt] ?? "") else {
            return complain(row, "`assigned_at` is no time")
        }
        let exposed = row[columns.exposedAt]
        let exposedAt = exposed.flatMap { Timestamp(rfc3339: $0) }
        if exposed != nil, exposedAt == nil { complain(row, "`exposed_at` is no time") }
        let outcome = outcome(row)
        let traits = traits(row)
        let isExcluded = flag(row, columns.excluded, "excluded")
        let isTallied = flag(row, columns.tallied, "tallied")
        note(row, variant: Int(variant), phase: Int(phase))
        guard faults.count == before else { return }
        counts.count(
            UnitState(
                variant: Int(variant), phase: Int(phase), assignedAt: assignedAt, exposedAt: exposedAt,
                isExcluded: isExcluded, outcome: outcome, isTallied: isTallied,
                // An earlier version's export does not say, nor does one of shoppers whose checkouts nobody counted.
                countsCheckouts: columns.beganCheckout.map { row[$0] != nil } ?? false, traits: traits),
            times: 1)
    }

    private mutating func outcome(_ row: CSVTable.Row) -> UnitOutcome {
        let any = -Self.largest...Self.largest
        var outcome = UnitOutcome()
        outcome.orders = whole(row, columns.orders, "orders", 0...Self.largest)
        outcome.quantity = whole(row, columns.quantity, "quantity", any)
        outcome.gross = whole(row, columns.gross, "gross", any)
        outcome.refunds = whole(row, columns.refunds, "refunds", any)
        outcome.cost = whole(row, columns.knownCost, "known_cost", any)
        outcome.lacksCost = row[columns.grossWithoutCost] != nil
        if outcome.lacksCost {
            outcome.grossWithoutCost = whole(row, columns.grossWithoutCost, "gross_without_cost", any)
        }
        if let column = columns.beganCheckout, row[column] != nil {
            outcome.beganCheckout = flag(row, column, "began_checkout")
        }
        return outcome
    }

    private mutating func traits(_ row: CSVTable.Row) -> UnitTraits {
        var traits = UnitTraits()
        if let covariate, let text = row[covariate.column] {
            let value = DecimalText.integer(text, scale: covariate.attribute == nil ? 0 : 2)
            if let value, let whole = Int64(exactly: value), whole.magnitude <= Self.largest.magnitude {
                traits.covariate = whole
            } else {
                complain(row, "“\(text)” is no covariate")
            }
        }
        let texts = segments.map { CSVWriter.plain(row.raw($0.column)) }
        if texts.allSatisfy({ !$0.isEmpty }) {
            traits.segments = texts.enumerated().map { code(of: $1, in: $0) }
        }
        return traits
    }

    /// Takes what a row says of its variant and phase: the same in every row of them.
    private mutating func note(_ row: CSVTable.Row, variant: Int, phase: Int) {
        guard let code = row[columns.currency], let currency = Currency(code), self.currency ?? currency == currency
        else { return complain(row, "the currency is none, or not that of the other rows") }
        self.currency = currency
        let texts = (row[columns.weights] ?? "").split(separator: "|", omittingEmptySubsequences: false)
        let weights = texts.compactMap { DecimalText.whole(String($0)) }.compactMap { Int(exactly: $0) }
        guard weights.count == texts.count, (2...Self.mostVariants).contains(weights.count),
            weights.indices.contains(variant), weights.allSatisfy({ (0...1_000_000_000).contains($0) }),
            weights.contains(where: { $0 > 0 }), self.weights[phase] ?? weights == weights,
            self.weights.first?.value.count ?? weights.count == weights.count
        else { return complain(row, "the weights are none, or not those of the other rows") }
        self.weights[phase] = weights
        guard let guardrails = Self.guardrails(columns.guardrails.flatMap { row[$0] } ?? ""),
            self.guardrails ?? guardrails == guardrails
        else { return complain(row, "the guardrails are none, or not those of the other rows") }
        self.guardrails = guardrails
        notePlan(row)
        let price = row[columns.price].flatMap { DecimalText.whole($0) }
        let told = CountedExperiment.Variant(
            name: CSVWriter.plain(row.raw(columns.variant)), price: price, weight: weights[variant])
        if let known = variants[variant], known.name != told.name || known.price != told.price {
            return complain(row, "variant \(variant) has another name or price than in other rows")
        }
        variants[variant] = told
    }

    /// An export goes on over a start or an end, so that the last row's state is the newest. The plan stays.
    private mutating func notePlan(_ row: CSVTable.Row) {
        if let column = columns.status {
            guard let status = row[column].flatMap({ Experiment.Status(rawValue: $0) }) else {
                return complain(row, "`status` is none of an experiment's")
            }
            self.status = status
        }
        guard let text = columns.plan.map({ row[$0] ?? "" }), plan?.text != text else { return }
        guard plan == nil, let read = ExportedPlan(parsing: text) else {
            return complain(row, "the plan is none, or not that of the other rows")
        }
        plan = (text, read)
    }

    /// Reads `metric:drop|…`; nil for anything else.
    private static func guardrails(_ text: String) -> [Guardrail]? {
        var out: [Guardrail] = []
        for part in text.split(separator: "|", omittingEmptySubsequences: text.isEmpty) {
            let pair = part.split(separator: ":", omittingEmptySubsequences: false)
            guard pair.count == 2, let metric = Metric(rawValue: String(pair[0])), let drop = Double(pair[1]),
                drop > 0, drop <= 1, !out.contains(where: { $0.metric == metric })
            else { return nil }
            out.append(Guardrail(metric: metric, maxDrop: drop))
        }
        return out
    }

    private mutating func whole(
        _ row: CSVTable.Row, _ column: CSVTable.Column, _ name: String, _ range: ClosedRange<Int64>
    ) -> Int64 {
        if let text = row[column], let value = DecimalText.whole(text), range.contains(value) { return value }
        complain(row, "`\(name)` is no whole number from \(range.lowerBound) to \(range.upperBound)")
        return range.lowerBound
    }

    private mutating func flag(_ row: CSVTable.Row, _ column: CSVTable.Column, _ name: String) -> Bool {
        switch row[column] {
        case "true": return true
        case "false": return false
        default:
            complain(row, "`\(name)` is neither true nor false")
            return false
        }
    }

    // MARK: The experiment

    private func experiment() throws(AnalyzeError) -> CountedExperiment {
        guard let currency, let first = weights.min(by: { $0.key < $1.key })?.value else {
            throw .unusable("The export has no rows.")
        }
        // Variants that nobody was given have no row to name them.
        let variants = first.indices.map { number in
            self.variants[number]
                ?? CountedExperiment.Variant(name: "variant \(number + 1)", price: nil, weight: first[number])
        }
        guard Set(variants.map(\.name)).count == variants.count else {
            throw .unusable("Two variants of the export have the same name.")
        }
        var control = variants.firstIndex { $0.name == options.control ?? "control" }
        if let wanted = options.control, control == nil {
            throw .unusable("There is no variant named “\(wanted)”; there are \(variants.map(\.name)).")
        }
        control = control ?? 0
        let metric = options.primaryMetric ?? plan?.plan.primaryMetric.rawValue ?? Metric.profitPerVisitor.rawValue
        guard let primary = Metric(rawValue: metric) else {
            throw .unusable("There is no metric “\(metric)”; there are \(Metric.allCases.map(\.rawValue)).")
        }
        // A phase that nobody came in has no row either: its weights are those before it.
        var phases: [CountedExperiment.Phase] = []
        for number in 0...(weights.keys.max() ?? 0) {
            phases.append(
                CountedExperiment.Phase(startedAt: nil, weights: weights[number] ?? phases.last?.weights ?? first))
        }
        var analysis = options.changing(plan?.plan.analysis)
        // Looks are taken when their shoppers' attribution windows are over, and a file does not say when that was.
        if analysis.method == .groupSequential { analysis.method = .sequential }
        analysis.covariate = covariate?.attribute
        analysis.segments = zip(segments, values).map { Segment(attribute: $0.attribute, values: $1) }
        return CountedExperiment(
            subject: options.name, name: options.name, status: status ?? .completed, plan: analysis,
            currency: currency, variants: variants, control: control ?? 0, phases: phases, primaryMetric: primary,
            guardrails: guardrails ?? [], targetSampleSize: options.targetSampleSize ?? plan?.plan.targetSampleSize)
    }

    /// What the report rests on beside the rows: said where it was assumed, or is not as planned.
    private func remarks(_ experiment: CountedExperiment) -> [String] {
        func words(_ plan: AnalysisPlan) -> String { "“\(plan.method.rawValue)” at an error rate of \(plan.alpha)" }
        let read = words(experiment.plan)
        guard let planned = plan?.plan else {
            return [
                "This export does not say how its experiment was planned, nor whether it has ended: it is read as \(read), decided by \(experiment.primaryMetric.rawValue), as of a completed one."
            ]
        }
        if planned.analysis.method == .groupSequential, options.method == nil {
            return [
                "Planned looks cannot be taken from an export, which does not say when it was made: differences are read as \(read) instead."
            ]
        }
        guard words(planned.analysis) != read || planned.primaryMetric != experiment.primaryMetric else { return [] }
        return [
            "Planned was \(words(planned.analysis)), decided by \(planned.primaryMetric.rawValue); as asked, it is read as \(read), decided by \(experiment.primaryMetric.rawValue). A choice made after the shoppers came is no test of them."
        ]
    }
}

extension ExportFile {
    /// Where things stand in a row.
    fileprivate struct Columns {
        let unit, variant, phase, assignedAt, exposedAt, excluded, orders, quantity, gross, refunds: CSVTable.Column
        let currency, variantNumber, price, weights, knownCost, grossWithoutCost, tallied: CSVTable.Column
        /// Of exports since checkouts are counted.
        let beganCheckout, guardrails: CSVTable.Column?
        /// Of exports that say how they were planned.
        let status, plan: CSVTable.Column?

        /// Nil where one is missing.
        init?(_ table: CSVTable) {
            func column(_ name: String) -> CSVTable.Column? {
                table.columns.first { table.names[$0.index] == name }
            }
            guard let unit = column("unit"), let variant = column("variant"), let phase = column("phase"),
                let assignedAt = column("assigned_at"), let exposedAt = column("exposed_at"),
                let excluded = column("excluded"), let orders = column("orders"), let quantity = column("quantity"),
                let gross = column("gross"), let refunds = column("refunds"), let currency = column("currency"),
                let variantNumber = column("variant_number"), let price = column("price"),
                let weights = column("weights"), let knownCost = column("known_cost"),
                let grossWithoutCost = column("gross_without_cost"), let tallied = column("tallied")
            else { return nil }
            (self.unit, self.variant, self.phase, self.assignedAt) = (unit, variant, phase, assignedAt)
            (self.exposedAt, self.excluded, self.orders, self.quantity) = (exposedAt, excluded, orders, quantity)
            (self.gross, self.refunds, self.currency, self.variantNumber) = (gross, refunds, currency, variantNumber)
            (self.price, self.weights, self.knownCost) = (price, weights, knownCost)
            (self.grossWithoutCost, self.tallied) = (grossWithoutCost, tallied)
            (beganCheckout, guardrails) = (column("began_checkout"), column("guardrails"))
            (status, plan) = (column("status"), column("plan"))
        }
    }
}
