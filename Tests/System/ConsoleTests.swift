import Experiments
import Glibc
import JSON
import Testing

/// The console, as the binary serves it, in a real browser.
@Suite(.serialized) struct ConsoleTests {
    private static let root = #filePath.split(separator: "/").dropLast(3).reduce("") { $0 + "/" + $1 }

    /// Runs a scenario of `Clients/console.py` against a server and a tenant of its own.
    private func browse(_ scenario: String) async throws {
        try await blocking {
            let scratch = try Scratch()
            let server = try RunningCournot(in: scratch)
            let created = try Program.run(["tenant", "create", "--name", "Shop", "--json"], in: scratch)
            let keys = try JSONValue(parsing: Array(created.output.utf8))["keys"]
            let merchant = try #require(keys?["merchant"]?.string)
            var client = try HTTPClient(port: server.port)
            while try client.get("/api/v1/tenant", key: merchant).status == 401 {}
            let pictures = "\(Self.root)/.build/screenshots"
            _ = unsafe mkdir(pictures, 0o755)
            let printed = try PythonClients.run(
                "console.py",
                [
                    scenario, "http://127.0.0.1:\(server.port)", merchant, try #require(keys?["agent"]?.string),
                    try #require(keys?["analyst"]?.string), pictures,
                ], with: PythonClients.browser, in: scratch)
            #expect(printed.isEmpty, "\(printed)")
        }
    }

    @Test func `a merchant plans, starts, watches, pauses and reads an experiment`() async throws {
        try await browse("journey")
    }

    @Test func `only merchants' and analysts' keys open the console, and it forgets them`() async throws {
        try await browse("doors")
    }

    @Test func `what the API refuses stands at the field, in its words`() async throws { try await browse("refusals") }

    @Test func `weights that somebody else changed are not overwritten`() async throws { try await browse("weights") }

    @Test func `an import is answered line by line, a key is shown once`() async throws { try await browse("imports") }

    @Test func `an experiment is planned and started with the keyboard alone`() async throws {
        try await browse("keyboard")
    }

    @Test func `a draft is changed in the form that made it, and nobody's change is lost`() async throws {
        try await browse("drafts")
    }

    @Test func `each way to learn more is planned, refused where it cannot be, and reported`() async throws {
        try await browse("designs")
    }

    @Test func `a plan of one look is read by that look, and what must not fall is shown`() async throws {
        try await browse("one_look")
    }

    @Test func `who takes part, when, and what must not fall are planned, refused and kept as they were said`()
        async throws
    { try await browse("limits") }

    @Test func `taxes and disclosure are set in forms, and nobody's change is lost`() async throws {
        try await browse("settings")
    }

    @Test func `a product is made, priced within its limits, and removed`() async throws {
        try await browse("catalogue")
    }

    @Test func `a chat is taken over, answered with quoted amounts, and given back`() async throws {
        try await browse("chats")
    }

    @Test func `a lost network and a busy API are said, and got over`() async throws { try await browse("weather") }

    @Test func `every page is named, ordered, in contrast and in its place, in light and dark, wide and narrow`()
        async throws
    { try await browse("pages") }

    @Test func `every file is served as it is, under a policy that allows nothing else`() async throws {
        try await blocking {
            let scratch = try Scratch()
            let server = try RunningCournot(in: scratch)
            var client = try HTTPClient(port: server.port)
            let files = try ChildProcess("find", [".", "-type", "f"], directory: "\(Self.root)/web/console").rest()
                .split(separator: "\n").map { String($0.dropFirst(2)) }.sorted()
            let document = try client.get("/console")
            var scriptBytes = 0
            for file in files where file != "index.html" {
                let served = try client.get("/console/\(file)")
                #expect(served.status == 200, "\(file) is not in Sources/CAssets/console.c")
                let content = try ChildProcess("cat", [file], directory: "\(Self.root)/web/console").rest()
                #expect(served.text == content)
                if file.hasSuffix(".js") {
                    scriptBytes += served.body.count
                    #expect(document.text.contains("\"/console/\(file)\""), "index.html does not announce \(file)")
                }
            }
            #expect(files.count > 20)
            #expect(scriptBytes <= 150_000)
            for path in [
                "/console", "/console/experiments/exp_1/report", "/console/experiments/exp_1/report/device%3Aa%2Fb",
                "/console/audit",
            ] {
                let page = try client.get(path)
                #expect(page.status == 200 && page.body == document.body)
                let policy = try #require(page.headers["content-security-policy"])
                #expect(policy.contains("default-src 'self'") && !policy.contains("unsafe"))
            }
            for path in ["/console/nonsense", "/console/keys/1/2/3/4/5"] {
                let page = try client.get(path)
                #expect(page.status == 404 && page.body == document.body, "\(path)")
                #expect(page.headers["content-security-policy"] == document.headers["content-security-policy"])
            }
        }
    }

    @Test func `the console reads amounts with the engine's exponents`() throws {
        let source = try ChildProcess("cat", ["money.js"], directory: "\(Self.root)/web/console").rest()
        var known: [String: Int] = [:]
        for line in source.split(separator: "\n") {
            let parts = line.split(separator: "\"")
            guard parts.count == 3, let exponent = Int(parts[0].filter(\.isNumber)), parts[0].hasSuffix(": ") else {
                continue
            }
            for code in parts[1].split(separator: " ") { known[String(code)] = exponent }
        }
        #expect(known.count > 20)
        let letters = (UInt8(ascii: "A")...UInt8(ascii: "Z")).map { Character(UnicodeScalar($0)) }
        for first in letters {
            for second in letters {
                for third in letters {
                    guard let currency = Currency(String([first, second, third])) else { continue }
                    #expect(known[currency.code, default: 2] == currency.exponent, "\(currency)")
                }
            }
        }
    }
}
