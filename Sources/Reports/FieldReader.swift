internal import CSV
internal import Analysis
internal import Experiments

/// Reads the fields of a file's rows and gathers what is wrong with them.
struct FieldReader {
    private let table: CSVTable
    private let options: AnalyzeOptions
    private var faults: [AnalyzeError.LineFault] = []
    let known: Set<CSVTable.Column>

    private static let mostFaults = 20

    init(_ table: CSVTable, _ options: AnalyzeOptions) {
        self.table = table
        self.options = options
        known = Columns.known(in: table)
    }

    func has(_ names: [String]) -> Bool { table.column(anyOf: names) != nil }

    /// The next row that can be read; nil at the end, or when enough is wrong.
    mutating func next(_ table: inout CSVTable) -> CSVTable.Row? {
        while faults.count < Self.mostFaults {
            do throws(CSVError) {
                return try table.next()
            } catch {
                faults.append(Analyzer.fault(error))
            }
        }
        return nil
    }

    mutating func complain(_ row: CSVTable.Row, _ detail: String) {
        faults.append(AnalyzeError.LineFault(line: row.line, detail: detail))
    }

    func finish() throws(AnalyzeError) {
        if !faults.isEmpty { throw .lines(faults) }
    }

    /// The row's variant; by its price where there is no other name.
    mutating func variantName(_ row: CSVTable.Row) -> String? {
        let column = table.column(anyOf: Columns.variant) ?? table.column(anyOf: Columns.price)
        guard let name = row[column] else {
            complain(row, "the variant is missing: name it in a column “variant”")
            return nil
        }
        return name
    }

    mutating func count(_ row: CSVTable.Row, _ names: [String]) -> Int64? {
        value(row, names, "a whole number") { DecimalText.whole($0) }
    }

    mutating func integer(_ row: CSVTable.Row, _ names: [String]) -> Int128? {
        value(row, names, "a whole number") { DecimalText.integer($0, scale: 0) }
    }

    /// A price or the like, in minor units.
    mutating func money(_ row: CSVTable.Row, _ names: [String]) -> Int64? {
        let scale = options.currency.exponent
        return value(row, names, "an amount with at most \(scale) digits after the point") { text in
            DecimalText.integer(text, scale: scale).flatMap { Int64(exactly: $0) }.flatMap {
                (-Money.largestAmount...Money.largestAmount).contains($0) ? $0 : nil
            }
        }
    }

    /// A sum of money in minor units, or of their squares.
    mutating func amount(_ row: CSVTable.Row, _ names: [String], squared: Bool = false) -> Int128? {
        let scale = options.currency.exponent * (squared ? 2 : 1)
        return value(row, names, "an amount with at most \(scale) digits after the point") {
            DecimalText.integer($0, scale: scale)
        }
    }

    /// A number with up to two digits after the point, in hundredths.
    mutating func hundredths(_ row: CSVTable.Row, _ names: [String]) -> Int64? {
        value(row, names, "a number with at most 2 digits after the point") { text in
            DecimalText.integer(text, scale: 2).flatMap { Int64(exactly: $0) }.flatMap {
                (-Money.largestAmount...Money.largestAmount).contains($0) ? $0 : nil
            }
        }
    }

    /// What the file calls a column.
    func name(of names: [String]) -> String? { table.column(anyOf: names).map { table.names[$0.index] } }

    /// Yes or no, or a count of which any is yes.
    mutating func flag(_ row: CSVTable.Row, _ names: [String]) -> Bool? {
        value(row, names, "yes, no or a count") { text in
            DecimalText.flag(text) ?? DecimalText.whole(text).flatMap { $0 >= 0 ? $0 > 0 : nil }
        }
    }

    /// The shopper's own key.
    func shopper(_ row: CSVTable.Row) -> String? { row[table.column(anyOf: Columns.shopper)] }

    /// Items bought by one shopper.
    mutating func quantity(_ row: CSVTable.Row) -> Int64? {
        value(row, Columns.quantity, "a whole number of items") { text in
            DecimalText.whole(text).flatMap { (0...1_000_000_000).contains($0) ? $0 : nil }
        }
    }

    /// Nil where the field is empty or the column absent; a fault where it cannot be read.
    private mutating func value<Value>(
        _ row: CSVTable.Row, _ names: [String], _ kind: String, _ read: (String) -> Value?
    ) -> Value? {
        guard let column = table.column(anyOf: names), let text = row[column] else { return nil }
        let place = "“\(text)” in column “\(table.names[column.index])”"
        guard let numeral = table.numeral(text) else {
            complain(row, "\(place) is a thousand to some and a fraction to others; write it without the separator")
            return nil
        }
        if let value = read(numeral) { return value }
        complain(row, "\(place) is not \(kind)")
        return nil
    }
}
