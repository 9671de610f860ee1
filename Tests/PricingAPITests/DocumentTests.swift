import AgentRuntime
import Experiments
import HTTPServer
import JSON
import Testing

@testable import PricingAPI

@Suite struct DocumentTests {
    static func document() throws -> JSONValue { try JSONValue(parsing: OpenAPIDocument.bytes) }

    /// An operation of the document.
    struct Operation: Sendable {
        let method: String
        let path: String
        let value: JSONValue
    }

    static func operations() throws -> [Operation] {
        let paths = try #require(try document()["paths"]?.object)
        return paths.members.flatMap { path in
            (path.value.object?.members ?? []).map {
                Operation(method: $0.key.uppercased(), path: path.key, value: $0.value)
            }
        }
    }

    @Test func `the table of routes and the document name the same doors, roles and query parameters`() throws {
        let schema = Schema(document: try Self.document())
        var documented: [String: JSONValue] = [:]
        for operation in try Self.operations() {
            documented["\(operation.method) \(operation.path)"] = operation.value
        }
        let routes = RouteTable.routes(pages: [:])
        #expect(Set(routes.map { "\($0.method) \($0.pattern)" }) == Set(documented.keys))
        for route in routes {
            let operation = try #require(documented["\(route.method) \(route.pattern)"])
            let roles = Set((operation["x-roles"]?.array ?? []).compactMap(\.string))
            switch route.access {
            case .anyone: #expect(operation["security"] == [], "\(route.pattern)")
            case .roles(let wanted): #expect(roles == Set(wanted.map(\.rawValue)), "\(route.pattern)")
            case .pathKey(let wanted):
                #expect(roles == Set(wanted.map(\.rawValue)), "\(route.pattern)")
                #expect(operation["security"] == [], "\(route.pattern)")
            }
            let parameters = (operation["parameters"]?.array ?? []).map { parameter in
                parameter["$ref"]?.string.map { schema.resolve($0) } ?? parameter
            }
            let query = parameters.filter { $0["in"] == "query" }.compactMap { $0["name"]?.string }
            #expect(Set(query) == Set(route.query), "\(route.pattern)")
            let names = parameters.filter { $0["in"] == "path" }.compactMap { $0["name"]?.string }
            #expect(
                names.map { "{\($0)}" }
                    == route.pattern.split(separator: "/").filter { $0.hasPrefix("{") }.map(String.init))
        }
    }

    @Test func `every example is what its schema says`() throws {
        let schema = Schema(document: try Self.document())
        var checked = 0
        for operation in try Self.operations() {
            guard let json = operation.value["requestBody"]?["content"]?["application/json"],
                let example = json["example"], let wanted = json["schema"]
            else { continue }
            checked += 1
            #expect(schema.faults(example, wanted) == [], "\(operation.method) \(operation.path)")
        }
        #expect(checked >= 12)
    }

    /// Asks in an order in which each answer prepares the next, and holds every answer to the document.
    @Test func `every door answers its own example as the document says`() async throws {
        let world = try await World(others: [BankTransfer(), DeafProvider()])
        let shop = try await world.tenant()
        let schema = Schema(document: try Self.document())
        let operations = try Self.operations()
        var ids = ["sku": "sku-1"]
        var asked: Set<String> = []
        func ask(
            _ id: String, path change: [String: String] = [:], query: String = "", type: String = "application/json",
            saying other: String? = nil
        ) async throws -> Told {
            let operation = try #require(operations.first { $0.value["operationId"]?.string == id })
            asked.insert(id)
            var path = operation.path
            for (name, value) in ids.merging(change, uniquingKeysWith: { $1 }) {
                path = path.replacingOccurrences(of: "{\(name)}", with: value)
            }
            path += query
            let content = operation.value["requestBody"]?["content"]?[type]
            let body =
                other
                ?? content?["example"].map { $0.string ?? String(decoding: $0.serialized(), as: UTF8.self) }
            let key =
                operation.value["x-roles"]?.array?.contains("operator") == true ? World.operatorKey : shop.merchant
            let told = try await world.call(operation.method, path, key: key, body, type: type)
            let ok = try #require(operation.value["responses"]?.object?.members.first { $0.key.hasPrefix("2") })
            #expect(String(told.status) == ok.key, "\(id) with \(type): \(told.text)")
            if let wanted = ok.value["content"]?["application/json"]?["schema"], told.status < 300 {
                #expect(schema.faults(try told.json, wanted) == [], "\(id)")
            }
            return told
        }

        for id in ["health", "ready", "metrics", "openapi", "createTenant", "readTenant", "changeTenant", "listKeys"] {
            _ = try await ask(id)
        }
        let key = try #require(try await ask("createKey")["id"]?.string)
        _ = try await ask("readKey", path: ["id": key])
        _ = try await ask("removeKey", path: ["id": key])
        _ = try await ask("createProduct")
        for type in ["application/json", "application/x-ndjson", "text/csv"] {
            let report = try await ask("importProducts", type: type)
            #expect(report["updated"] == 1, "\(type)")
        }
        for id in ["listProducts", "readProduct", "changeProduct"] { _ = try await ask(id) }
        #expect(try await ask("searchProducts", query: "?q=mug")["data"]?.array?.count == 1)
        ids["id"] = try #require(try await ask("createExperiment")["id"]?.string)
        for id in [
            "listExperiments", "readExperiment", "replaceExperiment", "startExperiment", "changeExperiment", "power",
        ] {
            _ = try await ask(id)
        }
        _ = try await ask("openSession")
        let quote = try #require(try await ask("quote")["id"]?.string)
        _ = try await ask("readQuote", path: ["id": quote])
        _ = try await ask("signQuote", path: ["id": quote])
        _ = try await ask("publishedKeys")
        #expect(try await ask("mcp")["result", "structuredContent", "price", "amount"]?.int64 != nil)
        let batch = try await ask("quoteBatch")
        #expect(batch["data", "1", "quote", "shopper"] == "s-2")
        _ = try await ask("peek", path: ["sku": "sku-1?shopper=s-1"])
        #expect(try await ask("evaluateFlag", path: ["key": "price.sku-1"])["key"] == "price.sku-1")
        #expect(try await ask("evaluateFlags")["flags"]?.array?.count == 3)
        for id in ["growthBookFeatures", "growthBookEvaluation"] {
            let told = try await ask(id, path: ["sdk_key": shop.agent])
            #expect(told["features"]?.object?.keys == ["price.sku-1", "price.sku-1.minor"])
        }
        let made = try await ask("createCheckout", saying: #"{"lines":[{"quote":"\#(quote)","quantity":2}]}"#)
        let checkout = ["id": try #require(made["id"]?.string)]
        _ = try await ask("readCheckout", path: checkout)
        let agreed = try #require(made["totals_hash"]?.string)
        let done = try await ask("completeCheckout", path: checkout, saying: #"{"totals_hash":"\#(agreed)"}"#)
        let order = ["id": try #require(done["order", "id"]?.string)]
        for id in ["refundOrder", "readOrder", "listOrders"] { _ = try await ask(id, path: order) }
        let other = try await ask("createCheckout", saying: #"{"lines":[{"quote":"\#(quote)"}]}"#)
        _ = try await ask("cancelCheckout", path: ["id": try #require(other["id"]?.string)])
        for id in ["setPayments", "readPayments"] { _ = try await ask(id) }
        _ = try await ask("hearProvider", path: ["provider": "stripe"])
        let transfer = try await ask(
            "createCheckout", saying: #"{"lines":[{"quote":"\#(quote)","quantity":2}],"provider":"bank"}"#)
        let bank = try #require(transfer["id"]?.string)
        let hash = try #require(transfer["totals_hash"]?.string)
        let begun = try await world.call(
            "POST", "/api/v1/checkouts/\(bank)/complete", key: shop.merchant, #"{"totals_hash":"\#(hash)"}"#)
        #expect(begun.status == 202)
        let due = try #require(transfer["totals", "total", "amount"]?.int64)
        _ = try await ask(
            "receivePayment", path: ["id": bank], saying: #"{"amount":{"amount":\#(due),"currency":"USD"}}"#)
        for id in ["setAgent", "testAgent", "readAgent"] { _ = try await ask(id) }
        let chat = ["id": try #require(try await ask("beginConversation")["id"]?.string), "shopper": "s-1"]
        for id in [
            "converse", "listMessages", "followConversation", "readConversation", "listConversations",
            "handOffConversation", "replyInPerson",
        ] {
            _ = try await ask(id, path: chat)
        }
        #expect(try await ask("eraseConversations", path: chat)["erased"] == 1)
        #expect(try await ask("eraseBuyer", path: ["shopper": "s-1"])["erased"] == 0)
        #expect(try await ask("ingest")["accepted"] == 1)
        #expect(try await ask("ingest", type: "application/x-ndjson")["duplicates"] == 1)
        for id in [
            "linkIdentities", "readReport", "followReport", "exportExperiment", "pauseExperiment", "resumeExperiment",
            "decide", "listExperimentDecisions", "listDecisions", "decisionAccuracy", "completeExperiment",
        ] {
            _ = try await ask(id)
        }
        for id in [
            "readModelCosts", "setDisclosure", "readDisclosure", "archiveExperiment", "listAudit", "removeProduct",
            "setTaxes", "readTaxes", "readCurrentUsage", "readUsageHistory",
        ] { _ = try await ask(id) }
        #expect(asked == Set(operations.compactMap { $0.value["operationId"]?.string }))
    }
}

extension String {
    /// Every place where one text stands replaced by another.
    func replacingOccurrences(of text: String, with other: String) -> String {
        split(separator: text, omittingEmptySubsequences: false).joined(separator: other)
    }
}
