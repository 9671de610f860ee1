internal import COpenSSL
internal import Crypto

/// The proof in the opening handshake that the other side speaks WebSocket (RFC 6455, 4.2.2): it hides nothing.
public enum WebSocketKey {
    private static let suffix = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

    /// What `Sec-WebSocket-Accept` says to a `Sec-WebSocket-Key`; nil unless the key is 16 bytes in Base64.
    public static func accept(_ key: some Collection<UInt8>) -> String? {
        guard key.count == 24, key.suffix(2).elementsEqual("==".utf8), key.dropLast(2).allSatisfy(isBase64) else {
            return nil
        }
        let text = Array(key) + Array(suffix.utf8)
        var digest = [UInt8](repeating: 0, count: Int(SHA_DIGEST_LENGTH))
        _ = unsafe SHA1(text, text.count, &digest)
        // 20 bytes: one sign of padding.
        return String(
            Base64URL.encode(digest).map { $0 == "-" ? "+" : $0 == "_" ? "/" : $0 }) + "="
    }

    private static func isBase64(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "/"):
            true
        default: false
        }
    }
}
