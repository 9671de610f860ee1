import Experiments
import JSON
import Testing

@Suite struct ReportTests {
    @Test func `asked again with its own time a report is the same byte for byte`() async throws {
        let shop = try await World().tenant()
        let id = try await shop.running()
        for n in 0..<20 { _ = try await shop.quote("s-\(n)") }
        let first = try await shop.get("/experiments/\(id)/report")
        #expect(first.status == 200)
        let asOf = try #require(first["as_of"]?.string)
        shop.world.clock.advance(by: .seconds(60))
        for n in 20..<30 { _ = try await shop.quote("s-\(n)") }
        let second = try await shop.get("/experiments/\(id)/report")
        #expect(second["input_hash"] != first["input_hash"])
        #expect(try await shop.get("/experiments/\(id)/report?as_of=\(asOf)").bytes == first.bytes)
        let shoppers = second["metrics", "0", "variants"]?.array?.compactMap { $0["n"]?.int64 }.reduce(0, +)
        #expect(shoppers == 30)
    }

    @Test func `a report that is only watched is not kept, and says so`() async throws {
        let shop = try await World().tenant()
        let id = try await shop.running()
        _ = try await shop.quote("s-1")
        let watched = try await shop.get("/experiments/\(id)/report?watch=true")
        let asOf = try #require(watched["as_of"]?.string)
        #expect(watched["as_of_kept"] == false)
        #expect(try await shop.get("/experiments/\(id)/report?as_of=\(asOf)")["code"] == "no_report")
        let kept = try await shop.get("/experiments/\(id)/report?watch=false")
        #expect(kept["as_of_kept"] == true && kept["as_of"]?.string == asOf)
        #expect(kept["input_hash"] == watched["input_hash"])
        #expect(try await shop.get("/experiments/\(id)/report?as_of=\(asOf)").bytes == kept.bytes)
        #expect(try await shop.get("/experiments/\(id)/report?watch=yes").status == 422)
        #expect(try await shop.get("/experiments/\(id)/report?watch=true&as_of=\(asOf)").status == 422)
    }

    @Test func `a full disk keeps nobody from reading a report`() async throws {
        let store = FailingStore()
        let shop = try await World(store: store).tenant()
        let id = try await shop.running()
        _ = try await shop.quote("s-1")
        store.fail(with: .full)
        let report = try await shop.get("/experiments/\(id)/report")
        #expect(report.status == 200 && report["as_of_kept"] == false)
        #expect(
            report["data_quality", "warnings"]?.array?.contains { $0.string?.contains("no room left") == true } == true)
        #expect(try await shop.get("/experiments/\(id)/report?watch=true").status == 200)
        store.fail(with: .unavailable("gone"))
        #expect(try await shop.get("/experiments/\(id)/report").status == 503)
    }

    @Test func `a store that can be read and not written to gives reports, which say that they are not kept`()
        async throws
    {
        let store = FailingStore()
        let shop = try await World(store: store).tenant()
        let id = try await shop.running()
        _ = try await shop.quote("s-1")
        store.fail(with: .uncertain("the standby does not answer"))
        let report = try await shop.get("/experiments/\(id)/report")
        #expect(report.status == 200 && report["as_of_kept"] == false)
        #expect(
            report["data_quality", "warnings"]?.array?.contains { $0.string?.contains("takes nothing") == true } == true
        )
        let asOf = try #require(report["as_of"]?.string)
        #expect(try await shop.get("/experiments/\(id)/report?as_of=\(asOf)").status == 503)
    }

    @Test func `a picture in pixels is asked for by name and scale`() async throws {
        let shop = try await World().tenant()
        let id = try await shop.running()
        let path = "/experiments/\(id)/report?format=png&picture=funnel"
        #expect(try await shop.get(path)["code"] == "no_picture")
        _ = try await shop.quote("s-1")
        let png = try await shop.get(path)
        #expect(png.status == 200 && png.header("content-type") == "image/png")
        #expect(Array(png.bytes.prefix(4)) == [0x89, 0x50, 0x4E, 0x47])
        for query in ["&scale=0", "&scale=4", "&scale=two"] {
            #expect(try await shop.get(path + query)["code"] == "invalid_parameter")
        }
        #expect(try await shop.get("/experiments/\(id)/report?scale=1").status == 422)
        #expect(try await shop.get("/experiments/\(id)/report?format=png").status == 422)
    }

    @Test func `a report comes as JSON, CSV or a page, to readers alone`() async throws {
        let shop = try await World().tenant()
        let id = try await shop.running()
        let path = "/api/v1/experiments/\(id)/report"
        let csv = try await shop.world.call("GET", path + "?format=csv", key: shop.analyst)
        #expect(csv.header("content-type") == "text/csv; charset=utf-8")
        #expect(csv.text.hasPrefix("metric,variant,"))
        let page = try await shop.world.call("GET", path + "?format=html", key: shop.analyst)
        #expect(page.text.hasPrefix("<!doctype html>"))
        #expect(page.header("content-security-policy")?.hasPrefix("default-src 'none'") == true)
        #expect(try await shop.world.call("GET", path, key: shop.agent).status == 403)
        #expect(try await shop.get("/experiments/\(id)/report?format=pdf").status == 422)
        #expect(try await shop.get("/experiments/\(id)/report?as_of=2020-01-01T00:00:00Z")["code"] == "no_report")
        #expect(try await shop.get("/experiments/\(id)/report?as_of=2999-01-01T00:00:00Z")["code"] == "no_report")
    }
}
