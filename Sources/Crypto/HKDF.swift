/// Keys from a key (RFC 5869, with SHA-256).
public enum HKDF {
    /// Derives `count` bytes that only `key` and `info` determine.
    ///
    /// - Parameters:
    ///   - key: the input keying material, as secret as what comes out.
    ///   - salt: public and random if there is one; empty otherwise.
    ///   - info: what the derived key is for: other words, other keys.
    ///   - count: 1 to 8,160 bytes.
    public static func derive(from key: Secret, salt: [UInt8] = [], info: [UInt8], count: Int = 32) -> Secret {
        precondition((1...255 * 32).contains(count))
        let extracted = HMACSHA256(key: salt).authenticationCode(for: key.bytes)
        let expand = HMACSHA256(key: extracted.bytes)
        var output: [UInt8] = []
        var block: [UInt8] = []
        var counter: UInt8 = 0
        while output.count < count {
            counter += 1
            block = expand.authenticationCode(for: block + info + [counter]).bytes
            output += block
        }
        return Secret(Array(output.prefix(count)))
    }

    /// Derives 32 bytes for the purpose `info`.
    public static func derive(from key: Secret, info: StaticString) -> Secret {
        derive(from: key, info: Array(info.description.utf8))
    }
}
