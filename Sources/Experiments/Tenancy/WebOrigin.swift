/// Where a page comes from, as browsers say it (RFC 6454, section 6.2): scheme, host and port.
public struct WebOrigin: Sendable, Hashable, CustomStringConvertible {
    /// Such as `https://shop.example` or `http://127.0.0.1:8080`.
    public let description: String

    /// Nil unless `text` is `http` or `https`, a host, and a port where it is not the scheme's own: no path, no user,
    /// no wildcard. Letters become small, and a port that the scheme has anyway goes.
    public init?(_ text: String) {
        let text = text.lowercased()
        guard text.utf8.count <= 300, let colon = text.firstRange(of: "://") else { return nil }
        let scheme = text[..<colon.lowerBound]
        guard scheme == "https" || scheme == "http" else { return nil }
        var host = text[colon.upperBound...]
        var port = ""
        if let mark = host.lastIndex(of: ":"), !host[mark...].contains("]") {
            let digits = host[host.index(after: mark)...]
            guard let number = UInt16(digits), number > 0, String(number) == digits else { return nil }
            port = number == (scheme == "https" ? 443 : 80) ? "" : ":\(number)"
            host = host[..<mark]
        }
        guard Self.isHost(host) else { return nil }
        description = scheme + "://" + host + port
    }

    /// Whether a page from here and whoever answers as `host` (a `Host` header) are one site.
    ///
    /// - Parameter throughTLS: whether it answers through TLS: then a page that came without is somebody else's.
    public func isServed(byHost host: String, throughTLS: Bool = false) -> Bool {
        WebOrigin("https://" + host) == self || !throughTLS && WebOrigin("http://" + host) == self
    }

    /// A name, an IPv4 address, or an IPv6 address in brackets.
    private static func isHost(_ host: Substring) -> Bool {
        guard let first = host.utf8.first else { return false }
        let isSixth = first == UInt8(ascii: "[") && host.utf8.last == UInt8(ascii: "]")
        return (isSixth ? host.dropFirst().dropLast() : host).utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."),
                UInt8(ascii: "-"):
                true
            case UInt8(ascii: ":"): isSixth
            default: false
            }
        }
    }
}
