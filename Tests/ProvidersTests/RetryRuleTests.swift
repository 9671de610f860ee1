import AgentRuntime
import JSON
import Stats
import Testing

@testable import Providers

@Suite struct RetryRuleTests {
    @Test func `waits double up to eight seconds and are at most a quarter shorter`() throws {
        var random = SplitMix64(seed: 1)
        var rule = RetryRule()
        rule.most = 8
        for (attempt, whole) in [0.5, 1, 2, 4, 8, 8, 8, 8].enumerated() {
            let wait = try #require(rule.wait(after: attempt, asked: nil, using: &random))
            #expect(wait >= .seconds(whole * 0.75) && wait <= .seconds(whole))
        }
        #expect(rule.wait(after: 8, asked: nil, using: &random) == nil)
    }

    @Test func `who is asked to wait does, but not for longer than a minute`() {
        var random = SplitMix64(seed: 1)
        let rule = RetryRule()
        #expect(rule.wait(after: 0, asked: .seconds(3), using: &random) == .seconds(3))
        #expect(rule.wait(after: 1, asked: .zero, using: &random) == .zero)
        #expect(rule.wait(after: 0, asked: .seconds(61), using: &random) == nil)
        #expect(rule.wait(after: 2, asked: .seconds(3), using: &random) == nil)
    }

    @Test(arguments: [
        (["retry-after": "2"], Duration.seconds(2)), (["retry-after": "1.5"], .seconds(1.5)),
        (["retry-after-ms": "250", "retry-after": "9"], .milliseconds(250)),
        (["retry-after": "Wed, 21 Oct 2026 07:28:00 GMT"], nil), (["retry-after": "-1"], nil),
        (["retry-after": "nan"], nil), (["retry-after": "1e300"], nil), ([:], nil),
    ])
    func `what an answer says of when to come back`(headers: [String: String], pause: Duration?) {
        #expect(RetryAdvice { headers[$0] }.pause == pause)
    }

    @Test func `advice is yes, no or none`() {
        #expect(RetryAdvice { $0 == "x-should-retry" ? "true" : nil }.isAdvised == true)
        #expect(RetryAdvice { $0 == "x-should-retry" ? "false" : nil }.isAdvised == false)
        #expect(RetryAdvice { $0 == "x-should-retry" ? "perhaps" : nil }.isAdvised == nil)
    }

    @Test(arguments: [
        (400, #"{"type":"error","error":{"type":"invalid_request_error","message":"m"}}"#, false),
        (401, "", false), (403, "{}", false), (404, #"{"error":{"code":"model_not_found"}}"#, false),
        (402, "", false), (413, "", false), (408, "", true), (409, "", true), (429, "", true), (500, "<html>", true),
        (504, "", true), (529, #"{"type":"error","error":{"type":"overloaded_error"}}"#, true),
        (
            429,
            #"{"type":"error","error":{"type":"rate_limit_error","message":"m","details":{"error_code":"enforced_spend_limit_reached"}}}"#,
            false
        ),
        (
            429,
            #"{"error":{"message":"You exceeded your current quota","type":"insufficient_quota","code":"insufficient_quota"}}"#,
            false
        ),
    ])
    func `what passes is asked again, and what does not is not`(status: Int, body: String, isPassing: Bool) {
        let error = ProviderError(body: Array(body.utf8), status: status)
        #expect(error.isPassing == isPassing)
        #expect(error.status == status)
        switch error.reason(hiding: "") {
        case .overloaded(let said): #expect(isPassing && said == status)
        case .refused(let said, _): #expect(!isPassing && said == status)
        default: Issue.record("neither")
        }
    }

    @Test func `what a provider says is one short line without the key`() {
        let key = "sk-0123456789abcdef"
        let message = "bad\\u0000\\n\\u001b[31m \(key) " + String(repeating: "x", count: 290) + key
        let error = ProviderError(
            body: Array(#"{"error":{"type":"authentication_error","message":"\#(message)"}}"#.utf8), status: 401)
        guard case .refused(401, let said) = error.reason(hiding: key) else {
            Issue.record("not refused")
            return
        }
        #expect(said.hasPrefix("authentication_error: bad   [31m <secret> x"))
        #expect(said.count == 300)
        #expect(!said.contains("sk-"))
    }
}
