internal import CAssets

/// The files of `web/console`, as they were when the program was built.
public enum ConsoleAssets {
    public struct File: Sendable {
        /// Beneath `web/console`, such as `pages/report.js`.
        public let path: String
        public let bytes: [UInt8]
    }

    /// All of them.
    public static var files: [File] {
        var files: [File] = []
        while let file = unsafe cassets_console_file(files.count) {
            let (path, start, length) = unsafe (file.pointee.path, file.pointee.bytes, file.pointee.length)
            files.append(
                File(
                    path: unsafe path.map { unsafe String(cString: $0) } ?? "",
                    bytes: unsafe Array(UnsafeBufferPointer(start: start, count: length))))
        }
        return files
    }
}
