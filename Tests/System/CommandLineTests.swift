import JSON
import Testing

struct CommandLineTests {
    @Test func `exit codes tell done from failed from told wrongly`() async throws {
        try await blocking {
            let scratch = try Scratch()
            #expect(try Program.run(["version"], in: scratch).code == 0)
            #expect(try Program.run(["help"], in: scratch).code == 0)
            #expect(try Program.run([], in: scratch).code == 2)
            #expect(try Program.run(["versoin"], in: scratch).code == 2)
            #expect(try Program.run(["migrate", "--databse", "sqlite:x"], in: scratch).code == 2)
            #expect(try Program.run(["migrate", "--database", "sqlite:/nowhere/x"], in: scratch).code == 1)
            #expect(try Program.run(["analyze", "nofile.csv"], in: scratch).code == 1)
            let wrong = try Program.run(["serve"], environment: ["OPERATOR_KEY": "short", "PORT": "x"], in: scratch)
            #expect(wrong.code == 2)
            #expect(wrong.errors.contains("OPERATOR_KEY") && wrong.errors.contains("PORT"))
            #expect(!wrong.errors.contains("short"))
        }
    }

    @Test func `migrate says what it ran, and then that there is nothing to do`() async throws {
        try await blocking {
            let scratch = try Scratch()
            let first = try Program.run(["migrate", "--json"], in: scratch)
            #expect(try JSONValue(parsing: Array(first.output.utf8))["ran"]?.array?.isEmpty == false)
            let second = try Program.run(["migrate"], in: scratch)
            #expect(second.output == "sqlite:cournot.db is up to date.\n")
        }
    }

    @Test func `tenant create gives a key for each role`() async throws {
        try await blocking {
            let scratch = try Scratch()
            let made = try Program.run(
                ["tenant", "create", "--name", "Größe \"1\"", "--plan", "pro", "--json"], in: scratch)
            let json = try JSONValue(parsing: Array(made.output.utf8))
            #expect(json["tenant"]?["id"]?.string?.hasPrefix("ten_") == true)
            #expect(json["tenant"]?["name"]?.string == "Größe \"1\"")
            #expect(json["tenant"]?["plan"]?.string == "pro")
            #expect(json["keys"]?.object?.keys == ["merchant", "agent", "analyst", "widget"])
            let nameless = try Program.run(["tenant", "create", "--name", ""], in: scratch)
            #expect(nameless.code == 2)
            #expect(nameless.errors.contains("--name"))
        }
    }

    @Test func `config shows what is in force and hides secrets`() async throws {
        try await blocking {
            let scratch = try Scratch()
            let secret = String(repeating: "k", count: 40)
            let shown = try Program.run(
                ["config", "--json", "--port", "9000"], environment: ["PORT": "9001", "OPERATOR_KEY": secret],
                in: scratch)
            let rows = try JSONValue(parsing: Array(shown.output.utf8)).array ?? []
            let port = rows.first { $0["name"]?.string == "PORT" }
            #expect(port?["value"]?.string == "9000")
            #expect(port?["origin"]?.string == "option")
            #expect(rows.first { $0["name"]?.string == "OPERATOR_KEY" }?["value"]?.string == "<secret>")
            #expect(!shown.output.contains(secret))
        }
    }

    @Test func `stats answers each line in order, and a bad line on its line`() async throws {
        try await blocking {
            let scratch = try Scratch()
            let questions = """
                {"fn":"wilson_ci","inputs":{"n":100,"x":10,"alpha":0.05}}
                not json
                {"fn":"nope","inputs":{}}
                {"fn":"wilson_ci","inputs":{"n":100,"x":10,"alpha":0.05}}
                """
            let answered = try Program.run(["stats"], in: scratch, input: questions)
            #expect(answered.code == 0)
            let lines = answered.output.split(separator: "\n")
            #expect(lines.count == 4)
            #expect(lines.first == lines.last)
            #expect(lines[1].contains(#""code":"malformed""#))
            #expect(lines[2].contains(#""code":"unknownFunction""#))
        }
    }

    @Test func `analyze reads a file or standard input`() async throws {
        try await blocking {
            let scratch = try Scratch()
            let csv = "price,n,conversions\n19,1000,100\n24,1000,80\n"
            let path = scratch.write(csv, to: "test.csv")
            let report = try Program.run(["analyze", path, "--json"], in: scratch)
            #expect(report.code == 0)
            let json = try JSONValue(parsing: Array(report.output.utf8))
            #expect(json["metrics"]?.array?.isEmpty == false)
            let piped = try Program.run(["analyze", "-"], in: scratch, input: csv)
            #expect(piped.code == 0)
            #expect(piped.output.contains("Conversion rate"))
            let page = try Program.run(["analyze", path, "--html"], in: scratch)
            #expect(page.output.hasPrefix("<!doctype html>") || page.output.hasPrefix("<!DOCTYPE html>"))
        }
    }

    @Test func `openapi prints what is served`() async throws {
        try await blocking {
            let scratch = try Scratch()
            let printed = try Program.run(["openapi"], in: scratch)
            #expect(try JSONValue(parsing: Array(printed.output.utf8))["openapi"]?.string == "3.1.0")
        }
    }
}
