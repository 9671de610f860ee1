/// Where a server answers: `http://HOST[:PORT]`.
struct ServerAddress: Equatable {
    let host: String
    let port: UInt16

    /// Why a text is none.
    struct Fault: Error, Equatable {
        let message: String
    }

    init(_ text: String) throws(Fault) {
        if text.hasPrefix("https://") {
            throw Fault(
                message: "this command speaks plain HTTP, beside the server; from elsewhere fetch the export with curl "
                    + "and go on with ?after= (docs/EXPORT.md)")
        }
        let wrong = Fault(message: "an address is http://HOST[:PORT], not \"\(text)\"")
        guard text.hasPrefix("http://") else { throw wrong }
        var rest = text.dropFirst("http://".count)
        if rest.hasSuffix("/") { rest = rest.dropLast() }
        var name = rest
        var number: UInt16 = 80
        if rest.hasPrefix("["), let end = rest.firstIndex(of: "]") {
            name = rest[rest.index(after: rest.startIndex)..<end]
            rest = rest[rest.index(after: end)...]
            guard rest.isEmpty || rest.hasPrefix(":") else { throw wrong }
        } else {
            name = rest.prefix { $0 != ":" }
            rest = rest.dropFirst(name.count)
        }
        if !rest.isEmpty {
            guard let given = UInt16(rest.dropFirst()), given > 0 else { throw wrong }
            number = given
        }
        let isPlain = name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && !"/?#@".utf8.contains($0) }
        guard !name.isEmpty, isPlain else { throw wrong }
        host = String(name)
        port = number
    }

    /// As a `Host` header says it.
    var authority: String { (host.contains(":") ? "[\(host)]" : host) + (port == 80 ? "" : ":\(port)") }
}
