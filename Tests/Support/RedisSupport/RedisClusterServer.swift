internal import Foundation

/// Six redis-servers of a test's own: three masters, each with a replica, on free TCP ports of 127.0.0.1. They end with
/// the object.
public final class RedisClusterServer: Sendable {
    /// How long a node may be silent before the others give it up.
    public static let nodeTimeout = Duration.seconds(2)

    /// Where they listen.
    public let ports: [Int]
    private let nodes: [Process]
    private let folder: String

    /// Starts the nodes, makes them a cluster and waits until all agree.
    public init() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("cluster-\(UUID().uuidString)").path
        var ports: [Int] = []
        var nodes: [Process] = []
        // A port that was free may be somebody's by the time a server wants it.
        for remaining in (0..<5).reversed() {
            do {
                let free = try FreePorts.find(12)
                ports = Array(free.prefix(6))
                for (port, bus) in zip(ports, free.dropFirst(6)) {
                    nodes.append(try Self.start(port: port, bus: bus, in: "\(folder)/\(port)"))
                }
                for port in ports { try Self.wait(for: port) { try Self.ask(port, "PING") == "PONG\n" } }
                break
            } catch {
                Self.end(nodes)
                nodes = []
                if remaining == 0 { throw error }
            }
        }
        self.folder = folder
        self.ports = ports
        self.nodes = nodes
        let hosts = ports.map { "127.0.0.1:\($0)" }
        let made = try Self.cli(["--cluster", "create"] + hosts + ["--cluster-replicas", "1", "--cluster-yes"])
        guard made.contains("[OK] All 16384 slots covered") else { throw RedisServer.NotStarted(description: made) }
        for port in ports {
            try Self.wait(for: port) {
                let isWhole = try Self.ask(port, "CLUSTER", "INFO").contains("cluster_state:ok")
                let role = try Self.ask(port, "INFO", "replication")
                // A replica that has not copied its master yet could not take its place.
                return isWhole && (role.contains("connected_slaves:1") || role.contains("master_link_status:up"))
            }
        }
    }

    deinit { end() }

    /// Ends the node on a port at once.
    public func crash(_ port: Int) {
        if let index = ports.firstIndex(of: port) { Self.end([nodes[index]]) }
    }

    /// Ends all of them at once, and leaves nothing behind.
    public func end() {
        Self.end(nodes)
        try? FileManager.default.removeItem(atPath: folder)
    }

    // MARK: Pieces

    private static func start(port: Int, bus: Int, in folder: String) throws -> Process {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try program("redis-server"))
        let timeout = String(nodeTimeout.components.seconds * 1000)
        process.arguments =
            ["--port", String(port), "--cluster-port", String(bus), "--bind", "127.0.0.1", "--dir", folder]
            + ["--cluster-enabled", "yes", "--cluster-node-timeout", timeout, "--repl-diskless-sync-delay", "0"]
            + ["--save", "", "--appendonly", "no", "--logfile", folder + "/log"]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        return process
    }

    private static func end(_ nodes: [Process]) {
        for node in nodes where node.isRunning { kill(node.processIdentifier, SIGKILL) }
        for node in nodes { node.waitUntilExit() }
    }

    private static func wait(for port: Int, until isDone: () throws -> Bool) throws {
        let deadline = Date(timeIntervalSinceNow: 60)
        while !(try isDone()) {
            guard Date() < deadline else { throw RedisServer.NotStarted(description: "the node on \(port) is not up") }
            Thread.sleep(forTimeInterval: 0.02)
        }
    }

    private static func ask(_ port: Int, _ words: String...) throws -> String {
        try cli(["-p", String(port)] + words)
    }

    /// What redis-cli prints.
    private static func cli(_ arguments: [String]) throws -> String {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: try program("redis-cli"))
        process.arguments = arguments
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return String(decoding: data, as: UTF8.self)
    }

    private static func program(_ name: String) throws -> String {
        let path = ["/usr/bin/", "/usr/local/bin/"].map { $0 + name }.first {
            FileManager.default.isExecutableFile(atPath: $0)
        }
        guard let path else {
            throw RedisServer.NotStarted(description: "\(name) is missing: apt-get install redis-server")
        }
        return path
    }
}
