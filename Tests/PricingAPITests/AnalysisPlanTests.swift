import JSON
import Testing

/// What is declared of the analysis, over the API.
@Suite struct AnalysisPlanTests {
    private static func experiment(_ analysis: String, more: String = "") -> String {
        """
        {"name":"Plan","products":["sku-1"],\(more)"analysis":\(analysis),"variants":[\
        {"name":"control","price":{"amount":1999,"currency":"USD"}},\
        {"name":"higher","price":{"amount":2499,"currency":"USD"}}]}
        """
    }

    @Test func `what is declared is answered, and frozen with the start`() async throws {
        let shop = try await World().tenant()
        try #require(try await shop.post("/products", Shop.product).status == 201)
        let made = try await shop.post(
            "/experiments",
            Self.experiment(
                """
                {"covariate":"visits","winsorise":0.99,"segments":[{"attribute":"device","values":["mobile","desktop"]}],\
                "method":"group_sequential","looks":3,"spending":"pocock"}
                """, more: "\"target_sample_size\":600,"))
        #expect(made.status == 201)
        #expect(made["analysis", "covariate"] == "visits" && made["analysis", "winsorise"] == 0.99)
        #expect(made["analysis", "segments", "0", "values", "1"] == "desktop")
        #expect(made["analysis", "looks"] == 3 && made["analysis", "spending"] == "pocock")
        let id = try #require(made["id"]?.string)
        try #require(try await shop.post("/experiments/\(id)/start").status == 200)
        let changed = try await shop.patch("/experiments/\(id)", #"{"analysis":{"covariate":"orders"}}"#)
        #expect(changed.status == 409)
        #expect(changed.pointers == ["/analysis"])
        let quoted = try await shop.post(
            "/quotes", #"{"shopper":"s-1","product":"sku-1","attributes":{"device":"mobile","visits":2}}"#)
        #expect(quoted.status == 200)
        let report = try await shop.get("/experiments/\(id)/report")
        #expect(report["segments", "0", "values", "0", "name"] == "mobile")
        #expect(report["planned_looks", "looks", "0", "state"] == "waiting")
        #expect(report["distribution", "counted"] == 1)
        let own = try await shop.get("/experiments/\(id)/report?segment=device:mobile")
        #expect(own["segment", "value"] == "mobile" && own["metrics", "0", "variants", "0", "n"] != nil)
        #expect(own["segments"] == [] && own["method"] == "sequential")
        let page = try await shop.get("/experiments/\(id)/report?segment=device:not%20told&format=html")
        #expect(page.status == 200 && page.text.contains("device: not told"))
        for wrong in ["device", "device:watch", "mobile", ""] {
            let refused = try await shop.get("/experiments/\(id)/report?segment=\(wrong)")
            #expect(refused.status == 422 && refused["detail"]?.string?.contains("`device:mobile`") == true)
        }
    }

    @Test(arguments: [
        (#"{"segments":[{"attribute":"gender","values":["a","b"]}]}"#, "/analysis/segments/0/attribute"),
        (#"{"segments":[{"attribute":"device","values":["a"]}]}"#, "/analysis/segments/0/values"),
        (
            #"{"segments":[{"attribute":"d","values":["a","b"]},{"attribute":"d","values":["a","b"]}]}"#,
            "/analysis/segments/1/attribute"
        ),
        (#"{"winsorise":0.5}"#, "/analysis/winsorise"), (#"{"covariate":""}"#, "/analysis/covariate"),
        (#"{"method":"group_sequential"}"#, "/target_sample_size"), (#"{"looks":1}"#, "/analysis/looks"),
    ])
    func `a plan that cannot be kept is refused`(analysis: String, pointer: String) async throws {
        let shop = try await World().tenant()
        try #require(try await shop.post("/products", Shop.product).status == 201)
        let refused = try await shop.post("/experiments", Self.experiment(analysis))
        #expect(refused.status == 422)
        #expect(refused.pointers == [pointer], "\(refused.text)")
    }
}
