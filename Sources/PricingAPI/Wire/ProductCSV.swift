internal import CSV
internal import Experiments

/// A catalogue as a spreadsheet writes it: a header line, then `sku`, `title`, `list_price` and `currency`, and what
/// else is there. Prices are in major units with a point: `19.99`, or in a file parted by `;` with a comma. Columns called `attributes.NAME` become attributes.
struct ProductCSV {
    private static let names = [
        "sku", "title", "description", "list_price", "currency", "unit_cost", "floor", "ceiling",
    ]
    private static let attributePrefix = "attributes."

    private let columns: [String: CSVTable.Column]
    private let attributes: [(name: String, column: CSVTable.Column)]

    /// The lines of a file, good and bad.
    ///
    /// - Throws: when the header cannot be used.
    static func lines(_ bytes: [UInt8]) throws(Problem) -> [ImportLine] {
        var table: CSVTable
        do throws(CSVError) {
            table = try CSVTable(bytes)
        } catch {
            throw Problem(400, "malformed_csv", "The header cannot be read: \(error).")
        }
        let reader = try ProductCSV(table)
        var lines: [ImportLine] = []
        while true {
            do throws(CSVError) {
                guard let row = try table.next() else { return lines }
                lines.append(reader.read(row, of: table))
            } catch {
                lines.append(
                    ImportLine(
                        number: error.line, sku: nil, product: nil,
                        faults: [Fault("", "The line cannot be read: \(error.explanation).")]))
            }
        }
    }

    private init(_ table: CSVTable) throws(Problem) {
        var faults: [Fault] = []
        var columns: [String: CSVTable.Column] = [:]
        for name in Self.names { columns[name] = table.column(name) }
        var attributes: [(name: String, column: CSVTable.Column)] = []
        for column in table.columns where !columns.values.contains(column) {
            let name = table.names[column.index]
            if name.hasPrefix(Self.attributePrefix) {
                attributes.append((String(name.dropFirst(Self.attributePrefix.count)), column))
            } else {
                let hint = Spelling.nearest(to: name, among: Self.names).map { " Did you mean \"\($0)\"?" } ?? ""
                faults.append(Fault("/\(column.index)", "Unknown column \"\(name.prefix(100))\".\(hint)"))
            }
        }
        for name in ["sku", "title", "list_price", "currency"] where columns[name] == nil {
            faults.append(Fault("", "The column \"\(name)\" is missing."))
        }
        if !faults.isEmpty { throw .invalid(faults) }
        self.columns = columns
        self.attributes = attributes
    }

    private func read(_ row: CSVTable.Row, of table: CSVTable) -> ImportLine {
        var faults = Faults()
        func field(_ name: String) -> String? { row[columns[name]] }
        let sku = field("sku").flatMap(TenantKey.init)
        if sku == nil { faults.add("/sku", "A SKU has 1 to 256 bytes and no control characters.") }
        if let sku, let objection = Product.objection(to: sku) { faults.add("/sku", objection) }
        let currency = field("currency").flatMap { Currency($0) }
        if currency == nil { faults.add("/currency", "Not an ISO 4217 currency code.") }
        func amount(_ name: String) -> Int64? {
            guard let text = field(name), let currency else { return nil }
            guard let numeral = table.numeral(text) else {
                faults.add(
                    "/\(name)",
                    "“\(text)” is a thousand to some and a fraction to others; write it without the separator.")
                return nil
            }
            let amount = Self.minorUnits(numeral, exponent: currency.exponent)
            if amount == nil {
                faults.add("/\(name)", "Not an amount in \(currency) such as \(Self.example(currency.exponent)).")
            }
            return amount
        }
        let listPrice = amount("list_price")
        if field("list_price") == nil { faults.add("/list_price", "This is missing.") }
        let (unitCost, floor, ceiling) = (amount("unit_cost"), amount("floor"), amount("ceiling"))
        var values: Attributes = [:]
        for (name, column) in attributes { if let text = row[column] { values[name] = .string(text) } }
        var product: Product?
        if let sku, let currency, let listPrice {
            let read = Product(
                sku: sku, title: field("title") ?? "", description: field("description") ?? "",
                listPrice: Money(amount: listPrice, currency: currency), unitCost: unitCost, floor: floor,
                ceiling: ceiling, attributes: values)
            read.validate(into: &faults)
            product = read
        }
        return ImportLine(number: row.line, sku: field("sku"), product: product, faults: faults.list)
    }

    private static func example(_ exponent: Int) -> String {
        exponent == 0 ? "1999" : "19." + String(repeating: "9", count: exponent)
    }

    /// Exactly: no more decimals than the currency has, nothing but digits and one point. Nil for anything else.
    static func minorUnits(_ text: String, exponent: Int) -> Int64? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count <= 2, let whole = parts.first, (1...16).contains(whole.utf8.count) else { return nil }
        let fraction = parts.count == 2 ? parts[1] : ""
        guard parts.count == 1 || !fraction.isEmpty, fraction.utf8.count <= exponent,
            whole.utf8.allSatisfy(isDigit), fraction.utf8.allSatisfy(isDigit)
        else { return nil }
        return Int64(whole + fraction + String(repeating: "0", count: exponent - fraction.utf8.count))
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }
}
