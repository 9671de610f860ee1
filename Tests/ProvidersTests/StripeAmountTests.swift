import Experiments
import Testing

@testable import Providers

/// Amounts as Stripe counts them.
@Suite struct StripeAmountTests {
    private func money(_ amount: Int64, _ code: String) throws -> Money {
        Money(amount: amount, currency: try #require(Currency(code)))
    }

    @Test(
        arguments: [
            ("USD", 1999, 1999), ("EUR", 1, 1), ("JPY", 1500, 1500), ("KRW", 5, 5), ("BHD", 1250, 1250),
            ("KWD", 10, 10),
            ("ISK", 5, 500), ("UGX", 7, 700), ("MGA", 200, 2), ("XOF", 9, 9),
        ] as [(String, Int64, Int64)])
    func `an amount goes there and comes back exactly`(code: String, amount: Int64, units: Int64) throws {
        let money = try money(amount, code)
        #expect(StripeAmount.units(of: money) == units)
        #expect(StripeAmount.money(units, code.lowercased()) == money)
    }

    @Test(arguments: [("BHD", 1255), ("MGA", 250), ("CLF", 10_000), ("LYD", 1000), ("USD", -1)] as [(String, Int64)])
    func `what Stripe cannot take exactly is not taken`(code: String, amount: Int64) throws {
        #expect(StripeAmount.units(of: try money(amount, code)) == nil)
    }

    @Test func `what is no amount of ours is none`() {
        #expect(StripeAmount.money(550, "isk") == nil)
        #expect(StripeAmount.money(10, "xxx") == nil)
        #expect(StripeAmount.money(-1, "usd") == nil)
    }

    @Test(arguments: [(1999, 250, 50), (1, 5000, 1), (0, 10_000, 0), (333, 1, 0)] as [(Int64, Int64, Int64)])
    func `the platform's part is rounded once`(units: Int64, basisPoints: Int64, fee: Int64) {
        #expect(StripeAmount.fee(units, basisPoints: basisPoints) == fee)
    }
}
