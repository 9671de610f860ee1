internal import Synchronization

/// A body that is the same for whoever asks, such as a page: it and its compressed form are made once and kept
/// once, however many connections are still sending them.
public final class SharedBody: Sendable {
    private enum Compressed {
        case unknown
        /// nil where it would not be smaller.
        case known([UInt8]?)
    }

    /// All of it, as it is.
    public let bytes: [UInt8]
    private let compressed = Mutex(Compressed.unknown)

    /// A body of these bytes.
    public init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// What to send to those who take gzip, or that nobody has made it yet.
    var compressedForm: [UInt8]?? {
        compressed.withLock { if case .known(let form) = $0 { .some(form) } else { nil } }
    }

    /// Makes the compressed form and keeps it. Takes a millisecond for 100 kB: not for a loop.
    func compress() -> [UInt8]? {
        let form = Gzip.compressed(bytes)
        compressed.withLock { $0 = .known(form) }
        return form
    }
}
