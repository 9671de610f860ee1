import Glibc
import JSON
import Testing

/// The notebooks, run as their readers run them. Their own cells hold the published figures.
@Suite struct NotebookTests {
    private static let folder = #filePath.split(separator: "/").dropLast(3).reduce("") { $0 + "/" + $1 } + "/notebooks"

    /// Runs all of them, from files or against a server, and returns what they print.
    private static func run(in scratch: Scratch, server: [String] = []) throws -> String {
        try PythonClients.run(
            "run_notebooks.py", [folder, scratch.path, Program.path] + server, with: PythonClients.notebooks,
            in: scratch
        )
    }

    private static func expectPublished(_ printed: String) {
        #expect(printed.split(separator: "\n").count { $0.hasPrefix("# ") } == 3)
        for figure in [
            "z = -8.7438, p = 2.2549e-18", "$0.776 at $39, $0.918 at $59", "p = 2.8e-222", "highest revenue at $80.73",
            "day 1: p = 0.0744", "day 7: p = 0.00155, P(gate 40 is better) = 0.00078", "split: p = 0.0086",
            "t moves from -0.885 to -0.063", "it is an extrapolation",
        ] {
            #expect(printed.contains(figure), "\(figure) is not in \(printed)")
        }
    }

    @Test func `from files alone the notebooks tell the published figures`() async throws {
        try await blocking {
            let scratch = try Scratch()
            let printed = try Self.run(in: scratch)
            Self.expectPublished(printed)
            #expect(printed.contains("Set COURNOT_URL and COURNOT_KEY to run this part."))
        }
    }

    @Test func `against a server the notebooks run experiments of their own as well`() async throws {
        try await blocking {
            let scratch = try Scratch()
            let server = try RunningCournot(in: scratch)
            let created = try Program.run(["tenant", "create", "--name", "Lab", "--json"], in: scratch)
            let key = try #require(
                try JSONValue(parsing: Array(created.output.utf8))["keys"]?["merchant"]?.string)
            var client = try HTTPClient(port: server.port)
            while try client.get("/api/v1/tenant", key: key).status == 401 {}
            let url = "http://127.0.0.1:\(server.port)"
            let printed = try Self.run(in: scratch, server: [url, key])
            Self.expectPublished(printed)
            #expect(printed.contains("Live server: \(url)"))
            #expect(printed.contains("true optimum $18.80; the report says $"), "\(printed)")
            // The notebooks take longer than the server keeps an idle connection.
            client = try HTTPClient(port: server.port)
            let made = try client.get("/api/v1/experiments", key: key)
            #expect(made.json["data"]?.array?.count == 3, "\(made.text)")
        }
    }
}
