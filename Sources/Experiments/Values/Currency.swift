/// An ISO 4217 currency. The exponent (digits of the minor unit) is part of the value, never a comment:
/// JPY has 0, USD 2, BHD 3.
public struct Currency: Sendable, Hashable, CustomStringConvertible {
    /// Three upper-case letters, packed as ASCII in the lower 24 bits.
    public let packed: UInt32

    /// Nil unless `code` is an ISO 4217 code in use (upper case).
    public init?(_ code: some StringProtocol) {
        let bytes = Array(code.utf8)
        guard bytes.count == 3 else { return nil }
        let packed = UInt32(bytes[0]) << 16 | UInt32(bytes[1]) << 8 | UInt32(bytes[2])
        self.init(packed: packed)
    }

    /// Nil unless the packed letters are an ISO 4217 code in use.
    public init?(packed: UInt32) {
        guard let index = Self.index(of: packed), Self.exponents[index] != Self.unused else { return nil }
        self.packed = packed
    }

    /// Digits of the minor unit: 0, 2, 3 or 4.
    public var exponent: Int { Int(Self.index(of: packed).map { Self.exponents[$0] } ?? Self.unused) }

    public var code: String { String(decoding: [letters[0], letters[1], letters[2]], as: UTF8.self) }

    /// The code as ASCII.
    public var letters: InlineArray<3, UInt8> {
        [UInt8(packed >> 16 & 0xff), UInt8(packed >> 8 & 0xff), UInt8(packed & 0xff)]
    }

    public var description: String { code }

    /// The sign people know the currency by, where there is one that is not shared by many.
    public var symbol: String? { Self.symbols[packed] }

    /// The currency that a sign stands for; nil where it is the sign of none.
    public init?(symbol: String) {
        guard let found = Self.symbols.first(where: { $0.value == symbol }) else { return nil }
        packed = found.key
    }

    private static let symbols: [UInt32: String] = {
        let byCode = [
            "USD": "$",
            "EUR": "€",
            "GBP": "£",
            "JPY": "¥",
            "INR": "₹",
            "KRW": "₩",
            "BRL": "R$",
            "CAD": "CA$",
            "AUD": "A$",
            "NZD": "NZ$",
            "MXN": "MX$",
            "CNY": "CN¥",
            "ILS": "₪",
            "VND": "₫",
        ]
        return Dictionary(uniqueKeysWithValues: byCode.map { (pack($0.key.utf8), $0.value) })
    }()

    private static func pack(_ letters: some Sequence<UInt8>) -> UInt32 { letters.reduce(0) { $0 << 8 | UInt32($1) } }

    /// The place of three letters among all there are; nil where they are none.
    private static func index(of packed: UInt32) -> Int? {
        var index = 0
        for place: UInt32 in 0..<3 {
            let letter = Int(packed >> (16 - 8 * place) & 0xff) - 0x41
            guard (0..<26).contains(letter) else { return nil }
            index = index * 26 + letter
        }
        return packed >> 24 == 0 ? index : nil
    }

    private static let unused: UInt8 = 255

    /// The minor unit's digits of ISO 4217:2015's active codes, by `index`.
    private static let exponents: [UInt8] = {
        let byExponent: [UInt8: String] = [
            0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
            2: """
            AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF \
            CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD \
            HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT \
            MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD \
            SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS \
            VED VES WST XCD YER ZAR ZMW ZWG
            """,
            3: "BHD IQD JOD KWD LYD OMR TND",
            4: "CLF UYW",
        ]
        var table = [UInt8](repeating: unused, count: 26 * 26 * 26)
        for (exponent, codes) in byExponent {
            for code in codes.split(whereSeparator: { $0 == " " || $0 == "\n" }) {
                if let index = index(of: pack(code.utf8)) { table[index] = exponent }
            }
        }
        return table
    }()
}
