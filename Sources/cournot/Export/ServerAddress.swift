/// Where a server answers: `http[s]://HOST[:PORT]`.
struct ServerAddress: Equatable {
    /// Without a slash at its end.
    let url: String

    /// Why a text is none.
    struct Fault: Error, Equatable {
        let message: String
    }

    init(_ text: String) throws(Fault) {
        let wrong = Fault(message: "an address is http[s]://HOST[:PORT], not \"\(text)\"")
        guard let scheme = ["http://", "https://"].first(where: text.hasPrefix) else { throw wrong }
        var rest = text.dropFirst(scheme.count)
        if rest.hasSuffix("/") { rest = rest.dropLast() }
        url = scheme + rest
        var name = rest
        if rest.hasPrefix("["), let end = rest.firstIndex(of: "]") {
            name = rest[rest.index(after: rest.startIndex)..<end]
            rest = rest[rest.index(after: end)...]
            guard rest.isEmpty || rest.hasPrefix(":") else { throw wrong }
        } else {
            name = rest.prefix { $0 != ":" }
            rest = rest.dropFirst(name.count)
        }
        if !rest.isEmpty {
            guard let port = UInt16(rest.dropFirst()), port > 0 else { throw wrong }
        }
        let isPlain = name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && !"/?#@[]".utf8.contains($0) }
        guard !name.isEmpty, isPlain else { throw wrong }
    }
}
