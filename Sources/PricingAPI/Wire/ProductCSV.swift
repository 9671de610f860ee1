internal import Experiments
internal import HTTPServer

/// A catalogue as a spreadsheet writes it: a header line, then `sku`, `title`, `list_price` and `currency`, and what
/// else is there. Prices are in major units with a point: `19.99`. Columns called `attributes.NAME` become attributes.
enum ProductCSV {
    private static let columns = [
        "sku", "title", "description", "list_price", "currency", "unit_cost", "floor", "ceiling",
    ]
    private static let attributePrefix = "attributes."

    static func lines(_ bytes: [UInt8]) throws(Problem) -> [ImportLine] {
        let records: [CSV.Record]
        do throws(CSV.Fault) {
            records = try CSV.records(bytes)
        } catch {
            switch error {
            case .quoting(let line): throw Problem(400, "malformed_csv", "The quoting of line \(line) is broken.")
            case .notUTF8(let line): throw Problem(400, "malformed_csv", "Line \(line) is not UTF-8.")
            }
        }
        guard let header = records.first?.fields else {
            throw Problem(400, "malformed_csv", "The file is empty; its first line names the columns.")
        }
        try check(header)
        return records.dropFirst().map { read($0, header) }
    }

    private static func check(_ header: [String]) throws(Problem) {
        var faults: [Fault] = []
        for (index, name) in header.enumerated() {
            if header[..<index].contains(name) {
                faults.append(Fault("/\(index)", "The column \"\(name.prefix(100))\" stands here twice."))
            } else if !columns.contains(name), !name.hasPrefix(attributePrefix) {
                let hint = Spelling.nearest(to: name, among: columns).map { " Did you mean \"\($0)\"?" } ?? ""
                faults.append(Fault("/\(index)", "Unknown column \"\(name.prefix(100))\".\(hint)"))
            }
        }
        for name in ["sku", "title", "list_price", "currency"] where !header.contains(name) {
            faults.append(Fault("", "The column \"\(name)\" is missing."))
        }
        if !faults.isEmpty { throw .invalid(faults) }
    }

    private static func read(_ record: CSV.Record, _ header: [String]) -> ImportLine {
        var faults = Faults()
        var fields: [String: String] = [:]
        for (name, text) in zip(header, record.fields) where !text.isEmpty { fields[name] = text }
        if record.fields.count != header.count {
            faults.add("", "The line has \(record.fields.count) fields, the header \(header.count).")
        }
        let sku = fields["sku"].flatMap(TenantKey.init)
        if sku == nil { faults.add("/sku", "A SKU has 1 to 256 bytes and no control characters.") }
        let currency = fields["currency"].flatMap { Currency($0) }
        if currency == nil { faults.add("/currency", "Not an ISO 4217 currency code.") }
        func amount(_ name: String) -> Int64? {
            guard let text = fields[name], let currency else { return nil }
            let amount = minorUnits(text, exponent: currency.exponent)
            if amount == nil {
                faults.add("/\(name)", "Not an amount in \(currency) such as \(example(currency.exponent)).")
            }
            return amount
        }
        let listPrice = amount("list_price")
        if fields["list_price"] == nil { faults.add("/list_price", "This is missing.") }
        let (unitCost, floor, ceiling) = (amount("unit_cost"), amount("floor"), amount("ceiling"))
        var attributes: Attributes = [:]
        for (name, text) in fields where name.hasPrefix(attributePrefix) {
            attributes[String(name.dropFirst(attributePrefix.count))] = .string(text)
        }
        var product: Product?
        if let sku, let currency, let listPrice {
            let read = Product(
                sku: sku, title: fields["title"] ?? "", description: fields["description"] ?? "",
                listPrice: Money(amount: listPrice, currency: currency), unitCost: unitCost, floor: floor,
                ceiling: ceiling, attributes: attributes)
            read.validate(into: &faults)
            product = read
        }
        return ImportLine(number: record.line, sku: fields["sku"], product: product, faults: faults.list)
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
            (whole.utf8.elementsEqual(whole.utf8.filter(isDigit))),
            fraction.utf8.allSatisfy(isDigit)
        else { return nil }
        return Int64(whole + fraction + String(repeating: "0", count: exponent - fraction.utf8.count))
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }
}
