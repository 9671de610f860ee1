import AgentRuntime
import Experiments
import SeedSupport
import Testing

@Suite struct AmountTextTests {
    /// One currency of each number of digits that ISO 4217 knows, with and without a sign of their own.
    private static let codes = [
        "USD", "EUR", "GBP", "JPY", "KRW", "INR", "BRL", "CHF", "HUF", "BHD", "KWD", "CLF", "UYW", "ISK", "VND", "MXN",
    ]

    private static let examples: [(Int64, String, Language, String)] = [
        (123_450, "EUR", .english, "€1,234.50"), (123_450, "EUR", .german, "1.234,50\u{a0}€"),
        (123_450, "EUR", .spanish, "1234,50\u{a0}€"), (1_234_567, "EUR", .spanish, "12.345,67\u{a0}€"),
        (123_450, "EUR", .french, "1\u{202f}234,50\u{a0}€"), (5, "USD", .german, "0,05\u{a0}$"),
        (1500, "JPY", .french, "1\u{202f}500\u{a0}¥"),
        (1250, "BHD", .german, "1,250\u{a0}BHD"), (12_345_678, "CLF", .spanish, "1234,5678\u{a0}CLF"),
        (-2499, "CHF", .german, "-24,99\u{a0}CHF"), (0, "KRW", .spanish, "0\u{a0}₩"),
        (100_000_000_000_000, "EUR", .german, "1.000.000.000.000,00\u{a0}€"),
    ]

    @Test(arguments: examples)
    func `an amount is written as the language writes it`(
        amount: Int64, code: String, language: Language, expected: String
    ) throws {
        let text = Money(amount: amount, currency: try #require(Currency(code))).text(in: language)
        #expect(text == expected)
    }

    @Test(arguments: Language.allCases)
    func `what is written is read as the same minor units, in every currency`(language: Language) throws {
        var random = Seeded(11)
        for code in Self.codes {
            let currency = try #require(Currency(code))
            for size in 0..<60 {
                let magnitude = Int64.random(in: 0...(Int64.max >> (62 - size)), using: &random)
                for amount in [magnitude, -magnitude] {
                    let money = Money(amount: amount, currency: currency)
                    #expect(Money(reading: money.text(in: language), in: language) == money)
                }
            }
        }
    }

    @Test func `no text is an amount in two languages of different worth`() throws {
        var random = Seeded(12)
        for code in Self.codes {
            let currency = try #require(Currency(code))
            for _ in 0..<200 {
                let money = Money(amount: Int64.random(in: 0...10_000_000, using: &random), currency: currency)
                for written in Language.allCases {
                    let text = money.text(in: written)
                    for read in Language.allCases {
                        let other = Money(reading: text, in: read)
                        #expect(other == nil || other == money, "\(text) in \(read)")
                    }
                }
            }
        }
    }

    @Test(arguments: [
        "1.234,5\u{a0}€", "1234,50\u{a0}€", "1.234,50", "€1.234,50", "1,234.50\u{a0}€", "01,00\u{a0}€",
        "1.23,45\u{a0}€", "", "€", "-", "1,00\u{a0}XYZ",
        "1,00\u{a0}€ ", "99999999999999999999,00\u{a0}€", "１,00\u{a0}€",
    ])
    func `what German does not write so is no amount in it`(text: String) {
        #expect(Money(reading: text, in: .german) == nil)
    }
}
