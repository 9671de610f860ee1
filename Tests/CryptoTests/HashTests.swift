import Crypto
import Testing

private func ascii(_ text: String) -> [UInt8] { Array(text.utf8) }

private func unhex(_ text: String) throws -> [UInt8] { try #require(Hex.decode(text)) }

@Suite struct SHA256Tests {
    // FIPS 180-4, the examples of NIST's "SHA256.pdf" and "SHA2_Additional.pdf".
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
        (
            String(repeating: "a", count: 1_000_000),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
        ),
    ])
    func `published digests are met`(text: String, digest: String) throws {
        #expect(SHA256.hash(text).hex == digest)
        #expect(SHA256.hash(ascii(text)).bytes == (try unhex(digest)))
    }

    @Test func `pieces hash like the whole and a hash may go on`() {
        let text = ascii(String(repeating: "0123456789", count: 30))
        for cut in 0...text.count {
            var hash = SHA256()
            hash.update(Array(text[..<cut]))
            #expect(hash.finished() == SHA256.hash(Array(text[..<cut])))
            hash.update(Array(text[cut...]))
            #expect(hash.finished() == SHA256.hash(text))
        }
    }

    @Test func `a digest is its bytes`() throws {
        let digest = SHA256.hash("abc")
        #expect(Digest256(digest.bytes) == digest)
        #expect(Digest256(digest.bytes.dropLast()) == nil)
        #expect(Digest256(digest.bytes + [0]) == nil)
        #expect(digest.prefix128 == 0xba78_16bf_8f01_cfea_4141_40de_5dae_2223)
        #expect(digest.prefix64 == 0xba78_16bf_8f01_cfea)
        for place in 0..<32 {
            var other = digest.bytes
            other[place] ^= 1
            #expect(Digest256(other) != digest)
            #expect((try #require(Digest256(other)) < digest) == other.lexicographicallyPrecedes(digest.bytes))
        }
    }
}

@Suite struct HMACTests {
    // RFC 4231, all seven.
    @Test(arguments: [
        (
            String(repeating: "0b", count: 20), "4869205468657265",
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        ),
        (
            "4a656665", "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        ),
        (
            String(repeating: "aa", count: 20), String(repeating: "dd", count: 50),
            "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"
        ),
        (
            "0102030405060708090a0b0c0d0e0f10111213141516171819", String(repeating: "cd", count: 50),
            "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"
        ),
        (
            String(repeating: "0c", count: 20), "546573742057697468205472756e636174696f6e",
            "a3b6167473100ee06e0c796c2955552b"
        ),
        (
            String(repeating: "aa", count: 131),
            "54657374205573696e67204c6172676572205468616e20426c6f636b2d53697a65204b6579202d2048617368204b6579204669727374",
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        ),
        (
            String(repeating: "aa", count: 131),
            "5468697320697320612074657374207573696e672061206c6172676572207468616e20626c6f636b2d73697a65206b657920616e642061206c6172676572207468616e20626c6f636b2d73697a6520646174612e20546865206b6579206e6565647320746f20626520686173686564206265666f7265206265696e6720757365642062792074686520484d414320616c676f726974686d2e",
            "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"
        ),
    ])
    func `RFC 4231 is met`(key: String, message: String, code: String) throws {
        let mac = HMACSHA256(key: try unhex(key))
        let message = try unhex(message)
        #expect(mac.authenticationCode(for: message).hex.hasPrefix(code))
        var pieces = mac.begin()
        for byte in message { pieces.update([byte]) }
        #expect(pieces.finish() == mac.authenticationCode(for: message))
    }

    @Test func `any changed byte, of message, code or key, is refused`() throws {
        let key = [UInt8](0..<32)
        let message = ascii("quote 0189 price 1999 EUR shopper 42")
        let mac = HMACSHA256(key: key)
        let code = mac.authenticationCode(for: message)
        #expect(mac.isValid(code, for: message))
        for place in message.indices {
            var other = message
            other[place] ^= 0x20
            #expect(!mac.isValid(code, for: other))
        }
        for place in 0..<32 {
            var otherCode = code.bytes
            otherCode[place] ^= 1
            #expect(!mac.isValid(try #require(Digest256(otherCode)), for: message))
            var otherKey = key
            otherKey[place] ^= 1
            #expect(!HMACSHA256(key: otherKey).isValid(code, for: message))
        }
    }

    @Test func `a number is eight bytes, most significant first`() {
        let mac = HMACSHA256(key: ascii("key"))
        var pieces = mac.begin()
        pieces.update(0x0102_0304_0506_0708)
        #expect(pieces.finish() == mac.authenticationCode(for: [1, 2, 3, 4, 5, 6, 7, 8]))
    }

    @Test func `text that is not contiguous has the code of its UTF-8`() {
        let mac = HMACSHA256(key: [])
        let text = "späti-" + String(repeating: "ü", count: 40)
        #expect(mac.authenticationCode(for: text) == mac.authenticationCode(for: ascii(text)))
        #expect(mac.authenticationCode(for: "") == mac.authenticationCode(for: []))
    }

    @Test func `many threads share one key`() async {
        let mac = HMACSHA256(key: ascii("shared"))
        let expected = (0..<200).map { mac.authenticationCode(for: "message \($0)") }
        await withTaskGroup(of: [Digest256].self) { group in
            for _ in 0..<8 {
                group.addTask { (0..<200).map { mac.authenticationCode(for: "message \($0)") } }
            }
            for await codes in group { #expect(codes == expected) }
        }
    }
}

@Suite struct HKDFTests {
    // RFC 5869, appendix A.1 to A.3.
    @Test(arguments: [
        (
            String(repeating: "0b", count: 22), "000102030405060708090a0b0c", "f0f1f2f3f4f5f6f7f8f9", 42,
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"
        ),
        (
            (0x00...0x4f).map(hexByte).joined(), (0x60...0xaf).map(hexByte).joined(),
            (0xb0...0xff).map(hexByte).joined(), 82,
            "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87"
        ),
        (
            String(repeating: "0b", count: 22), "", "", 42,
            "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"
        ),
    ])
    func `RFC 5869 is met`(key: String, salt: String, info: String, count: Int, output: String) throws {
        let derived = HKDF.derive(
            from: Secret(try unhex(key)), salt: try unhex(salt), info: try unhex(info), count: count)
        #expect(Hex.encode(derived.bytes) == output)
    }

    @Test func `another purpose is another key`() {
        let key = SecureRandom.secret()
        #expect(HKDF.derive(from: key, info: "quotes") == HKDF.derive(from: key, info: "quotes"))
        #expect(HKDF.derive(from: key, info: "quotes") != HKDF.derive(from: key, info: "shoppers"))
    }
}

private func hexByte(_ value: Int) -> String { Hex.encode([UInt8(value)]) }
