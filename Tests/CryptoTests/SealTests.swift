import Crypto
import Testing

private func unhex(_ text: String) throws -> [UInt8] { try #require(Hex.decode(text)) }

@Suite struct AES256GCMTests {
    // McGrew and Viega, "The Galois/Counter Mode of Operation", test cases 13 to 16 (as in NIST's
    // submission), all with 256-bit keys and 96-bit nonces.
    @Test(arguments: [
        (
            String(repeating: "00", count: 32), String(repeating: "00", count: 12), "", "",
            "530f8afbc74536b9a963b4f1c4cb738b"
        ),
        (
            String(repeating: "00", count: 32), String(repeating: "00", count: 12), "",
            String(repeating: "00", count: 16),
            "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919"
        ),
        (
            "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308", "cafebabefacedbaddecaf888", "",
            "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255",
            "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015adb094dac5d93471bdec1a502270e3cc6c"
        ),
        (
            "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308", "cafebabefacedbaddecaf888",
            "feedfacedeadbeeffeedfacedeadbeefabaddad2",
            "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
            "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f66276fc6ece0f4e1768cddf8853bb2d551b"
        ),
    ])
    func `published ciphertexts are met`(key: String, nonce: String, aad: String, text: String, sealed: String) throws {
        let cipher = try #require(AES256GCM(key: Secret(try unhex(key))))
        let output = cipher.seal(try unhex(text), nonce: try unhex(nonce), authenticating: try unhex(aad))
        #expect(Hex.encode(output) == nonce + sealed)
        #expect(try cipher.open(output, authenticating: unhex(aad)) == unhex(text))
    }

    @Test func `any changed byte is refused, and so are other data and another key`() throws {
        let cipher = try #require(AES256GCM(key: SecureRandom.secret()))
        let associated = Array("tenant 7".utf8)
        let sealed = cipher.seal(Array("a provider's key".utf8), authenticating: associated)
        #expect(try cipher.open(sealed, authenticating: associated) == Array("a provider's key".utf8))
        for place in sealed.indices {
            for bit in 0..<8 {
                var changed = sealed
                changed[place] ^= 1 << bit
                #expect(throws: AES256GCM.Refusal.notAuthentic) {
                    try cipher.open(changed, authenticating: associated)
                }
            }
        }
        #expect(throws: AES256GCM.Refusal.notAuthentic) { try cipher.open(sealed) }
        #expect(throws: AES256GCM.Refusal.notAuthentic) {
            try cipher.open(sealed.dropLast(), authenticating: associated)
        }
        let other = try #require(AES256GCM(key: SecureRandom.secret()))
        #expect(throws: AES256GCM.Refusal.notAuthentic) { try other.open(sealed, authenticating: associated) }
        for count in 0..<28 {
            #expect(throws: AES256GCM.Refusal.tooShort) { try cipher.open(Array(sealed.prefix(count))) }
        }
    }

    @Test func `two seals of one text differ`() throws {
        let cipher = try #require(AES256GCM(key: SecureRandom.secret()))
        #expect(cipher.seal([1, 2, 3]) != cipher.seal([1, 2, 3]))
        #expect(try cipher.open(cipher.seal([])) == [])
    }

    @Test(arguments: [0, 16, 31, 33]) func `a key of another length is no key`(count: Int) {
        #expect(AES256GCM(key: SecureRandom.secret(count)) == nil)
    }
}

@Suite struct TextTests {
    // RFC 4648, section 10, without padding, and two that show the alphabet.
    @Test(arguments: [
        ("", ""), ("66", "Zg"), ("666f", "Zm8"), ("666f6f", "Zm9v"), ("666f6f62", "Zm9vYg"), ("666f6f6261", "Zm9vYmE"),
        ("666f6f626172", "Zm9vYmFy"), ("fbff", "-_8"), ("ffffff", "____"),
    ])
    func `base64url is met both ways`(hex: String, text: String) throws {
        #expect(Base64URL.encode(try unhex(hex)) == text)
        #expect(Base64URL.decode(text) == (try unhex(hex)))
    }

    @Test(arguments: ["Z", "Zg==", "Zh", "Zm9", "Zm9vY", "a+b/", "a b", "Zg\n", "é"])
    func `base64url has one spelling`(text: String) {
        #expect(Base64URL.decode(text) == nil)
    }

    @Test func `random bytes survive both encodings`() {
        for count in 0..<200 {
            let bytes = SecureRandom.bytes(count)
            #expect(Base64URL.decode(Base64URL.encode(bytes)) == bytes)
            #expect(Hex.decode(Hex.encode(bytes)) == bytes)
        }
    }

    @Test(arguments: ["0", "0g", "0x10", "00 ", "é0"]) func `what is not hexadecimal is refused`(text: String) {
        #expect(Hex.decode(text) == nil)
    }

    @Test func `hexadecimal digits are read in either case`() {
        #expect(Hex.decode("00fFAb") == [0, 0xFF, 0xAB])
        #expect(Hex.encode([0, 0xFF, 0xAB]) == "00ffab")
    }
}

@Suite struct SecretTests {
    @Test func `a secret shows itself nowhere`() {
        let secret = Secret("sk_live_hunter2")
        struct Configuration { let key: Secret }
        var dumped = ""
        dump(Configuration(key: secret), to: &dumped)
        for text in ["\(secret)", String(reflecting: secret), "\(Configuration(key: secret))", dumped] {
            #expect(!text.contains("hunter2"))
            #expect(!text.contains("104"))  // the bytes as numbers: 'h'
        }
        #expect("\(secret)" == "<secret>")
        #expect("\(HMACSHA256(key: secret))" == "<secret>")
        #expect(secret.bytes == Array("sk_live_hunter2".utf8))
    }

    @Test func `equality is of all bytes`() {
        #expect(Secret("abc") == Secret("abc"))
        #expect(Secret("abc") != Secret("abd"))
        #expect(Secret("abc") != Secret("ab"))
        #expect(constantTimeEquals([], []))
        #expect(!constantTimeEquals([1], []))
    }
}

@Suite struct SecureRandomTests {
    @Test func `bytes and numbers do not repeat`() {
        #expect(SecureRandom.bytes(32) != SecureRandom.bytes(32))
        #expect(SecureRandom.bytes(0).isEmpty)
        var random = SystemRandom()
        #expect(Set((0..<1_000).map { _ in random.next() }).count == 1_000)
        #expect((1...6).contains(Int.random(in: 1...6, using: &random)))
    }
}
