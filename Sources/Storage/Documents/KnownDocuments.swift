internal import Crypto
internal import Experiments
internal import Synchronization

/// Values of stored documents under their text's digest: of a tenant's thousands another process changed one, and the others
/// need not be decoded again. The same text is the same value, so that nothing here is ever out of date.
final class KnownDocuments<Value: Decodable & Sendable>: Sendable {
    private let values = Mutex<[Bits128: Value]>([:])

    /// When there are more, all are forgotten.
    private let most = 100_000

    func value(from text: String) throws -> Value {
        let digest = Bits128(SHA256.hash(text))
        if let known = values.withLock({ $0[digest] }) { return known }
        let value = try Documents.value(Value.self, from: text)
        values.withLock { values in
            if values.count >= most { values = [:] }
            values[digest] = value
        }
        return value
    }
}
