import Glibc
import JSON
import Testing

/// What a server writes to its log while everything that is asked of it holds secrets.
@Suite(.serialized, .enabled(if: Tracing.isAllowed, "strace is missing or not allowed")) struct LogTests {
    private static let keys: Set<String> = [
        "time", "level", "message", "address", "database", "detail", "pid", "route", "status", "version", "request_id",
    ]

    @Test func `no key, token, shopper or product reaches the log, whatever is asked and however it fails`()
        async throws
    {
        try await blocking {
            let scratch = try Scratch()
            let operatorKey = "op_canary-operator-0123456789abcdef"
            let settings = [
                "OPERATOR_KEY": operatorKey, "JWT_SECRET": "canary-jwt-0123456789abcdef0123456789",
                "API_KEY_ENCRYPTION_KEY": String(repeating: "c0ffee00", count: 8), "LOG_LEVEL": "debug",
            ]
            let server = try RunningCournot(["--loops", "1"], environment: settings, in: scratch)
            let shop = try Shop(in: scratch, port: server.port)
            var client = try HTTPClient(port: server.port)
            let told = try client.post("/api/v1/quotes", key: shop.agent, shop.question("canary-known"))
            let token = try #require(told.json["token"]?.string)
            let stranger = "ck_canary-stranger"
            let secrets =
                [shop.merchant, shop.agent, token, operatorKey, stranger, Shop.product, "canary"]
                + settings.values.filter { $0.count > 8 }

            func ask(_ shopper: String) throws -> [Int] {
                let attributes: JSONValue = ["attributes": ["id": .string(shopper)]]
                let requests: [(String, String?, JSONValue)] = [
                    ("/api/v1/quotes", shop.agent, shop.question(shopper + "1")),
                    ("/api/v1/quotes", stranger, shop.question(shopper)),
                    ("/api/v1/quotes", shop.agent, ["shoper": .string(shopper), "token": .string(token)]),
                    ("/api/v1/quotes/batch", shop.agent, ["quotes": [shop.question(shopper + "2")]]),
                    ("/api/v1/events", shop.agent, [shop.sale(shopper, quote: token, at: "2026-01-01T00:00:00Z")]),
                    ("/api/v1/identities", shop.merchant, ["shoppers": [.string(shopper), "canary-other"]]),
                    (
                        "/ofrep/v1/evaluate/flags/price.\(Shop.product)", shop.agent,
                        ["context": ["targetingKey": .string(shopper + "3")]]
                    ),
                    ("/api/eval/\(shop.agent)", nil, attributes), ("/api/eval/\(stranger)", nil, attributes),
                    ("/\(token)?key=\(shop.agent)", operatorKey, attributes),
                    ("/api/v1/tenants", operatorKey, ["name": "canary-name"]),
                ]
                return try requests.map { path, key, body in try client.post(path, key: key, body).status }
            }

            let well = try ask("canary-well-")
            #expect(well.allSatisfy { $0 < 500 } && well.contains(401) && well.contains(404) && well.contains(422))
            let disk = try Tracing(of: server.process.pid, injecting: "pwrite64:error=ENOSPC", in: scratch)
            let failing = try ask("canary-failing-")
            disk.end()
            #expect(failing.count { $0 >= 500 } >= 6)
            server.process.send(SIGTERM)
            // Whoever was traced may be told of more than one signal: then it ends at once.
            #expect([0, 128 + SIGTERM].contains(server.process.wait()))

            let log = scratch.text("log")
            #expect(log.contains(#""route":"/api/eval/{sdk_key}""#) && log.contains(#""request_id":"req_"#))
            for secret in secrets { #expect(!log.contains(secret), "\(secret)") }
            for line in log.split(separator: "\n") {
                let entry = try #require(try JSONValue(parsing: Array(line.utf8)).object, "\(line)")
                #expect(Self.keys.isSuperset(of: entry.members.map(\.key)), "\(line)")
            }
        }
    }
}
