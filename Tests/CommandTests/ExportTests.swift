import Testing

@testable import cournot

struct ExportTests {
    private static let unit = String(repeating: "0f", count: 32)

    private func partial(_ text: String, isCSV: Bool = true) -> PartialExport {
        var partial = PartialExport(isCSV: isCSV)
        // Byte by byte, as no piece need end where a row does.
        for byte in text.utf8 { partial.read([byte]) }
        return partial
    }

    @Test func `the last whole row is where an export goes on`() {
        let whole = "unit,variant,phase\r\n\(Self.unit),control,0\r\n"
        let cut = partial(whole + "\(Self.unit.prefix(20))")
        #expect(cut.length == whole.utf8.count && cut.unit == Self.unit && cut.rows == 1 && cut.isExport)
        #expect(!cut.isWhole)
        let lines = partial("{\"unit\":\"\(Self.unit)\",\"variant\":\"a\\\"b\"}\n{\"unit\"", isCSV: false)
        #expect(lines.unit == Self.unit && lines.rows == 1 && lines.isExport && !lines.isWhole)
    }

    @Test func `a line feed within quotes ends no row`() {
        let whole = "unit,variant,phase\r\n\(Self.unit),\"a\r\nb\",0\r\n"
        #expect(partial(whole).rows == 1 && partial(whole).isWhole)
        let cut = partial(String(whole.prefix { $0 != "b" }))
        #expect(cut.rows == 0 && cut.unit == nil && cut.isExport)
    }

    @Test func `which columns rows have is known by the header, or by the first row`() {
        let header = "unit,variant,phase\r\n"
        let row = "\(Self.unit),control,0\r\n"
        #expect(partial(header).columnsHash == partial(header + row + row).columnsHash)
        #expect(partial(header).columnsHash != partial("unit,variant,phase,tallied\r\n").columnsHash)
        #expect(partial(header).columnsHash?.count == 64 && partial("unit,var").columnsHash == nil)
        let line = "{\"unit\":\"\(Self.unit)\",\"variant\":\"a\"}\n"
        let other = "{\"unit\":\"\(Self.unit)\",\"variant\":\"b\",\"phase\":0}\n"
        #expect(partial(line, isCSV: false).columnsHash == partial(line + other, isCSV: false).columnsHash)
        #expect(partial(line, isCSV: false).columnsHash != partial(other, isCSV: false).columnsHash)
        #expect(partial("\(Self.unit)\n", isCSV: false).columnsHash == nil)
    }

    @Test func `what is no export is not gone on with`() {
        #expect(!partial("name,price\r\n").isExport)
        #expect(!partial("unit,variant,phase\r\nada@example.com,control,0\r\n").isExport)
        #expect(!partial("unit,variant,phase\r\n", isCSV: false).isExport)
        #expect(partial("").isExport && partial("unit,va").isExport)
    }

    @Test(arguments: [
        ("http://localhost", "http://localhost"), ("http://[::1]:8080/", "http://[::1]:8080"),
        ("https://shop.example", "https://shop.example"), ("https://10.0.0.7:8443/", "https://10.0.0.7:8443"),
    ])
    func `an address is read`(text: String, url: String) throws {
        #expect(try ServerAddress(text).url == url)
    }

    @Test(arguments: [
        "", "localhost:80", "http://", "http://a:0", "http://a:65536", "http://a/b", "http://a b", "http://u@a",
        "http://[::1", "http://[::1]x", "ftp://a", "https://", "https://u:p@a", "http://a\r\nX: y",
    ])
    func `what is no address is refused`(text: String) {
        #expect(throws: ServerAddress.Fault.self) { try ServerAddress(text) }
    }

    @Test func `progress tells the rate of this run, and never less in all than there is`() {
        #expect(
            ExportMeter.text(rows: 6000, of: 10_000, before: 4000, after: .seconds(4))
                == "exporting: 6000 of about 10000, 500/s, 8 s left")
        #expect(
            ExportMeter.text(rows: 2100, of: 2000, before: 0, after: .milliseconds(10))
                == "exporting: 2100 of about 2100")
    }
}
