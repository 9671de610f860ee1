import Foundation
import Testing

/// A redis-server of a test's own, on a socket in a scratch folder. It ends with the object.
final class RedisServer: Sendable {
    let folder: String
    let socket: String
    private let process: Process

    /// Starts one and waits until it answers.
    init(_ options: [String] = []) throws {
        let path = ["/usr/bin/redis-server", "/usr/local/bin/redis-server"].first {
            FileManager.default.isExecutableFile(atPath: $0)
        }
        let program = try #require(path, "redis-server is missing: apt-get install redis-server")
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("redis-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        socket = folder + "/s"
        process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments =
            ["--port", "0", "--unixsocket", socket, "--save", "", "--appendonly", "no", "--dir", folder] + options
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        let deadline = Date(timeIntervalSinceNow: 10)
        while !FileManager.default.fileExists(atPath: socket) {
            try #require(process.isRunning && Date() < deadline, "redis-server did not start")
            Thread.sleep(forTimeInterval: 0.005)
        }
    }

    /// Stops answering, as a hung machine would; nothing is closed.
    func freeze() { kill(process.processIdentifier, SIGSTOP) }
    func thaw() { kill(process.processIdentifier, SIGCONT) }

    /// Ends at once.
    func crash() {
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
