import AgentRuntime
import Crypto
import Providers
import Testing

@testable import cournot

struct ModelSettingsTests {
    private func settings(_ values: [String: String]) throws(ModelSettings.Fault) -> ModelSettings {
        try ModelSettings { values[$0.rawValue] }
    }

    @Test func `nothing said is no model`() throws {
        #expect(try settings([:]).entries.isEmpty)
        #expect(try settings(["MODELS": ""]).entries.isEmpty)
        #expect(try settings(["OPENAI_API_KEY": "sk-unused"]).entries.isEmpty)
    }

    @Test func `models are asked in their order, each where its provider is`() throws {
        let told = try settings([
            "MODELS": "anthropic:claude-haiku-4-5, openai:gpt-5-mini,openai:llama3:8b",
            "MODEL_PRICES": "llama3:8b=0/0.125,gpt-5-mini=0.3/2.4/0.03/0.3", "ANTHROPIC_API_KEY": "sk-ant-1",
            "OPENAI_BASE_URL": "http://127.0.0.1:11434/v1/",
        ])
        #expect(told.entries.map(\.provider) == [.anthropic, .openai, .openai])
        let endpoints = told.entries.map(\.endpoint)
        #expect(endpoints.map(\.model) == ["claude-haiku-4-5", "gpt-5-mini", "llama3:8b"])
        #expect(
            endpoints.map(\.base) == [
                "https://api.anthropic.com", "http://127.0.0.1:11434/v1", "http://127.0.0.1:11434/v1",
            ])
        #expect(endpoints.map(\.key) == [Secret("sk-ant-1"), nil, nil])
        #expect(endpoints.map(\.authentication) == [.apiKey, .bearer, .bearer])
        #expect(
            endpoints.map(\.price) == [
                ModelPrice(input: 1_000_000, output: 5_000_000),
                ModelPrice(input: 300_000, output: 2_400_000, cacheRead: 30_000, cacheWrite: 300_000),
                ModelPrice(input: 0, output: 125_000),
            ])
    }

    @Test(arguments: [
        (["MODELS": "claude-haiku-4-5"], Setting.models), (["MODELS": "google:gemini"], .models),
        (["MODELS": "anthropic:"], .models), (["MODELS": "openai:gpt 5"], .models),
        (["MODELS": "openai:unheard-of", "OPENAI_API_KEY": "k"], .models),
        (["MODELS": "openai:gpt-5,openai:gpt-5", "OPENAI_API_KEY": "k"], .models),
        (["MODELS": "anthropic:claude-haiku-4-5"], .anthropicKey), (["MODELS": "openai:gpt-5"], .openAIKey),
        (["MODELS": "openai:gpt-5", "OPENAI_API_KEY": "k\r\nx: y"], .openAIKey),
        (["MODELS": "openai:gpt-5", "OPENAI_BASE_URL": "file:///etc/passwd"], .openAIBaseURL),
        (["MODELS": "openai:gpt-5", "OPENAI_BASE_URL": "https://key@host/v1"], .openAIBaseURL),
        (["MODELS": "openai:gpt-5", "OPENAI_BASE_URL": "https://"], .openAIBaseURL),
        (
            ["MODELS": "anthropic:claude-haiku-4-5", "ANTHROPIC_API_KEY": "k", "ANTHROPIC_AUTH": "basic"],
            .anthropicAuthentication
        ),
        (
            ["MODELS": "anthropic:claude-haiku-4-5", "ANTHROPIC_API_KEY": "k", "ANTHROPIC_VERSION": "a b"],
            .anthropicVersion
        ),
    ])
    func `what is wrong is said of the setting that is`(values: [String: String], setting: Setting) {
        let fault = #expect(throws: ModelSettings.Fault.self) { try settings(values) }
        #expect(fault?.setting == setting)
        #expect(fault?.detail.contains("sk-") != true)
    }

    @Test(arguments: [
        "a", "a=1", "a=1/2/3/4/5", "a=-1/2", "a=1e3/2", "a=1/2000", "a=1000.1/2", "a=1/0.1234567", "a=1/", "=1/2",
        "a=1/2,a=1/2", "a=./1", "a=99999999999999999999/1",
    ])
    func `a price is no more and no less than it can be`(text: String) {
        let fault = #expect(throws: ModelSettings.Fault.self) { try settings(["MODEL_PRICES": text]) }
        #expect(fault?.setting == .modelPrices)
    }

    @Test func `an unknown model says how to tell its price`() {
        let fault = #expect(throws: ModelSettings.Fault.self) {
            try settings(["MODELS": "openai:mine", "OPENAI_API_KEY": "k"])
        }
        #expect(fault?.detail.contains("MODEL_PRICES") == true && fault?.detail.contains("mine=3/15") == true)
    }

    @Test func `keys are shown nowhere`() throws {
        let told = try settings([
            "MODELS": "anthropic:claude-haiku-4-5,openai:gpt-5", "ANTHROPIC_API_KEY": "sk-one",
            "OPENAI_API_KEY": "sk-two",
        ])
        var dumped = ""
        dump(told, to: &dumped)
        #expect(!dumped.contains("sk-") && !"\(told)".contains("sk-"))
        #expect(told.shown[.anthropicKey] == "<secret>")
    }

    @Test(
        arguments: [
            ("claude-haiku-4-5", 1_000_000), ("claude-haiku-4-5-20251001", 1_000_000),
            ("gpt-5-mini-2025-08-07", 250_000),
            ("gpt-5", 1_250_000), ("gpt-4.1-nano", 100_000), ("gpt-4.1-2025-04-14", 2_000_000),
            ("gpt-4o-mini", 150_000),
        ] as [(String, Int64)])
    func `prices of known models are known with and without a date`(model: String, input: Int64) {
        #expect(KnownPrices.price(of: model)?.input == input)
    }

    @Test(arguments: ["", "gpt", "gpt-5-", "20251001", "-20251001", "claude", "claude-haiku-4-5-2025", "x-2025-08-07"])
    func `what is not known has no price`(model: String) {
        #expect(KnownPrices.price(of: model) == nil)
    }
}
