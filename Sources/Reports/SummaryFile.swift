internal import CSV
internal import Analysis
internal import Experiments
internal import Stats

/// A row for each variant: shoppers, and sums over them.
enum SummaryFile {
    private struct Row {
        var line: Int
        var name: String
        var price: Int64?
        var n: Int64
        var conversions: Int64?
        var revenue: Int128?
        var revenueSquares: Int128?
        var quantity: Int128?
        var quantitySquares: Int128?
        var unitCost: Int64?
        var weight: Int?
        /// The cells of all other columns, as written.
        var others: [String?]
    }

    static func read(_ table: inout CSVTable, _ options: AnalyzeOptions) throws(AnalyzeError) -> CountedFile {
        var reader = FieldReader(table, options)
        let others = table.columns.filter { !reader.known.contains($0) }
        var rows: [Row] = []
        while let row = reader.next(&table) {
            guard let name = reader.variantName(row) else { continue }
            if rows.contains(where: { $0.name == name }) {
                reader.complain(row, "the variant “\(name)” has a row already; a file of summaries has one for each")
                continue
            }
            guard let n = reader.count(row, Columns.shoppers), n >= 0 else {
                reader.complain(row, "the number of shoppers is missing or no whole number")
                continue
            }
            let conversions = reader.count(row, Columns.conversions)
            if let conversions, !(0...n).contains(conversions) {
                reader.complain(row, "\(conversions) conversions of \(n) shoppers")
                continue
            }
            rows.append(
                Row(
                    line: row.line, name: name, price: reader.money(row, Columns.price), n: n,
                    conversions: conversions, revenue: reader.amount(row, Columns.revenue),
                    revenueSquares: reader.amount(row, Columns.revenueSquares, squared: true),
                    quantity: reader.integer(row, Columns.quantity),
                    quantitySquares: reader.integer(row, Columns.quantitySquares),
                    unitCost: reader.money(row, Columns.unitCost) ?? options.unitCost,
                    weight: reader.count(row, Columns.weight).flatMap { Int(exactly: $0) },
                    others: others.map { row[$0].flatMap(table.numeral) }))
        }
        try reader.finish()
        return try counted(rows, others.map { table.names[$0.index] })
    }

    private static func counted(_ rows: [Row], _ otherNames: [String]) throws(AnalyzeError) -> CountedFile {
        var file = CountedFile(
            arms: rows.map {
                AnalysisInput.Arm(name: $0.name, price: $0.price, units: $0.n, conversions: $0.conversions)
            }, metrics: [])
        let weights = rows.compactMap(\.weight)
        if weights.count == rows.count, !rows.isEmpty { file.weights = weights }
        try addStandard(to: &file, rows)
        try addOthers(to: &file, rows, otherNames)
        return file
    }

    private static func addStandard(to file: inout CountedFile, _ rows: [Row]) throws(AnalyzeError) {
        let conversions = rows.compactMap(\.conversions)
        if conversions.count == rows.count {
            try add("conversion_rate", .ratio, rows, conversions.map { (Int128($0), Int128($0)) }, to: &file)
        }
        try addRevenue(to: &file, rows)
        let quantities = rows.compactMap(\.quantity)
        let squares = rows.compactMap(\.quantitySquares)
        if quantities.count == rows.count, squares.count == rows.count {
            try add("units_per_visitor", .count, rows, Array(zip(quantities, squares)), to: &file)
        } else if !quantities.isEmpty {
            file.warnings.append("Quantity was left out: its spread needs a column sum_sq_quantity.")
        }
    }

    /// From its squares; or, when each conversion brings the price, from the price.
    private static func addRevenue(to file: inout CountedFile, _ rows: [Row]) throws(AnalyzeError) {
        let sums = rows.compactMap(\.revenue)
        let squares = rows.compactMap(\.revenueSquares)
        if sums.count == rows.count, squares.count == rows.count {
            try add("revenue_per_visitor", .money, rows, Array(zip(sums, squares)), to: &file)
            return
        }
        func perConversion(_ value: (Row) -> Int64?) -> [(Int128, Int128)]? {
            var out: [(Int128, Int128)] = []
            for row in rows {
                guard let price = value(row), let conversions = row.conversions else { return nil }
                let (each, count) = (Int128(price), Int128(conversions))
                let (squares, overflow) = (each * each).multipliedReportingOverflow(by: count)
                guard !overflow else { return nil }
                out.append((each * count, squares))
            }
            return out
        }
        guard let fromPrice = perConversion(\.price), sums.isEmpty || sums == fromPrice.map(\.0) else {
            if !sums.isEmpty {
                file.warnings.append(
                    "Revenue was left out: it is not price × conversions, so its spread needs a column sum_sq_revenue.")
            }
            return
        }
        try add("revenue_per_visitor", .money, rows, fromPrice, to: &file)
        let margins = perConversion { row in
            guard let price = row.price, let cost = row.unitCost else { return nil }
            return price - cost
        }
        guard let margins else { return }
        try add("profit_per_visitor", .money, rows, margins, to: &file)
        let sold = rows.reduce(0.0) { $0 + Double($1.conversions ?? 0) }
        let paid = rows.reduce(0.0) { $0 + Double($1.unitCost ?? 0) * Double($1.conversions ?? 0) }
        if sold > 0 { (file.unitCost, file.costCoverage) = (paid / sold, 1) }
    }

    /// Rates from whole numbers up to n, then means from `sum_x`, `sum_sq_x` and `max_x`.
    private static func addOthers(
        to file: inout CountedFile, _ rows: [Row], _ names: [String]
    ) throws(AnalyzeError) {
        let places = Dictionary(
            names.enumerated().map { ($1.lowercased(), $0) }, uniquingKeysWith: { first, _ in first })
        func numbers(_ place: Int?) -> [Int128]? {
            guard let place else { return nil }
            let read = rows.compactMap { $0.others[place].flatMap { DecimalText.integer($0, scale: 0) } }
            return read.count == rows.count ? read : nil
        }
        var used: Set<Int> = []
        var means: [(name: String, sums: [(Int128, Int128)], largest: [Int128]?)] = []
        for (place, name) in names.enumerated() where name.lowercased().hasPrefix("sum_") {
            let what = String(name.lowercased().dropFirst(4))
            guard let squaresPlace = places["sum_sq_" + what], let sums = numbers(place),
                let squares = numbers(squaresPlace)
            else { continue }
            means.append((what, Array(zip(sums, squares)), numbers(places["max_" + what])))
            used.formUnion([place, squaresPlace] + (places["max_" + what].map { [$0] } ?? []))
        }
        for (place, name) in names.enumerated() where !used.contains(place) {
            if let counts = numbers(place), zip(counts, rows).allSatisfy({ $0 >= 0 && $0 <= Int128($1.n) }) {
                try add(name, .ratio, rows, counts.map { ($0, $0) }, to: &file)
            } else {
                file.warnings.append(
                    "The column “\(name)” was left out: it is no count of shoppers and no sum with squares.")
            }
        }
        for mean in means {
            try add(mean.name, .count, rows, mean.sums, to: &file, largest: mean.largest)
        }
    }

    private static func add(
        _ name: String, _ kind: MetricReport.Kind, _ rows: [Row], _ sums: [(Int128, Int128)],
        to file: inout CountedFile, largest: [Int128]? = nil
    ) throws(AnalyzeError) {
        var samples: [[Sample]] = []
        for (row, (sum, squares)) in zip(rows, sums) {
            do throws(StatsError) {
                samples.append([Sample(try ExactMoments(count: row.n, sum: sum, sumOfSquares: squares))])
            } catch {
                throw .lines([
                    AnalyzeError.LineFault(
                        line: row.line, detail: "no \(row.n) shoppers can have this sum and sum of squares of \(name)")
                ])
            }
        }
        file.metrics.append(
            MetricInput(
                name: name, kind: kind, samples: samples,
                largest: largest.map { $0.map { Int64(exactly: $0) } }))
    }
}
