import Analysis
import Crypto
import Experiments
import Raster
import Testing

@testable import Reports

private let hostile = "]]><script>alert('x')</script>&\u{1B}\u{202E}\"=1+1"

private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

/// Opens and closes every element; nil where the text is no well-formed XML of the kind we write.
private func elements(of svg: String) -> [String]? {
    var open: [String] = []
    var seen: [String] = []
    var rest = svg[...]
    while let start = rest.firstIndex(of: "<") {
        guard let end = rest[start...].firstIndex(of: ">") else { return nil }
        let tag = rest[rest.index(after: start)..<end]
        rest = rest[rest.index(after: end)...]
        let name = String(tag.prefix { $0 != " " && $0 != "/" })
        if tag.hasPrefix("/") {
            guard open.popLast() == String(tag.dropFirst()) else { return nil }
        } else {
            guard tag.count(where: { $0 == "\"" }).isMultiple(of: 2), !tag.contains("&") else { return nil }
            seen.append(name)
            if !tag.hasSuffix("/") { open.append(name) }
        }
    }
    return open.isEmpty ? seen : nil
}

/// Four prices of which one is named to do harm.
private func fourPrices(name: String = hostile) throws -> Report {
    let quoted = name.replacing("\"", with: "\"\"")
    let csv = """
        variant,price,n,conversions,unit_cost
        control,39,5000,300,14
        cheaper,32,5000,340,14
        "\(quoted)",52,5000,240,14
        dearest,59,5000,140,14

        """
    var options = AnalyzeOptions(currency: try #require(Currency("USD")))
    options.name = name
    return try Analyzer.analyze(csv: Array(csv.utf8), options: options)
}

@Suite struct PictureTests {
    @Test(arguments: PictureName.allCases)
    func `a picture is well-formed, says what it is, and lets no name be markup`(name: PictureName) throws {
        for report in [try fourPrices(), try Counts(name: hostile, variant: hostile).report()] {
            guard let picture = Picture(name, of: report) else {
                // A file has no days; two prices have all.
                #expect(
                    name == .distribution || (report.history == nil && [.history, .allocation].contains(name)))
                continue
            }
            let svg = text(picture.file)
            let seen = try #require(elements(of: svg), "\(svg)")
            #expect(
                Set(seen).isSubset(of: ["svg", "title", "desc", "style", "text", "line", "rect", "circle", "path"]))
            #expect(Array(seen.prefix(3)) == ["svg", "title", "desc"])
            #expect(svg.contains("role=\"img\" "))
            #expect(svg.contains("aria-labelledby=\"pic-\(name.rawValue)-title pic-\(name.rawValue)-desc\""))
            for forbidden in ["<script", "\u{1B}", "\u{202E}", "nan", "inf\"", "<image", "href", "url("] {
                #expect(!svg.contains(forbidden), "\(forbidden)")
            }
            #expect(!picture.table.rows.isEmpty && !picture.description.isEmpty)
            for row in picture.table.rows { #expect(row.cells.count == picture.table.head.count) }
            #expect(Picture(name, of: report)?.file == picture.file)
        }
    }

    @Test func `without shoppers there is nothing to draw, and a reason`() throws {
        var empty = try Counts()
        empty.cells = [:]
        let report = try empty.report()
        for name in PictureName.allCases {
            #expect(Picture(name, of: report) == nil, "\(name)")
            #expect(!Picture.absence(of: name).isEmpty)
        }
        let page = text(ReportHTML.encode(report, engineVersion: "1"))
        #expect(!page.contains("<figure>") && !page.contains("What was seen"))
    }

    @Test func `nothing is called better while the split is not the planned one`() throws {
        let csv = "variant,n,conversions\ncontrol,5000,100\nhigher,9000,900\n"
        let options = AnalyzeOptions(currency: try #require(Currency("USD")))
        let report = try Analyzer.analyze(csv: Array(csv.utf8), options: options)
        #expect(report.dataQuality.sampleRatio.alarm)
        let difference = try #require(Picture(.difference, of: report))
        #expect(difference.description.contains("not to be trusted"))
        let posterior = text(try #require(Picture(.posterior, of: report)).file)
        #expect(posterior.contains(">not to be trusted<") && !posterior.contains("fill better"))
        let page = text(ReportHTML.encode(report, engineVersion: "1"))
        let first = try #require(page.firstRange(of: "<figcaption>"))
        #expect(page[first.upperBound...].hasPrefix("Were shoppers split as planned?"))
        #expect(!page.contains("If it is wrong"))
    }

    @Test func `the history of a first day is an interval that can be seen`() throws {
        var counts = try Counts()
        let first = try #require(counts.cells.keys.map(\.day).min())
        counts.cells = counts.cells.filter { $0.key.day == first }
        let report = try counts.report()
        #expect(report.history?.days.count == 1)
        let svg = text(try #require(Picture(.history, of: report)).file)
        let drawn = svg.split(separator: "<path ").dropFirst().compactMap { path -> [[Double]]? in
            path.firstRange(of: " d=\"M").map { start in
                path[start.upperBound...].prefix { $0 != "\"" && $0 != "Z" }.split(separator: "L").map { point in
                    point.split(separator: " ").compactMap { Double($0) }
                }
            }
        }
        // A line from end to end, an end at either, and the difference between them.
        #expect(drawn.contains { $0.count == 2 && $0[0][0] == $0[1][0] && abs($0[0][1] - $0[1][1]) > 40 }, "\(svg)")
        #expect(drawn.count { $0.count == 2 && $0[0][1] == $0[1][1] && abs($0[0][0] - $0[1][0]) == 10 } == 2)
        #expect(drawn.contains { $0.count == 4 } && !svg.contains("class=\"area\""))
    }

    @Test func `the funnel says what the cells counted, and nothing else`() throws {
        let counts = try Counts()
        let report = try counts.report()
        let funnel = try #require(report.funnel)
        for (place, variant) in funnel.variants.enumerated() {
            let cells = counts.cells.filter { $0.key.variant == place }.map(\.value)
            #expect(variant.told == cells.reduce(0) { $0 + $1.units })
            #expect(variant.bought == cells.reduce(0) { $0 + $1.converted })
            #expect(variant.orders == cells.reduce(0) { $0 + $1.orders })
            #expect(variant.items.map { Int128($0) } == cells.reduce(0) { $0 + $1.quantity.sum })
        }
        let picture = try #require(Picture(.funnel, of: report))
        #expect(
            picture.table.rows.map { Array($0.cells.dropFirst()) }
                == funnel.variants.map {
                    [
                        $0.told.grouped, $0.bought.grouped,
                        (Double($0.bought) / Double($0.told)).percent(digits: 2), $0.orders?.grouped ?? "–",
                        $0.items?.grouped ?? "–",
                    ]
                })
        // A step more where checkouts were counted.
        var told = report
        for place in funnel.variants.indices {
            told.funnel?.variants[place].checkouts = funnel.variants[place].bought + 7
        }
        let longer = try #require(Picture(.funnel, of: told))
        #expect(longer.table.head.contains("began a checkout"))
        #expect(longer.table.rows.map { $0.cells[2] } == funnel.variants.map { ($0.bought + 7).grouped })
        #expect(text(longer.file).contains("began a checkout (") && !text(picture.file).contains("began a checkout"))
        #expect(longer.table.rows.allSatisfy { $0.cells.count == longer.table.head.count })
        // A file says neither orders nor items: a dash, not a guess.
        let file = try #require(Picture(.funnel, of: try fourPrices()))
        #expect(file.table.rows.allSatisfy { $0.cells[4] == "–" })
    }

    @Test(arguments: [1.0, 400])
    func `the distribution draws every class of amounts, on a scale of ratios where they are far apart`(
        most: Double
    ) throws {
        var csv = "variant,converted,revenue\n"
        for number in 0..<400 {
            let spends = number % 4 == 0
            let amount = spends ? 10 + Double(number % 40) / 8 * most : 0
            csv +=
                "\(number % 2 == 0 ? "control" : "\"\(hostile.replacing("\"", with: "\"\""))\""),\(spends ? 1 : 0),\(amount)\n"
        }
        // The odd ones buy too.
        csv = csv.replacing(",0,0.0\ncontrol,0,0.0\n", with: ",1,12.5\ncontrol,0,0.0\n")
        let options = AnalyzeOptions(currency: try #require(Currency("EUR")))
        let report = try Analyzer.analyze(csv: Array(csv.utf8), options: options)
        let distribution = try #require(report.distribution)
        let picture = try #require(Picture(.distribution, of: report))
        let svg = text(picture.file)
        #expect(elements(of: svg) != nil && !svg.contains("<script"))
        let drawn = distribution.variants.reduce(0) { $0 + $1.counts.count { $0 > 0 } }
        #expect(drawn > 1 && svg.ranges(of: "<rect class=\"fill\"").count == drawn)
        #expect(svg.contains("each step so many times") == (most > 100))
        #expect(svg.contains("€") && picture.table.rows.count == 2)
        for variant in distribution.variants {
            #expect(variant.counts.reduce(0, +) + variant.zeros == variant.n)
        }
        #expect(try picture.png(scale: 1).count > 1000)
    }

    @Test func `the allocation draws each set of weights, and names since when`() throws {
        var counts = try Counts()
        let plain = try #require(Picture(.allocation, of: try counts.report()))
        #expect(plain.table.rows.count == 1 && plain.table.rows[0].cells[0].hasSuffix(" UTC"))
        let later = Timestamp(milliseconds: counts.experiment.createdAt.milliseconds + 2 * 86_400_000)
        try counts.reweigh([1, 3], at: later)
        let report = try counts.report()
        #expect(report.allocation.map(\.weights) == [[1, 1], [1, 3]])
        #expect(report.allocation.last?.shares == [0.25, 0.75])
        let all = report.funnel?.variants.map(\.told)
        #expect(all == zip(report.allocation[0].shoppers, report.allocation[1].shoppers).map(+))
        let picture = try #require(Picture(.allocation, of: report))
        #expect(picture.description.contains("changed once"))
        #expect(picture.table.rows.map(\.cells).map { $0[0] }.last == "all")
        #expect(picture.table.rows[1].cells[1].contains("planned 25.0%"))
    }

    @Test(arguments: PictureName.allCases)
    func `a picture in pixels is a whole PNG of the size of its SVG`(name: PictureName) throws {
        guard let picture = Picture(name, of: try Counts(name: hostile, variant: hostile).report()) else { return }
        for scale in Picture.scales {
            let png = try picture.png(scale: scale)
            #expect(Array(png.prefix(8)) == [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])
            func number(_ at: Int) -> Int { png[at..<at + 4].reduce(0) { $0 << 8 | Int($1) } }
            #expect(number(16) == 800 * scale)
            #expect(number(20) == Int((picture.fileHeight * Double(scale)).rounded(.up)))
            // Chunk after chunk to the end: nothing is cut off.
            var at = 8
            var kinds: [String] = []
            while at + 12 <= png.count {
                kinds.append(text(Array(png[at + 4..<at + 8])))
                at += 12 + number(at)
            }
            #expect(at == png.count && kinds.first == "IHDR" && kinds.last == "IEND" && kinds.contains("IDAT"))
        }
    }

    @Test func `what is no drawing, or too large a one, is refused and does not trap`() {
        #expect(throws: RasterError.self) { try PNG.drawing(Array("no svg".utf8), width: 10, height: 10) }
        #expect(throws: RasterError.self) { try PNG.drawing([], width: 10, height: 10) }
        for (width, height) in [(0, 10), (10, -1), (4000, 3001), (.max, .max)] {
            #expect(throws: RasterError.size) { try PNG.drawing(Array("<svg/>".utf8), width: width, height: height) }
        }
    }

    @Test func `what is drawn in pixels leans on no variable and no scheme`() {
        for forbidden in ["var(", "@media", "--"] { #expect(!PictureStyle.flat.contains(forbidden)) }
        // Every class that browsers know is known here.
        let classes = PictureStyle.css.split(separator: ".").map { $0.prefix { $0.isLetter || $0.isNumber } }
        for name in classes where name.first?.isLetter == true && name != "pic" {
            #expect(PictureStyle.flat.contains(".\(name)"), "\(name)")
        }
    }

    @Test func `the best price and its interval stand in the profit picture`() throws {
        let report = try fourPrices(name: "x")
        let best = try #require(report.demand?.profitOptimal)
        let svg = text(try #require(Picture(.profit, of: report)).file)
        #expect(svg.contains("best: \(report.currency.display(minorUnits: best.price)) ("))
    }
}

@Suite struct PlottingTests {
    @Test(arguments: [
        (0.0, 1.0, 5, [0, 0.2, 0.4, 0.6, 0.8, 1.0]), (-3.0, 12.0, 4, [0, 5, 10]),
        (3900, 5900, 4, [4000, 4500, 5000, 5500]),
        (0.0101, 0.0109, 4, [0.0102, 0.0104, 0.0106, 0.0108]), (7, 7, 2, [7]),
    ])
    func `ticks are round numbers inside the range`(lower: Double, upper: Double, count: Int, expected: [Double]) {
        let ticks = Scale([lower, upper], from: 0, to: 100, padding: 0).ticks(about: count).values
        #expect(ticks.count == expected.count)
        for (got, wanted) in zip(ticks, expected) { #expect(abs(got - wanted) <= 1e-9 * abs(wanted), "\(ticks)") }
    }

    @Test func `what is no number moves no scale`() {
        let scale = Scale([.nan, .infinity, 2, 4], from: 10, to: 20, padding: 0)
        #expect(scale.lower == 2 && scale.upper == 4)
        #expect(scale.place(3) == 15)
        #expect(Scale([], from: 0, to: 1).ticks(about: 5).values.isEmpty == false)
    }

    @Test(arguments: [
        (0.05, 0.05, "5%"), (0.125, 0.005, "12.5%"), (-0.1, 0.1, "-10%"), (0, 0.1, "0%"),
    ])
    func `a share's label has the digits its step needs`(value: Double, step: Double, expected: String) {
        #expect(TickLabel.share(signed: false).text(value, step: step) == expected)
    }

    @Test(arguments: [(4000, 500, "USD", "$40"), (4050, 50, "USD", "$40.50"), (1500, 100, "JPY", "¥1500")])
    func `an amount's label has cents or has none`(value: Double, step: Double, code: String, expected: String) throws {
        #expect(TickLabel.money(try #require(Currency(code))).text(value, step: step) == expected)
    }

    @Test func `long names are wrapped at spaces and then cut`() {
        #expect(TextWidth.lines(of: "a little dearer", ems: 5, atMost: 2) == ["a little", "dearer"])
        let cut = TextWidth.lines(of: String(repeating: "wide ", count: 30), ems: 8, atMost: 2)
        #expect(cut.count == 2 && cut.last?.last == "…")
        for line in cut { #expect(TextWidth.ems(line) <= 9) }
        #expect(TextWidth.lines(of: "Unbreakable" + String(repeating: "m", count: 40), ems: 8, atMost: 2).count == 1)
        #expect(TextWidth.lines(of: "", ems: 8, atMost: 2) == [])
    }

    @Test func `a coordinate beyond all paper stands at its edge`() {
        var markup = Markup()
        for value in [1.04, -0.26, .infinity, .nan, -7, 0.04] {
            markup.coordinate(value)
            markup.raw(" ")
        }
        #expect(text(markup.bytes) == "1 -0.3 99999 0 -7 0 ")
    }

    @Test(arguments: [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg==")])
    func `base64 is as RFC 4648 has it`(plain: String, expected: String) {
        #expect(Base64.text(Array(plain.utf8)) == expected)
    }
}

@Suite struct ReportPageTests {
    @Test func `the policy allows the page's own style and nothing else`() throws {
        let page = text(ReportHTML.encode(try fourPrices(), engineVersion: "1"))
        let start = try #require(page.firstRange(of: "<style>"))
        let end = try #require(page.firstRange(of: "</style>"))
        let style = page[start.upperBound..<end.lowerBound]
        let hash = Base64.text(SHA256.hash(Array(style.utf8)).bytes)
        #expect(ReportHTML.contentSecurityPolicy.contains("style-src 'sha256-\(hash)';"))
        #expect(!ReportHTML.contentSecurityPolicy.contains("unsafe"))
        for forbidden in ["style=\"", "<script", "onload", "href", "src="] { #expect(!page.contains(forbidden)) }
    }

    @Test func `a picture's policy allows its own style`() throws {
        let svg = text(try #require(Picture(.demand, of: try fourPrices())).file)
        let start = try #require(svg.firstRange(of: "<style>"))
        let end = try #require(svg.firstRange(of: "</style>"))
        let hash = Base64.text(SHA256.hash(Array(svg[start.upperBound..<end.lowerBound].utf8)).bytes)
        #expect(Picture.contentSecurityPolicy.contains("'sha256-\(hash)'"))
    }

    @Test func `what to do stands before pictures, pictures before tables, and every picture has its numbers`() throws {
        let page = text(ReportHTML.encode(try Counts().report(), engineVersion: "1"))
        let places = try ["aria-label=\"Recommendation\"", "What next", "<figure>", "Every metric", "How it was made"]
            .map { try #require(page.firstRange(of: $0)).lowerBound }
        #expect(places == places.sorted())
        #expect(page.ranges(of: "<figure>").count == page.ranges(of: "<summary>").count)
        #expect(page.ranges(of: "<figure>").count == page.ranges(of: "role=\"img\"").count)
        // Each picture's own title and description, once.
        for name in PictureName.allCases {
            #expect(page.ranges(of: "id=\"pic-\(name.rawValue)-title\"").count <= 1)
        }
    }

    @Test(arguments: ["=1", "+1", "-x", "@x", "\tx", "\r=x"])
    func `no cell begins a formula, wherever the name stands`(name: String) throws {
        let csv = text(ReportCSV.encode(try Counts(name: name, variant: name).report(), engineVersion: name))
        for cell in csv.split(omittingEmptySubsequences: true, whereSeparator: { ",\r\n\"".contains($0) }) {
            guard Double(cell) == nil, let first = cell.first else { continue }
            #expect(!["=", "+", "-", "@", "\t"].contains(first), "\(cell)")
        }
    }
}
