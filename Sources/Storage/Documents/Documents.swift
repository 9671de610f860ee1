internal import Experiments
internal import FoundationEssentials

/// Stored documents: JSON with sorted keys, so that equal values are equal bytes.
enum Documents {
    static func text(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    static func value<Value: Decodable>(_ type: Value.Type, from text: String) throws -> Value {
        do {
            return try JSONDecoder().decode(type, from: Data(text.utf8))
        } catch {
            throw StoreError.corrupt("a stored \(type) cannot be read: \(error)")
        }
    }
}
