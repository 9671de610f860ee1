import AgentRuntime
import SeedSupport
import Testing

@Suite struct RedactionTests {
    let redaction = Redaction(takesEmail: true)

    @Test(arguments: [
        "4111 1111 1111 1111", "4111111111111111", "4111-1111-1111-1111", "5555.5555.5555.4444", "3782 822463 10005",
        "6011111111111117", "3530111333300000", "30569309025904", "2223003122003222", "4222222222222",
        "４１１１１１１１１１１１１１１１",
        "٤١١١ ١١١١ ١١١١ ١١١١", "4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1", "4111\u{200b}1111\u{200b}1111\u{200b}1111",
        "6200000000000005",
    ])
    func `a card number is taken out, however it is written`(number: String) {
        #expect(redaction.redacted("My card is \(number), please.") == "My card is [card], please.")
    }

    @Test(arguments: [
        "DE89 3704 0044 0532 0130 00", "GB82WEST12345698765432", "FR14 2004 1010 0505 0001 3M02 606",
        "NL91ABNA0417164300",
        "es91 2100 0418 4502 0005 1332", "CH93-0076-2011-6238-5295-7",
    ])
    func `an IBAN is taken out`(number: String) {
        #expect(redaction.redacted("Konto: \(number).") == "Konto: [IBAN].")
    }

    @Test(arguments: [
        "Call me on +49 30 1234 5678 or 0151 23456789.", "Order 2026112100004711 please", "Tracking 1Z999AA10123456784",
        "My order id is 019345f0-7d2a-7c3e-9b1f-0a2b3c4d5e6f", "Size 42, EU 44, 4 pieces, on 2026-11-21 at 16:45",
        "EAN 4006381333931", "DE12 3456", "The number is 4111 1111 1111 1112", "DE89370400440532013001",
        "+1 (415) 555-2671", "ISBN 978-3-16-148410-0",
    ])
    func `orders, telephones and dates are left alone`(text: String) {
        #expect(redaction.redacted(text) == text)
    }

    @Test func `e-mail addresses go only where asked`() {
        let text = "Write to jane.doe+shop@mail.example.org, thanks."
        #expect(redaction.redacted(text) == "Write to [e-mail], thanks.")
        #expect(Redaction(takesEmail: false).redacted(text) == text)
        #expect(redaction.redacted("me @ home, a@b") == "me @ home, a@b")
    }

    @Test func `any valid card number in any grouping is taken out, and nothing around it`() throws {
        var random = SplitMix(9)
        for _ in 0..<2000 {
            var digits = [4] + (0..<14).map { _ in Int.random(in: 0...9, using: &random) }
            let sum = digits.enumerated().reduce(0) { sum, item in
                let value = item.offset % 2 == 0 ? item.element * 2 : item.element
                return sum + (value > 9 ? value - 9 : value)
            }
            digits.append((10 - sum % 10) % 10)
            var text = ""
            for (index, digit) in digits.enumerated() {
                if index > 0, Int.random(in: 0..<4, using: &random) == 0 {
                    text += try #require([" ", "-", ".", "\u{a0}", " - "].randomElement(using: &random))
                }
                text += String(digit)
            }
            #expect(redaction.redacted("card:\(text)!") == "card:[card]!", "\(text)")
        }
    }

    @Test func `redacting twice changes nothing more`() {
        let text = "4111 1111 1111 1111 DE89 3704 0044 0532 0130 00 a@b.example"
        let once = redaction.redacted(text)
        #expect(once == "[card] [IBAN] [e-mail]")
        #expect(redaction.redacted(once) == once)
    }
}
