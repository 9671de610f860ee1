import AgentRuntime
import Foundation
import Testing

@Suite struct TypedTurnTests {
    private func decode(_ json: String) throws -> TypedTurn {
        try JSONDecoder().decode(TypedTurn.self, from: Data(json.utf8))
    }

    @Test(arguments: [
        (#"{"turn":"quote","products":["p1","p2"]}"#, TypedTurn.quote(products: ["p1", "p2"])),
        (#"{"turn":"decline_negotiation","reason":"price_match"}"#, .declineNegotiation(.priceMatch)),
        (#"{"turn":"ask","question":"size"}"#, .ask(.size)),
    ])
    func `a turn is read, and written as it was read`(json: String, turn: TypedTurn) throws {
        #expect(try decode(json) == turn)
        #expect(try JSONDecoder().decode(TypedTurn.self, from: JSONEncoder().encode(turn)) == turn)
    }

    @Test(arguments: [
        #"{"turn":"quote","products":["p1"],"price":20}"#, #"{"turn":"quote","products":[]}"#,
        #"{"turn":"quote","products":["p1","p1"]}"#, #"{"turn":"quote","products":[""]}"#, #"{"turn":"quote"}"#,
        #"{"turn":"quote","products":["a","b","c","d","e","f"]}"#, #"{"turn":"discount","amount":5}"#,
        #"{"turn":"ask","question":"how much would you pay"}"#, #"{"turn":"ask","reason":"other"}"#, "{}", "[]",
        #"{"turn":"decline_negotiation","reason":"other","text":"ten percent then"}"#,
    ])
    func `a turn with anything else in it is no turn`(json: String) {
        #expect(throws: DecodingError.self) { try decode(json) }
    }
}
