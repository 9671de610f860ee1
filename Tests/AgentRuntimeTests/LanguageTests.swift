import AgentRuntime
import Testing

@Suite struct LanguageTests {
    @Test(arguments: [
        ("de-AT,de;q=0.9,en;q=0.8", Language.german), ("ja, fr;q=0.4 , es;q=0.7", .spanish), ("EN_us", .english),
        ("it;q=1, en;q=0.1", .english),
    ])
    func `a shopper is answered in the language it wants most, of those the agent speaks`(
        header: String, language: Language
    ) {
        #expect(Language(accepting: header) == language)
    }

    @Test(arguments: ["", "ja", ";;,", "de;q=0", "*", "en;q=nonsense"])
    func `what names no language of ours is none`(header: String) {
        #expect(Language(accepting: header) == nil)
    }
}
