internal import CSV
internal import Analysis
internal import Experiments
internal import Stats

/// A row for each shopper.
enum UnitFile {
    /// What one shopper did. Amounts are bounded like `Money`, so that sums of squares over 10^8 of them are exact.
    fileprivate struct Unit {
        var line: Int
        var variant: Int
        var converted: Bool?
        var revenue: Int64?
        var quantity: Int64?
        var unitCost: Int64?
        /// In hundredths.
        var covariate: Int64?
        /// By segment: what the column says; empty where it says nothing.
        var segments: [String]
        var others: [Int64?]
        var isExcluded = false
    }

    static func read(_ table: inout CSVTable, _ options: AnalyzeOptions) throws(AnalyzeError) -> CountedFile {
        var reader = FieldReader(table, options)
        guard reader.has(Columns.variant) || reader.has(Columns.price) else {
            throw .unusable("The file has no column that names the variant (variant, version, group, arm, or price).")
        }
        let segments = table.columns.filter { table.names[$0.index].lowercased().hasPrefix(Columns.segmentPrefix) }
        guard segments.count <= Segment.most else {
            throw .unusable("A file has at most \(Segment.most) segments; there are \(segments.count).")
        }
        let columns = table.columns.filter { !reader.known.contains($0) && !segments.contains($0) }
        var others = columns.map { OtherColumn(name: table.names[$0.index]) }
        var names: [String: Int] = [:]
        var arms: [AnalysisInput.Arm] = []
        var units: [Unit] = []
        var seen: [String: Int] = [:]
        while let row = reader.next(&table) {
            guard let name = reader.variantName(row) else { continue }
            let price = reader.money(row, Columns.price)
            let variant = names[name] ?? arms.count
            if variant == arms.count {
                names[name] = variant
                arms.append(AnalysisInput.Arm(name: name, price: price, units: 0, conversions: nil))
            } else if price != arms[variant].price {
                arms[variant].price = nil
            }
            if let id = reader.shopper(row) {
                if let earlier = seen[id] {
                    if units[earlier].variant == variant, !units[earlier].isExcluded {
                        reader.complain(
                            row, "the shopper “\(id)” has a row already, on line \(units[earlier].line)")
                    }
                    units[earlier].isExcluded = true
                    continue
                }
                seen[id] = units.count
            }
            units.append(
                Unit(
                    line: row.line, variant: variant, converted: reader.flag(row, Columns.conversions),
                    revenue: reader.money(row, Columns.revenue), quantity: reader.quantity(row),
                    unitCost: reader.money(row, Columns.unitCost) ?? options.unitCost,
                    covariate: reader.hundredths(row, Columns.covariate),
                    segments: segments.map { row[$0] ?? "" },
                    others: columns.indices.map { others[$0].take(row[columns[$0]], in: table) }))
        }
        try reader.finish()
        var file = try counted(units, arms, reader, others)
        let attributes = segments.map { String(table.names[$0.index].dropFirst(Columns.segmentPrefix.utf8.count)) }
        guard !attributes.isEmpty, let place = try? file.primary(options) else { return file }
        try divide(&file, units.filter { !$0.isExcluded }, by: attributes, file.metrics[place], others)
        return file
    }

    private static func counted(
        _ all: [Unit], _ arms: [AnalysisInput.Arm], _ reader: FieldReader, _ others: [OtherColumn]
    ) throws(AnalyzeError) -> CountedFile {
        let units = all.filter { !$0.isExcluded }
        var file = CountedFile(arms: arms, metrics: [])
        file.multipleExposure = Int64(all.count - units.count)
        for unit in units { file.arms[unit.variant].units += 1 }
        if units.contains(where: { $0.covariate != nil }) {
            file.covariate = AnalysisInput.Covariate(
                name: reader.name(of: Columns.covariate) ?? "covariate", unit: 0.01)
        }
        let asksWhoBought = [Columns.conversions, Columns.revenue, Columns.quantity].contains(where: reader.has)
        if asksWhoBought {
            var sums = UnitTally(arms.count)
            for unit in units { try sums.add(unit.bought ? 1 : 0, to: unit.variant, beside: unit.covariate) }
            for variant in arms.indices { file.arms[variant].conversions = Int64(clamping: sums.moments[variant].sum) }
            file.metrics.append(try sums.metric("conversion_rate", .ratio))
        }
        if reader.has(Columns.revenue) {
            var sums = UnitTally(arms.count)
            for unit in units { try sums.add(unit.revenue ?? 0, to: unit.variant, beside: unit.covariate) }
            file.metrics.append(try sums.metric("revenue_per_visitor", .money))
            if units.contains(where: { $0.unitCost != nil }) { try addProfit(to: &file, units) }
        }
        if reader.has(Columns.quantity) {
            var sums = UnitTally(arms.count)
            for unit in units { try sums.add(unit.quantity ?? 0, to: unit.variant, beside: unit.covariate) }
            file.metrics.append(try sums.metric("units_per_visitor", .count))
        }
        for (place, column) in others.enumerated() {
            guard let kind = column.kind else {
                file.warnings.append(
                    "The column “\(column.name)” was left out: it is neither yes/no nor whole numbers.")
                continue
            }
            var sums = UnitTally(arms.count)
            for unit in units { try sums.add(unit.others[place] ?? 0, to: unit.variant, beside: unit.covariate) }
            file.metrics.append(try sums.metric(column.name, kind))
        }
        return file
    }

    /// The metric to decide by, within each value of the columns that divide shoppers.
    private static func divide(
        _ file: inout CountedFile, _ units: [Unit], by names: [String], _ metric: MetricInput, _ others: [OtherColumn]
    ) throws(AnalyzeError) {
        for (place, name) in names.enumerated() {
            var tallies: [String: UnitTally] = [:]
            for unit in units {
                let part = unit.segments[place].isEmpty ? "not told" : unit.segments[place]
                if let value = unit.value(of: metric.name, others) {
                    try tallies[part, default: UnitTally(file.arms.count)].add(value, to: unit.variant)
                } else {
                    tallies[part, default: UnitTally(file.arms.count)].addUnknown(
                        atLeast: 0, atMost: 0, to: unit.variant)
                }
            }
            guard tallies.count <= Segment.mostValues + 2 else {
                file.warnings.append(
                    "The segment “\(name)” was left out: it has \(tallies.count) values, and at most \(Segment.mostValues) can be told apart."
                )
                continue
            }
            var values: [(name: String, metric: MetricInput)] = []
            for (part, tally) in tallies.sorted(by: { $0.key < $1.key }) {
                values.append((part, try tally.metric(metric.name, metric.kind)))
            }
            file.segments.append(SegmentInput(attribute: name, values: values))
        }
    }

    /// A buyer whose cost is not known is only bounded: between all of the revenue and nothing of it being cost.
    private static func addProfit(to file: inout CountedFile, _ units: [Unit]) throws(AnalyzeError) {
        var sums = UnitTally(file.arms.count)
        var buyers = 0
        var known = 0
        var (sold, paid) = (0.0, 0.0)
        for unit in units {
            let revenue = unit.revenue ?? 0
            guard unit.bought else {
                try sums.add(revenue, to: unit.variant, beside: unit.covariate)
                continue
            }
            buyers += 1
            guard let unitCost = unit.unitCost, let cost = unit.cost(unitCost) else {
                sums.addUnknown(atLeast: min(0, revenue), atMost: max(0, revenue), to: unit.variant)
                continue
            }
            known += 1
            sold += Double(unit.items)
            paid += Double(cost)
            try sums.add(revenue - cost, to: unit.variant, beside: unit.covariate)
        }
        file.metrics.append(try sums.metric("profit_per_visitor", .money))
        if buyers > 0 { file.costCoverage = Double(known) / Double(buyers) }
        if known == buyers, sold > 0 { file.unitCost = paid / sold }
    }
}

extension UnitFile.Unit {
    fileprivate var bought: Bool { converted ?? ((revenue ?? 0) > 0 || (quantity ?? 0) > 0) }

    /// What the unit adds to a metric; nil where a cost is not known.
    fileprivate func value(of metric: String, _ others: [OtherColumn]) -> Int64? {
        switch metric {
        case Metric.conversionRate.rawValue: return bought ? 1 : 0
        case Metric.revenuePerVisitor.rawValue: return revenue ?? 0
        case Metric.unitsPerVisitor.rawValue: return quantity ?? 0
        case Metric.profitPerVisitor.rawValue:
            guard bought else { return revenue ?? 0 }
            return unitCost.flatMap(cost).map { (revenue ?? 0) - $0 }
        default:
            guard let place = others.firstIndex(where: { $0.name == metric }) else { return 0 }
            return self.others[place] ?? 0
        }
    }

    /// A buyer of unsaid quantity bought one.
    fileprivate var items: Int64 { max(quantity ?? 1, bought ? 1 : 0) }

    /// Nil where it is beyond all money.
    fileprivate func cost(_ unitCost: Int64) -> Int64? {
        let (cost, overflow) = unitCost.multipliedReportingOverflow(by: items)
        return overflow || cost.magnitude > Money.largestAmount.magnitude ? nil : cost
    }
}

/// A column that is a metric of the file's own: yes/no, or whole numbers, or nothing that can be counted.
private struct OtherColumn {
    let name: String
    private var areFlags = true
    private var areWhole = true
    private var hasValue = false

    init(name: String) { self.name = name }

    var kind: MetricReport.Kind? {
        guard hasValue else { return nil }
        return areFlags ? .ratio : areWhole ? .count : nil
    }

    /// Reads a field; an empty one counts as none.
    mutating func take(_ field: String?, in table: CSVTable) -> Int64? {
        guard let field else { return nil }
        hasValue = true
        guard let text = table.numeral(field) else {
            (areFlags, areWhole) = (false, false)
            return nil
        }
        if let flag = DecimalText.flag(text) {
            if DecimalText.whole(text) == nil { areWhole = false }
            return flag ? 1 : 0
        }
        areFlags = false
        guard let whole = DecimalText.whole(text), whole.magnitude <= Money.largestAmount.magnitude else {
            areWhole = false
            return nil
        }
        return whole
    }
}

/// Exact sums of one metric for each variant.
private struct UnitTally {
    struct Sums {
        var count: Int64 = 0
        var sum: Int128 = 0
        var sumOfSquares: Int128 = 0
        var unknown: Int64 = 0
        var atLeast: Int128 = 0
        var atMost: Int128 = 0
        var largest: Int64?
        var pairs = ExactPairMoments()
        var buckets: [Int32: ExactMoments] = [:]
    }

    private(set) var moments: [Sums]

    init(_ variants: Int) { moments = [Sums](repeating: Sums(), count: variants) }

    /// - Parameter covariate: what was known of the shopper before, if anything.
    mutating func add(_ value: Int64, to variant: Int, beside covariate: Int64? = nil) throws(AnalyzeError) {
        do throws(StatsError) {
            if let covariate { try moments[variant].pairs.add(covariate, value) }
            try moments[variant].buckets[ValueBucket.index(of: value), default: ExactMoments()].add(value)
        } catch {
            throw .unusable("The values are too large to be summed exactly.")
        }
        moments[variant].count += 1
        moments[variant].sum += Int128(value)
        moments[variant].sumOfSquares &+= Int128(value) * Int128(value)
        moments[variant].largest = max(moments[variant].largest ?? value, value)
    }

    mutating func addUnknown(atLeast: Int64, atMost: Int64, to variant: Int) {
        moments[variant].unknown += 1
        moments[variant].atLeast += Int128(atLeast)
        moments[variant].atMost += Int128(atMost)
    }

    func metric(_ name: String, _ kind: MetricReport.Kind) throws(AnalyzeError) -> MetricInput {
        var samples: [[Sample]] = []
        var spreads: [[ValueHistogram]] = []
        for sums in moments {
            do throws(StatsError) {
                let exact = try ExactMoments(count: sums.count, sum: sums.sum, sumOfSquares: sums.sumOfSquares)
                samples.append([
                    Sample(exact, unknown: sums.unknown, atLeast: sums.atLeast, atMost: sums.atMost)
                ])
                spreads.append([try ValueHistogram(Self.cut(sums.buckets))])
            } catch {
                throw .unusable("The values of \(name) are too large to be summed exactly.")
            }
        }
        let isKnown = moments.allSatisfy { $0.unknown == 0 }
        let hasCovariate = moments.contains { $0.pairs.count > 0 }
        return MetricInput(
            name: name, kind: kind, samples: samples, largest: moments.map(\.largest),
            covariates: isKnown && hasCovariate ? moments.map { [$0.pairs] } : nil,
            spreads: isKnown && kind != .ratio ? spreads : nil)
    }

    private static func cut(
        _ buckets: [Int32: ExactMoments]
    ) -> [(bounds: ClosedRange<Int64>, moments: ExactMoments)] {
        buckets.compactMap { index, moments in ValueBucket.bounds(of: index).map { ($0, moments) } }
    }
}
