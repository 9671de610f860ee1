import Experiments
import SeedSupport
import Testing

@Suite struct ValuesTests {
    @Test(arguments: [
        ("USD", 2499, "$24.99"), ("JPY", 1500, "¥1,500"), ("BHD", 1250, "BHD 1.250"), ("EUR", -5, "-€0.05"),
        ("USD", 123_456_789, "$1,234,567.89"), ("GBP", 0, "£0.00"),
    ])
    func `money is shown with its currency's own digits`(code: String, amount: Int64, shown: String) throws {
        let currency = try #require(Currency(code))
        #expect(Money(amount: amount, currency: currency).display == shown)
    }

    @Test(arguments: ["usd", "US", "USDD", "", "XXQ", "£££"])
    func `what is no ISO 4217 code is no currency`(code: String) {
        #expect(Currency(code) == nil)
    }

    @Test(
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("2000-02-29T12:34:56Z", 951_827_696_000),
            ("2026-11-21T01:53:00.125Z", 1_795_225_980_125), ("1969-12-31T23:59:59.999Z", -1),
            ("2026-11-21T03:53:00.125+02:00", 1_795_225_980_125), ("2016-12-31T23:59:60Z", 1_483_228_800_000),
            ("2026-11-21t01:53:00.1259999z", 1_795_225_980_125),
        ] as [(String, Int64)])
    func `RFC 3339 is read to the millisecond`(text: String, milliseconds: Int64) {
        #expect(Timestamp(rfc3339: text)?.milliseconds == milliseconds)
    }

    @Test(arguments: [
        "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-11-21", "2026-11-21T24:00:00Z", "2026-11-21T01:53:00",
        "2026-11-21T01:53:00Zjunk", "2026-11-21T01:53:00.Z", "yesterday", "",
    ])
    func `what is not RFC 3339 is refused`(text: String) {
        #expect(Timestamp(rfc3339: text) == nil)
    }

    @Test func `every moment that can be written is read back as itself`() {
        var random = Seeded(11)
        for _ in 0..<20_000 {
            let value = Int64.random(in: -62_167_219_200_000...253_402_300_799_999, using: &random)
            let time = Timestamp(milliseconds: value)
            #expect(Timestamp(rfc3339: time.description) == time)
        }
    }

    @Test(arguments: [
        ("2026-09-21T14:13:20Z", "2026-09-01", 30), ("2024-02-29T23:59:59Z", "2024-02-01", 29),
        ("2026-12-31T23:59:59.999Z", "2026-12-01", 31), ("2027-01-01T00:00:00Z", "2027-01-01", 31),
        ("1969-12-31T12:00:00Z", "1969-12-01", 31), ("2100-02-10T00:00:00Z", "2100-02-01", 28),
    ])
    func `a month is its days in UTC`(text: String, first: String, length: Int) throws {
        let days = try #require(Timestamp(rfc3339: text)).monthDays
        #expect(Timestamp(day: days.lowerBound).description == first + "T00:00:00Z")
        #expect(days.count == length)
    }

    @Test func `identifiers only rise, even when the clock steps back`() {
        let source = IdentifierSource(random: Seeded(3))
        var random = Seeded(5)
        var last: ExperimentID?
        var now: Int64 = 1_790_000_000_000
        for _ in 0..<20_000 {
            now += Int64.random(in: -3...3, using: &random)
            let next: ExperimentID = source.next(at: Timestamp(milliseconds: now))
            if let last { #expect(next > last && next.description > last.description) }
            #expect(ExperimentID(next.description) == next)
            #expect(next.bits.high >> 12 & 0xf == 7, "version 7")
            #expect(next.bits.low >> 62 == 2, "variant 10")
            last = next
        }
    }

    @Test func `an identifier of another kind, or misspelt, is none`() {
        let source = IdentifierSource(random: Seeded(3))
        let id: ExperimentID = source.next(at: Timestamp(milliseconds: 0))
        let text = id.description
        #expect(TenantID(text) == nil)
        #expect(ExperimentID(text.uppercased()) == nil)
        #expect(ExperimentID(String(text.dropLast())) == nil)
        #expect(ExperimentID("exp-" + text.dropFirst(4)) == nil)
    }

    @Test func `a tenant's own key has 1 to 256 bytes and no control characters`() {
        #expect(TenantKey("") == nil)
        #expect(TenantKey("a\u{0}b") == nil)
        #expect(TenantKey("a\nb") == nil)
        #expect(TenantKey(String(repeating: "é", count: 128)) != nil)
        #expect(TenantKey(String(repeating: "é", count: 129)) == nil)
    }

    @Test(arguments: [
        ("10.0.0.0/8", "10.255.1.2", true), ("10.0.0.0/8", "11.0.0.1", false), ("192.168.1.7", "192.168.1.7", true),
        ("2001:db8::/32", "2001:db8:1::5", true), ("2001:db8::/32", "2001:db9::1", false),
        ("127.0.0.1", "::ffff:127.0.0.1", true), ("::1", "::1", true), ("0.0.0.0/0", "::1", false),
    ])
    func `an address list admits what lies in its ranges`(range: String, address: String, admitted: Bool) throws {
        #expect(try #require(AddressRange(range)).contains(address) == admitted)
    }

    @Test(arguments: ["10.0.0/8", "10.0.0.0/33", "1.2.3.4.5", "::1::", "g::1", "10.0.0.256", "", "/8", "+1.2.3.4"])
    func `what is no range of addresses is refused`(text: String) {
        #expect(AddressRange(text) == nil)
    }
}
