import AgentRuntime
import Foundation
import MiniLM
import Synchronization

/// A model that looks up what it embedded before, in a file of fingerprints and vectors that grows.
final class KeptEmbedder: Embedder {
    private let inner: MiniLM
    private let file: FileHandle
    private let kept: Mutex<[UInt64: [Float]]>
    private let made = Atomic(0)

    var model: String { inner.model }
    var dimensions: Int { inner.dimensions }
    /// Texts that were embedded, not looked up.
    var count: Int { made.load(ordering: .relaxed) }

    /// Every vector there is.
    var all: [[Float]] { kept.withLock { Array($0.values) } }

    init(_ inner: MiniLM, folder: String) throws {
        self.inner = inner
        let path = folder + "/" + inner.model.replacingOccurrences(of: "/", with: "-") + ".f32"
        if !FileManager.default.fileExists(atPath: path) { FileManager.default.createFile(atPath: path, contents: nil) }
        guard let file = FileHandle(forUpdatingAtPath: path) else { throw Failure("cannot open \(path)") }
        self.file = file
        var kept: [UInt64: [Float]] = [:]
        let size = 8 + 4 * inner.dimensions
        let bytes = [UInt8](try file.readToEnd() ?? Data())
        for start in stride(from: 0, through: bytes.count - size, by: size) {
            let key = (0..<8).reduce(0 as UInt64) { $0 | UInt64(bytes[start + $1]) << UInt64(8 * $1) }
            kept[key] = (0..<inner.dimensions).map { j in
                Float(bitPattern: (0..<4).reduce(0 as UInt32) {
                    $0 | UInt32(bytes[start + 8 + 4 * j + $1]) << UInt32(8 * $1)
                })
            }
        }
        try file.truncate(atOffset: UInt64(bytes.count / size * size))
        self.kept = Mutex(kept)
    }

    func embed(_ texts: [String]) async throws(EmbedderError) -> [[Float]] {
        let keys = texts.map { $0.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 } }
        let found = kept.withLock { kept in keys.map { kept[$0] } }
        let missing = found.indices.filter { found[$0] == nil }
        if missing.isEmpty { return found.compactMap { $0 } }
        let vectors = inner.embed(missing.map { texts[$0] })
        made.add(missing.count, ordering: .relaxed)
        var result = found
        var data = Data()
        for (place, vector) in zip(missing, vectors) {
            result[place] = vector
            withUnsafeBytes(of: keys[place].littleEndian) { data.append(contentsOf: $0) }
            vector.withUnsafeBytes { data.append(contentsOf: $0) }
        }
        kept.withLock { kept in
            for (place, vector) in zip(missing, vectors) { kept[keys[place]] = vector }
            try? file.write(contentsOf: data)
        }
        return result.compactMap { $0 }
    }
}
