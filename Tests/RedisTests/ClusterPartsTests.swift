@testable import Redis
import Testing

/// What a cluster's client knows without a cluster.
@Suite struct ClusterPartsTests {
    private func slot(_ key: String) -> Int { HashSlot(ofKey: Array(key.utf8)).number }

    /// The Redis Cluster specification, appendix A, and `CLUSTER KEYSLOT` of Redis 7.0.
    @Test func `a key's slot is the specification's`() {
        #expect(HashSlot.crc16("123456789".utf8) == 0x31C3)
        #expect(HashSlot.crc16([]) == 0)
        #expect(slot("123456789") == 0x31C3)
        #expect(slot("foo") == 12182 && slot("bar") == 5061 && slot("") == 0)
    }

    @Test func `keys with one tag share a slot, and an empty tag is none`() {
        #expect(slot("{user1000}.following") == slot("user1000"))
        #expect(slot("{user1000}.followers") == slot("user1000"))
        #expect(slot("foo{bar}{zap}") == slot("bar"))
        #expect(slot("foo{{bar}}zap") == slot("{bar"))
        #expect(slot("foo{}{bar}") == Int(HashSlot.crc16("foo{}{bar}".utf8)) % 16_384)
        #expect(slot("}foo{bar") == Int(HashSlot.crc16("}foo{bar".utf8)) % 16_384)
        #expect(slot("foo{") == Int(HashSlot.crc16("foo{".utf8)) % 16_384)
    }

    @Test(arguments: [
        (["GET", "a"], ["a"]), (["hset", "a", "f", "v"], ["a"]), (["MGET", "a", "b"], ["a", "b"]),
        (["MSET", "a", "1", "b", "2"], ["a", "b"]), (["EVAL", "return 1", "2", "a", "b", "x"], ["a", "b"]),
        (["EVAL", "return 1", "0", "x"], []), (["EVAL", "return 1", "-1", "x"], []),
        (["EVAL", "return 1", "9223372036854775807", "a"], ["a"]), (["EVALSHA", "f0", "x", "a"], []), (["EVAL"], []),
        (["PING"], []), (["GET"], []), ([], []),
    ])
    func `a command knows its keys`(words: [String], keys: [String]) {
        #expect(RedisCommand(words.map { Array($0.utf8) }).keys == keys.map { Array($0.utf8) })
    }

    @Test func `keys of several slots are refused`() throws {
        #expect(try RedisCommand("MGET", "{t}:a", "{t}:b").slot == HashSlot(ofKey: Array("t".utf8)))
        #expect(try RedisCommand("PING").slot == nil)
        #expect(throws: RedisError.self) { _ = try RedisCommand("MGET", "a", "b").slot }
    }

    private let asked = RedisAddress.Place.tcp(host: "10.0.0.1", port: 7000)

    @Test func `a redirection is read, and one without a host stays at the host`() throws {
        let slot = try #require(HashSlot(3999))
        #expect(
            Redirection("MOVED 3999 127.0.0.1:6381", from: asked)
                == .moved(slot, to: .tcp(host: "127.0.0.1", port: 6381)))
        #expect(Redirection("MOVED 3999 :6381", from: asked) == .moved(slot, to: .tcp(host: "10.0.0.1", port: 6381)))
        #expect(Redirection("ASK 3999 ::1:6381", from: asked) == .ask(.tcp(host: "::1", port: 6381)))
        #expect(Redirection("MOVED 3999 ?:6381", from: asked) == .moved(slot, to: nil))
        #expect(Redirection("TRYAGAIN Multiple keys request during rehashing of slot", from: asked) == .notNow)
        #expect(Redirection("CLUSTERDOWN The cluster is down", from: asked) == .notNow)
        for text in ["", "MOVED", "MOVED 16384 h:1", "MOVED x h:1", "MOVED -1 h:1", "ASK 1", "ERR MOVED 1 h:1"] {
            #expect(Redirection(text, from: asked) == nil)
        }
        for target in ["h", "h:", "h:0", "h:65536", "h:x"] {
            #expect(Redirection("ASK 1 \(target)", from: asked) == .ask(nil))
        }
    }

    private func range(_ first: Int64, _ last: Int64, _ nodes: RedisValue...) -> RedisValue {
        .array([.integer(first), .integer(last)] + nodes)
    }

    private func node(_ host: RedisValue, _ port: Int64) -> RedisValue {
        .array([host, .integer(port), .bulk(Array("id".utf8)), .array([])])
    }

    @Test func `the slots are read with their masters, and a node without a host is at the host asked`() throws {
        let named = node(.bulk(Array("h".utf8)), 1)
        let map = try SlotMap(
            .array([
                range(0, 9, named, node(.null, 2)), range(10, 10, node(.bulk([]), 3)),
                range(11, 12, node(.bulk(Array("?".utf8)), 4)), range(16_383, 16_383, named),
            ]), from: asked)
        func owner(_ number: Int) throws -> RedisAddress.Place? { map.owner(of: try #require(HashSlot(number))) }
        #expect(try owner(0) == .tcp(host: "h", port: 1) && owner(9) == owner(0) && owner(16_383) == owner(0))
        #expect(try owner(10) == .tcp(host: "10.0.0.1", port: 3))
        #expect(try owner(11) == nil && owner(13) == nil)
        #expect(map.masters.count == 2 && map.places.count == 3)
    }

    @Test func `what is no map of slots is no map`() {
        let good = node(.bulk(Array("h".utf8)), 1)
        for wrong: RedisValue in [
            .null, .array([]), .array([.null]), .array([range(0, 16_384, good)]), .array([range(-1, 0, good)]),
            .array([range(2, 1, good)]), .array([range(0, 1)]), .array([range(0, 1, .null)]),
            .array([range(0, 1, .array([.integer(1), .integer(1)]))]), .array([range(0, 1, node(.null, 0))]),
            .array([range(0, 1, node(.null, .max))]), .array([range(.min, .max, good)]),
        ] {
            #expect(throws: RedisError.self) { _ = try SlotMap(wrong, from: asked) }
        }
    }
}
