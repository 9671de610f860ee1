/// What a node of a cluster says when it does not answer a command itself.
///
/// Source: the Redis Cluster specification, "Redirection and resharding".
enum Redirection: Equatable {
    /// The slot is another's now. Nil where the node does not say whose.
    case moved(HashSlot, to: RedisAddress.Place?)
    /// The slot is on its way to another, which has this key already, and answers to who says ASKING.
    case ask(RedisAddress.Place?)
    /// Nobody can answer now.
    case notNow

    /// Nil for any other error.
    ///
    /// - Parameter asked: who said it; an address without a host means the same host.
    init?(_ text: String, from asked: RedisAddress.Place) {
        let words = text.split(separator: " ", maxSplits: 3)
        switch words.first {
        case "MOVED":
            guard words.count >= 3, let slot = Int(words[1]).flatMap({ HashSlot($0) }) else { return nil }
            self = .moved(slot, to: Self.place(words[2], from: asked))
        case "ASK":
            guard words.count >= 3 else { return nil }
            self = .ask(Self.place(words[2], from: asked))
        case "TRYAGAIN", "CLUSTERDOWN", "LOADING", "MASTERDOWN": self = .notNow
        default: return nil
        }
    }

    /// `HOST:PORT`, where an IPv6 address has no brackets.
    private static func place(_ text: Substring, from asked: RedisAddress.Place) -> RedisAddress.Place? {
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]) else { return nil }
        return asked.neighbour(host: String(text[..<colon]), port: port)
    }
}

extension RedisAddress.Place {
    /// A node as this one names it: without a host it is at the same; nil for one without an address.
    func neighbour(host: String, port: Int) -> Self? {
        guard (1...65_535).contains(port), host != "?" else { return nil }
        if !host.isEmpty { return .tcp(host: host, port: port) }
        guard case .tcp(let own, _) = self else { return nil }
        return .tcp(host: own, port: port)
    }
}
