internal import Foundation

/// A redis-server of a test's own, on a socket in a scratch folder. It ends with the object.
public final class RedisServer: Sendable {
    public struct NotStarted: Error, CustomStringConvertible {
        public let description: String
    }

    public let folder: String
    public let socket: String
    private let process: Process

    /// Starts one and waits until it listens.
    public init(_ options: [String] = []) throws {
        let path = ["/usr/bin/redis-server", "/usr/local/bin/redis-server"].first {
            FileManager.default.isExecutableFile(atPath: $0)
        }
        guard let path else { throw NotStarted(description: "redis-server is missing: apt-get install redis-server") }
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("redis-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        socket = folder + "/s"
        process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments =
            ["--port", "0", "--unixsocket", socket, "--save", "", "--appendonly", "no", "--dir", folder]
            + ["--logfile", folder + "/log"] + options
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        // Its socket is there before it listens; what it writes comes after.
        let deadline = Date(timeIntervalSinceNow: 30)
        while !log.contains("eady to accept connections") {
            guard process.isRunning, Date() < deadline else {
                throw NotStarted(description: "redis-server did not start: \(log)")
            }
            Thread.sleep(forTimeInterval: 0.005)
        }
    }

    private var log: String {
        String(decoding: FileManager.default.contents(atPath: folder + "/log") ?? Data(), as: UTF8.self)
    }

    /// Stops answering, as a hung machine would; nothing is closed.
    public func freeze() { kill(process.processIdentifier, SIGSTOP) }
    public func thaw() { kill(process.processIdentifier, SIGCONT) }

    /// Ends at once.
    public func crash() {
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    deinit {
        if process.isRunning {
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
        }
        try? FileManager.default.removeItem(atPath: folder)
    }
}
