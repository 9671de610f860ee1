import Experiments
import SeedSupport
import Testing

private let start = Timestamp(milliseconds: 1_790_000_000_000)

@Suite struct QuoteTests {
    private func sealed(expires: Timestamp) throws -> SealedQuote {
        SealedQuote(
            tenant: TenantID(bits: Bits128(high: 1, low: 2)), quote: QuoteID(tail: 77, issuedAt: start),
            subject: Bits128(high: 3, low: 4), product: try #require(TenantKey("sku-ä 1")),
            placement: .init(experiment: ExperimentID(bits: Bits128(high: 5, low: 6)), variant: 2),
            price: Money(amount: 2499, currency: try #require(Currency("USD"))), maximumQuantity: 100,
            expiresAt: expires)
    }

    @Test func `a token says what was sealed, until it expires`() throws {
        let seal = QuoteSeal(key: [UInt8](repeating: 9, count: 32))
        let expires = start.advanced(by: .seconds(1800))
        let content = try sealed(expires: expires)
        let token = seal.seal(content)
        #expect(try seal.open(token, at: start) == content)
        #expect(try seal.open(token, at: expires.advanced(by: .seconds(5))) == content)
        #expect(throws: SealError.expired(at: expires)) {
            try seal.open(token, at: expires.advanced(by: .milliseconds(5001)))
        }
    }

    @Test func `a token changed anywhere, cut or sealed with another key is broken`() throws {
        let seal = QuoteSeal(key: [UInt8](repeating: 9, count: 32))
        let token = seal.seal(try sealed(expires: start))
        let characters = Array(token)
        for index in characters.indices {
            var changed = characters
            changed[index] = changed[index] == "A" ? "B" : "A"
            #expect(throws: SealError.broken) { try seal.open(String(changed), at: start) }
        }
        for length in 0..<characters.count {
            #expect(throws: SealError.broken) { try seal.open(String(characters.prefix(length)), at: start) }
        }
        let other = QuoteSeal(key: [UInt8](repeating: 8, count: 32))
        #expect(throws: SealError.broken) { try other.open(token, at: start) }
        #expect(throws: SealError.broken) { try seal.open(token + token, at: start) }
        #expect(throws: SealError.broken) { try seal.open("žluť", at: start) }
    }

    @Test func `a quote just given always has half its life before it, and windows follow each other`() {
        var random = Seeded(2)
        for _ in 0..<5000 {
            let now = start.advanced(by: .milliseconds(Int64.random(in: 0...1_000_000_000, using: &random)))
            let window = QuoteWindow(of: start, at: now)
            #expect(window.issuedAt <= now)
            #expect(window.expiresAt.milliseconds - now.milliseconds > QuoteWindow.lifetime / 2 - 1)
            #expect(QuoteWindow(issuedAt: window.issuedAt, of: start, at: now) == window)
            let off = Timestamp(milliseconds: window.issuedAt.milliseconds + 1)
            #expect(QuoteWindow(issuedAt: off, of: start, at: now) == nil)
        }
        let before = start.advanced(by: .seconds(-600))
        #expect(QuoteWindow(of: start, at: before).issuedAt == start, "a clock that stepped back sees the first window")
    }

    @Test func `a quote's identifier names its offer and its time`() {
        let id = QuoteID(tail: 0x3fff_ffff_ffff_ffff, issuedAt: start)
        #expect(id.tail == 0x3fff_ffff_ffff_ffff && id.issuedAt == start)
        #expect(QuoteID(id.description) == id)
        #expect(QuoteID(bits: Bits128(high: 1, low: 2)).tail == nil)
    }
}
