import JSON
import SeedSupport
import Testing

@testable import PricingAPI

@Suite struct JSONRPCTests {
    private func read(_ text: String) throws(RPCError) -> RPCBody { try RPCBody(parsing: Array(text.utf8)) }

    private func message(_ text: String) throws -> RPCMessage {
        guard case .one(let message) = try read(text) else {
            throw RPCError.invalidRequest("a batch")
        }
        return message
    }

    @Test(arguments: [
        (#""a""#, RPCID.string("a")), ("7", .integer(7)), ("-1", .integer(-1)), (#""""#, .string("")),
        ("9223372036854775807", .integer(.max)),
    ])
    func `an id is a string or a whole number, and comes back as it was`(text: String, id: RPCID) throws {
        guard case .request(let request) = try message(#"{"jsonrpc":"2.0","id":\#(text),"method":"ping"}"#) else {
            Issue.record("no request")
            return
        }
        #expect(request.id == id)
        var writer = JSONWriter()
        writer.answer(request.id, result: Array("{}".utf8))
        #expect(String(decoding: writer.bytes, as: UTF8.self) == #"{"jsonrpc":"2.0","id":\#(text),"result":{}}"#)
    }

    @Test(arguments: [
        "null", "1.0", "1e2", "true", "[]", "{}", "9223372036854775808", #""\#(String(repeating: "i", count: 257))""#,
    ])
    func `any other id is refused, and the answer's is null`(id: String) throws {
        guard case .invalid(nil, let error) = try message(#"{"jsonrpc":"2.0","id":\#(id),"method":"ping"}"#) else {
            Issue.record("not refused")
            return
        }
        #expect(error.code == RPCError.invalidRequestCode)
    }

    @Test(arguments: [
        #"{"jsonrpc":"2.0","id":1}"#, #"{"jsonrpc":"1.0","id":1,"method":"ping"}"#, #"{"id":1,"method":"ping"}"#,
        #"{"jsonrpc":"2.0","id":1,"method":7}"#, #"{"jsonrpc":"2.0","id":1,"method":"ping","params":[1]}"#,
        #"{"jsonrpc":"2.0","id":1,"method":"ping","params":null}"#, "1", "null", #""ping""#,
        #"{"jsonrpc":"2.0","id":1,"method":"ping","method":"tools/call"}"#,
        #"{"jsonrpc":"2.0","id":1,"method":"a","params":{"name":"a","name":"b"}}"#,
    ])
    func `what is no message is refused`(text: String) throws {
        guard case .invalid(_, let error) = try message(text) else {
            Issue.record("not refused")
            return
        }
        #expect(error.code == RPCError.invalidRequestCode)
    }

    @Test func `a message without an id wants no answer, and an answer is taken for one`() throws {
        guard case .notification("a") = try message(#"{"jsonrpc":"2.0","method":"a"}"#) else {
            Issue.record("no notification")
            return
        }
        for text in [
            #"{"jsonrpc":"2.0","id":1,"result":{}}"#, #"{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":"a"}}"#,
        ] {
            guard case .response = try message(text) else {
                Issue.record("no answer")
                return
            }
        }
    }

    @Test func `a batch has one to fifty messages, each id once`() throws {
        func batch(_ ids: [Int]) -> String {
            "[" + ids.map { #"{"jsonrpc":"2.0","id":\#($0),"method":"ping"}"# }.joined(separator: ",") + "]"
        }
        guard case .batch(let messages) = try read(batch([1, 2, 1])) else {
            Issue.record("no batch")
            return
        }
        guard case .invalid(.integer(1), _) = messages[2] else {
            Issue.record("the id was taken twice")
            return
        }
        #expect(throws: RPCError.self) { try read("[]") }
        #expect(throws: RPCError.self) { try read(batch(Array(0...50))) }
        guard case .batch(let most) = try read(batch(Array(1...50))) else {
            Issue.record("no batch")
            return
        }
        #expect(most.count == 50)
    }

    @Test(arguments: [
        "", "{", "[{]", "\u{0}", "{\"jsonrpc\":\"2.0\"", String(repeating: "[", count: 100_000), "\u{feff}{}",
    ])
    func `what is no JSON is refused as that`(text: String) {
        let error = #expect(throws: RPCError.self) { try read(text) }
        #expect(error?.code == RPCError.parseCode)
    }

    /// Whatever comes, the reader says something, and what it takes for a request is one.
    @Test func `ten thousand damaged messages are each read or refused`() throws {
        let seed = Array(
            #"{"jsonrpc":"2.0","id":"x1","method":"tools/call","params":{"name":"get_price","arguments":{"shopper":"s","product":"p","quantity":3}}}"#
                .utf8)
        var random = Seeded(20_261_121)
        var (read, refused) = (0, 0)
        for _ in 0..<10_000 {
            var bytes =
                random.next() % 3 == 0
                ? [UInt8(ascii: "[")] + seed + [UInt8(ascii: ",")] + seed + [UInt8(ascii: "]")] : seed
            for _ in 0...Int.random(in: 0...4, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch random.next() % 4 {
                case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes.remove(at: place)
                case 2: bytes.insert(Array(#"{}[],:"\0n1e."#.utf8).randomElement(using: &random) ?? 0, at: place)
                default: bytes.removeSubrange(place..<min(bytes.count, place + 9))
                }
                if bytes.isEmpty { break }
            }
            do throws(RPCError) {
                switch try RPCBody(parsing: bytes) {
                case .one(.request), .batch: read += 1
                case .one(.invalid(_, let error)):
                    #expect(error.code == RPCError.invalidRequestCode)
                    refused += 1
                case .one: read += 1
                }
            } catch {
                #expect([RPCError.parseCode, RPCError.invalidRequestCode].contains(error.code))
                refused += 1
            }
        }
        // Both happen, or the test damages too little or too much.
        #expect(read > 500 && refused > 500, "\(read) \(refused)")
    }
}
