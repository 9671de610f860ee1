import CSV
import Testing

private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

private func records(_ text: String, delimiter: Unicode.Scalar = ",") throws(CSVError) -> [[String]] {
    var reader = CSVReader(bytes(text), delimiter: delimiter)
    var all: [[String]] = []
    while let record = try reader.next() { all.append(record.fields) }
    return all
}

@Suite struct CSVReaderTests {
    @Test(arguments: [
        ("", []),
        ("a,b\r\n1,2\r\n", [["a", "b"], ["1", "2"]]),
        ("a,b\n1,2", [["a", "b"], ["1", "2"]]),
        ("\u{FEFF}a\r\n", [["a"]]),
        ("\n\r\na\n\n\nb\n", [["a"], ["b"]]),
        (",\n", [["", ""]]),
        ("a,", [["a", ""]]),
        (" a , b", [[" a ", " b"]]),
        (#""a,b","c""d","e"# + "\r\n" + #"f",g"#, [["a,b", "c\"d", "e\r\nf", "g"]]),
        (#""""#, [[""]]),
        (#""""""#, [["\""]]),
        ("ß,😀\n", [["ß", "😀"]]),
    ])
    func `records are read as RFC 4180 writes them`(text: String, expected: [[String]]) throws {
        #expect(try records(text) == expected)
    }

    @Test func `another delimiter leaves commas alone`() throws {
        #expect(try records("a;1,5\n", delimiter: ";") == [["a", "1,5"]])
    }

    @Test(arguments: [
        ("a\nb\"c\n", 2, CSVError.Reason.strayQuote),
        ("a\n\"b\"c\n", 2, .textAfterQuote),
        ("a\n\"x\ny\"z\n", 3, .textAfterQuote),
        ("a\n\nb,\"c\nd\n", 3, .unterminatedQuote),
        ("a\rb\n", 1, .bareCarriageReturn),
        ("\"a\"\r", 1, .textAfterQuote),
    ])
    func `a fault names its line`(text: String, line: Int, reason: CSVError.Reason) {
        #expect(throws: CSVError(line: line, reason: reason)) { try records(text) }
    }

    @Test func `bytes that are not UTF-8 are refused`() throws {
        var reader = CSVReader([0x61, 0x0A, 0xC3, 0x28, 0x0A])
        #expect(try reader.next()?.fields == ["a"])
        #expect(throws: CSVError(line: 2, reason: .notUTF8)) { try reader.next() }
        #expect(try reader.next() == nil)
    }

    @Test func `reading goes on behind a faulty line`() throws {
        var reader = CSVReader(bytes("a\nb\"\nc\n\"d\ne\n"))
        #expect(try reader.next()?.fields == ["a"])
        #expect(throws: CSVError.self) { try reader.next() }
        #expect(try reader.next() == CSVReader.Record(line: 3, fields: ["c"]))
        #expect(throws: CSVError(line: 4, reason: .unterminatedQuote)) { try reader.next() }
        #expect(try reader.next() == CSVReader.Record(line: 5, fields: ["e"]))
        #expect(try reader.next() == nil)
    }

    @Test func `lines inside quotes are counted`() throws {
        var reader = CSVReader(bytes("\"a\nb\n\"\nc"))
        #expect(try reader.next()?.line == 1)
        #expect(try reader.next()?.line == 4)
    }

    @Test func `a record without end is refused before it fills memory`() {
        let text = String(repeating: "x,", count: CSVReader.largestRecord)
        #expect(throws: CSVError(line: 1, reason: .tooLong)) { try records(text) }
    }

    @Test func `no bytes whatever make the reader trap or stand still`() {
        var state: UInt64 = 0x9E37_79B9_7F4A_7C15
        func draw(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        let alphabet: [UInt8] = [0x22, 0x2C, 0x0A, 0x0D, 0x61, 0xC3, 0x00]
        for _ in 0..<20_000 {
            let input = (0..<draw(24)).map { _ in alphabet[draw(alphabet.count)] }
            var reader = CSVReader(input)
            var steps = 0
            while steps <= input.count + 1 {
                do { if try reader.next() == nil { break } } catch {}
                steps += 1
            }
            #expect(steps <= input.count + 1)
        }
    }
}

@Suite struct CSVTableTests {
    @Test func `columns are found by any of their names`() throws {
        var table = try CSVTable(bytes("Unit Cost, SKU \n 1.50 ,x\n"))
        #expect(table.names == ["Unit Cost", "SKU"])
        let cost = table.column("unit_cost")
        let sku = table.column("id", "sku")
        #expect(table.column("price") == nil)
        let row = try #require(try table.next())
        #expect(row[cost] == "1.50")
        #expect(row[sku] == "x")
        #expect(row[nil] == nil)
        #expect(row.raw(try #require(cost)) == " 1.50 ")
    }

    @Test func `a blank field is no value`() throws {
        var table = try CSVTable(bytes("a,b\n,  \n"))
        let row = try #require(try table.next())
        #expect(row[table.column("a")] == nil)
        #expect(row[table.column("b")] == nil)
    }

    @Test func `a header must be there and name each column once`() {
        #expect(throws: CSVError(line: 1, reason: .noHeader)) { try CSVTable([]) }
        #expect(throws: CSVError(line: 1, reason: .duplicateColumn("unit-cost"))) {
            try CSVTable(bytes("Unit Cost,unit-cost"))
        }
    }

    @Test(arguments: [
        ("a;b\n1;2\n", true), ("\u{FEFF}\r\na;\"b;c\"\r\n1;2\r\n", true), ("a,b;c\n1,2\n", false),
        ("a;\"b,c\"\n1,2;3\n", true), ("\"a;b\",c\n1,2\n", false), ("a\n1;2\n", false), ("a,b\n1;2,3\n", false),
    ])
    func `a header with semicolons and no comma parts its fields by them`(text: String, expected: Bool) throws {
        var table = try CSVTable(bytes(text))
        #expect(table.hasSemicolons == expected)
        #expect(try table.next()?.fields.count == table.names.count)
    }

    @Test(arguments: [
        ("19,99", "19.99"), ("-0,5", "-0.5"), ("19.99", "19.99"), ("1250", "1250"), ("1250,125", "1250.125"),
        ("0,125", "0.125"), ("1,2505", "1.2505"), ("1,250", nil), ("1.250", nil), ("-12,500", nil),
        ("1.250,50", "1.250,50"), ("DE,AT", "DE,AT"), (",5", ",5"), ("5,", "5,"), ("", ""),
    ])
    func `a decimal comma is read where fields are parted by semicolons, and a thousand never as one`(
        text: String, expected: String?
    ) throws {
        #expect(try CSVTable(bytes("a;b\n")).numeral(text) == expected)
        #expect(try CSVTable(bytes("a,b\n")).numeral(text) == text)
    }

    @Test func `a ragged row is refused and the next one read`() throws {
        var table = try CSVTable(bytes("a,b\n1\n1,2\n"))
        #expect(throws: CSVError(line: 2, reason: .fieldCount(expected: 2, found: 1))) { try table.next() }
        #expect(try table.next()?.fields == ["1", "2"])
    }
}

@Suite struct CSVWriterTests {
    @Test func `what is written reads back`() throws {
        let fields = ["plain", "a,b", "say \"hi\"", "two\r\nlines", "", " x "]
        var writer = CSVWriter()
        for field in fields { writer.text(field) }
        writer.endRecord()
        var reader = CSVReader(writer.bytes)
        #expect(try reader.next()?.fields == fields)
    }

    @Test(arguments: ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "\nx", "\r\nx", "＝1+1", "＋1", "－1", "＠SUM(A1)"])
    func `a text never becomes a formula`(text: String) throws {
        var writer = CSVWriter()
        writer.text(text)
        writer.endRecord()
        var reader = CSVReader(writer.bytes)
        #expect(try reader.next()?.fields == ["'" + text])
    }

    @Test func `numbers are exact and absent ones empty`() {
        var writer = CSVWriter()
        writer.number(-0.1)
        writer.number(nil)
        writer.number(Double.nan)
        writer.number(Int64.min)
        writer.endRecord()
        #expect(String(decoding: writer.bytes, as: UTF8.self) == "-0.1,,,-9223372036854775808\r\n")
    }
}
