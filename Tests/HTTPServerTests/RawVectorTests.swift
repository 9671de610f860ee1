import Glibc
import HTTPServer
import Testing

/// The raw vectors kept beside the repository, where they are: nothing else depends on them.
@Suite struct RawVectorTests {
    /// `../shared/tools/httpraw.py` seen from the package's root.
    private static let script: String? = {
        let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        let path = "/\(root)/../shared/tools/httpraw.py"
        return unsafe access(path, R_OK) == 0 ? path : nil
    }()

    @Test(.enabled(if: script != nil))
    func `the raw vectors pass, all of them`() async throws {
        let script = try #require(Self.script)
        try await withServer { server in
            var process = pid_t()
            let arguments = ["python3", script, "127.0.0.1", "\(server.port)"]
            var pointers = unsafe arguments.map { unsafe strdup($0) }
            unsafe pointers.append(nil)
            defer { unsafe pointers.forEach { unsafe free($0) } }
            let spawned = unsafe posix_spawnp(&process, "python3", nil, nil, pointers, environ)
            #expect(spawned == 0)
            guard spawned == 0 else { return }
            var status: Int32 = -1
            unsafe waitpid(process, &status, 0)
            #expect(status == 0)
        }
    }
}
