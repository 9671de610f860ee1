internal import Crypto
internal import HTTPServer
internal import JSON

/// `?limit=` and `?cursor=` of a list.
struct Paging: Sendable {
    static let parameters = ["limit", "cursor"]
    let limit: Int
    private let after: String?

    init(_ context: Context) throws(Problem) {
        limit = try context.limit()
        guard let cursor = try context.query("cursor") else {
            after = nil
            return
        }
        guard let bytes = Base64URL.decode(cursor), let text = String(validating: bytes, as: UTF8.self) else {
            throw Self.unknownCursor
        }
        after = text
    }

    /// What the last page ended with; nil on the first page.
    ///
    /// - Parameter read: reads what an answer of this list gave; nil for anything else.
    func after<Key>(_ read: (String) -> Key?) throws(Problem) -> Key? {
        guard let after else { return nil }
        guard let key = read(after) else { throw Self.unknownCursor }
        return key
    }

    private static let unknownCursor = Problem.parameter("`cursor` is not one that an answer of this list gave.")

    /// One page of what is kept in memory, found by its keys.
    ///
    /// - Parameters:
    ///   - keys: all of them, in any order.
    ///   - isBefore: the list's order.
    ///   - read: reads what `text` wrote.
    ///   - text: what the cursor remembers of a key.
    func page<Key>(
        of keys: some Sequence<Key>, by isBefore: (Key, Key) -> Bool, read: (String) -> Key?, text: (Key) -> String,
        write: (Key, inout JSONWriter) -> Void
    ) throws(Problem) -> [UInt8] {
        let after = try after(read)
        // The page's and one more, in order. Of thousands of keys few are ever put among them.
        var first: [Key] = []
        for key in keys {
            if let after, !isBefore(after, key) { continue }
            if first.count > limit {
                guard isBefore(key, first[limit]) else { continue }
                first.removeLast()
            }
            first.insert(key, at: first.firstIndex { isBefore(key, $0) } ?? first.count)
        }
        let next = first.count > limit ? text(first[limit - 1]) : nil
        return Self.body(Array(first.prefix(limit)), next: next, write: write)
    }

    /// `{"data": […], "next_cursor": …}`
    static func body<Item>(
        _ items: [Item], next: String?, write: (Item, inout JSONWriter) -> Void
    ) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("data")
        writer.beginArray()
        for item in items { write(item, &writer) }
        writer.endArray()
        writer.key("next_cursor")
        if let next { writer.string(Base64URL.encode(Array(next.utf8))) } else { writer.null() }
        writer.endObject()
        return writer.bytes
    }
}

extension Context {
    func limit(_ usual: Int = 50, in range: ClosedRange<Int> = 1...200) throws(Problem) -> Int {
        guard let text = try query("limit") else { return usual }
        guard let limit = Int(text), range.contains(limit) else {
            throw .parameter("`limit` is from \(range.lowerBound) to \(range.upperBound).")
        }
        return limit
    }
}
