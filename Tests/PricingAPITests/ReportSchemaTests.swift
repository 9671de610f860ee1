import Analysis
import Experiments
import FoundationEssentials
import JSON
import Reports
import Testing

/// Reports as they are made are what the document says, in every key and every null.
@Suite struct ReportSchemaTests {
    private static var root: URL { URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..") }

    private func check(_ report: Report) throws {
        let schema = Schema(
            document: try JSONValue(parsing: Array(Data(contentsOf: Self.root.appending(path: "docs/openapi.json")))))
        let json = try JSONValue(parsing: ReportJSON.encode(report, engineVersion: "1"))
        #expect(schema.faults(json, schema.resolve("#/components/schemas/Report")) == [])
    }

    @Test(arguments: ["price_test_39_59", "cookie_cats_summary"])
    func `a published experiment's report is as documented`(name: String) throws {
        let csv = Array(try Data(contentsOf: Self.root.appending(path: "notebooks-data/\(name).csv")))
        var options = AnalyzeOptions(currency: try #require(Currency("USD")))
        for method in AnalysisPlan.Method.allCases {
            options.method = method
            options.unitCost = method == .fixed ? 900 : nil
            try check(try Analyzer.analyze(csv: csv, options: options))
        }
    }

    @Test(arguments: [
        "variant,n,conversions\na,0,0\nb,0,0\n", "variant,n,conversions\na,1,0\nb,1,1\n",
        "variant,price,n,conversions\na,10,100,0\nb,12,100,0\nc,14,100,100\n",
        "variant,converted,revenue,unit_cost\na,1,10,4\na,0,0,\nb,1,12,\nb,0,0,\nb,1,12,5\n",
    ])
    func `a report of next to nothing is as documented`(csv: String) throws {
        try check(
            try Analyzer.analyze(
                csv: Array(csv.utf8), options: AnalyzeOptions(currency: try #require(Currency("USD")))))
    }

    @Test func `a report with guardrails and checkouts is as documented, and says both`() async throws {
        let shop = try await World().tenant()
        try #require(try await shop.post("/products", Shop.product).status == 201)
        let design =
            Shop.experiment.dropLast()
            + #","guardrails":[{"metric":"units_per_visitor","max_drop":0.1}],"analysis":{"segments":"#
            + #"[{"attribute":"device","values":["mobile","desktop"]}]}}"#
        let id = try #require(try await shop.post("/experiments", String(design))["id"]?.string)
        try #require(try await shop.post("/experiments/\(id)/start").status == 200)
        let quote = try #require(try await shop.quote("s-1")["id"]?.string)
        _ = try await shop.quote("s-2")
        let checkout = try await shop.post("/checkouts", #"{"lines":[{"quote":"\#(quote)","quantity":1}]}"#)
        try #require(checkout.status == 201, "\(checkout.text)")
        let other = try await shop.post(
            "/events",
            #"[{"id":"c","type":"checkout","shopper":"s-2","product":"sku-1","timestamp":"2026-09-21T14:13:20Z"}]"#)
        #expect(other["accepted"] == 1, "\(other.text)")
        let schema = Schema(
            document: try JSONValue(parsing: Array(Data(contentsOf: Self.root.appending(path: "docs/openapi.json")))))
        let report = try await shop.get("/experiments/\(id)/report")
        #expect(schema.faults(try report.json, schema.resolve("#/components/schemas/Report")) == [])
        let begun = report["funnel", "variants"]?.array?.compactMap { $0["checkouts"]?.int64 }
        #expect(begun?.reduce(0, +) == 2 && begun?.count == 2)
        #expect(report["guardrails", "0", "variants", "0", "state"] == "open")
        let sheet = try await shop.get("/experiments/\(id)/report?format=csv")
        #expect(sheet.text.contains("guardrail,,,units_per_visitor_max_drop,0.1,"))
        #expect(sheet.text.contains("funnel,control,,checkouts,"))
        let page = try await shop.get("/experiments/\(id)/report?format=html")
        #expect(page.text.contains("began a checkout") && page.text.contains("not shown yet"))
    }

    @Test func `a running experiment's report is as documented, and its pictures say why they are not there`()
        async throws
    {
        let shop = try await World().tenant()
        let id = try await shop.running()
        let path = "/experiments/\(id)/report"
        let none = try await shop.get(path + "?format=svg&picture=sample_ratio")
        #expect(none.status == 404 && none["code"] == "no_picture")
        for n in 0..<40 { _ = try await shop.quote("s-\(n)") }
        let schema = Schema(
            document: try JSONValue(parsing: Array(Data(contentsOf: Self.root.appending(path: "docs/openapi.json")))))
        let report = try await shop.get(path)
        #expect(schema.faults(try report.json, schema.resolve("#/components/schemas/Report")) == [])
        #expect(report["history", "days"]?.array?.count == 1)

        let picture = try await shop.get(path + "?format=svg&picture=sample_ratio")
        #expect(picture.status == 200)
        #expect(picture.header("content-type") == "image/svg+xml")
        #expect(picture.text.hasPrefix("<svg xmlns=\"http://www.w3.org/2000/svg\""))
        #expect(picture.header("content-security-policy") == Picture.contentSecurityPolicy)
        let page = try await shop.get(path + "?format=html")
        #expect(page.header("content-security-policy") == ReportHTML.contentSecurityPolicy)
        for query in ["?format=svg", "?format=svg&picture=cat", "?picture=demand", "?format=html&picture=demand"] {
            let refused = try await shop.get(path + query)
            #expect(refused.status == 422 && refused["code"] == "invalid_parameter", "\(query)")
        }
        // The document names the pictures there are.
        let parameters = schema.resolve("#/paths")["/api/v1/experiments/{id}/report"]?["get"]?["parameters"]?.array
        let names = parameters?.first { $0["name"] == "picture" }?["schema"]?["enum"]?.array?.compactMap(\.string)
        #expect(names == PictureName.allCases.map(\.rawValue))
    }
}
