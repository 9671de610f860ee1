internal import Crypto
internal import HTTPServer
internal import JSON

/// `?limit=` and `?cursor=` of a list.
struct Paging: Sendable {
    static let parameters = ["limit", "cursor"]
    let limit: Int
    /// What the last page ended with; nil on the first page.
    let after: String?

    init(_ context: Context) throws(Problem) {
        limit = try context.limit()
        guard let cursor = try context.query("cursor") else {
            after = nil
            return
        }
        guard let bytes = Base64URL.decode(cursor), let text = String(validating: bytes, as: UTF8.self) else {
            throw .parameter("`cursor` is not one that an answer of this list gave.")
        }
        after = text
    }

    /// One page of items in their order, each under a name that orders like it.
    ///
    /// - Parameters:
    ///   - items: all of them, in order.
    ///   - name: what the cursor remembers of an item.
    ///   - isAfter: whether an item comes after the one so named.
    func page<Item>(
        _ items: [Item], name: (Item) -> String, isAfter: (Item, String) -> Bool,
        write: (Item, inout JSONWriter) -> Void
    ) -> [UInt8] {
        let rest = after.map { after in items.drop { !isAfter($0, after) } } ?? items[...]
        let page = rest.prefix(limit)
        let next = rest.count > limit ? page.last.map(name) : nil
        return Self.body(Array(page), next: next, write: write)
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
