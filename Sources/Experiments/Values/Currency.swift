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
        guard Self.exponents[packed] != nil else { return nil }
        self.packed = packed
    }

    /// Digits of the minor unit: 0, 2, 3 or 4.
    public var exponent: Int { Self.exponents[packed] ?? 2 }

    public var code: String {
        String(decoding: [UInt8(packed >> 16 & 0xff), UInt8(packed >> 8 & 0xff), UInt8(packed & 0xff)], as: UTF8.self)
    }

    public var description: String { code }

    /// The sign people know the currency by, where there is one that is not shared by many.
    public var symbol: String? {
        switch code {
        case "USD": "$"
        case "EUR": "€"
        case "GBP": "£"
        case "JPY": "¥"
        case "INR": "₹"
        case "KRW": "₩"
        case "BRL": "R$"
        case "CAD": "CA$"
        case "AUD": "A$"
        case "NZD": "NZ$"
        case "MXN": "MX$"
        case "CNY": "CN¥"
        case "ILS": "₪"
        case "VND": "₫"
        default: nil
        }
    }

    /// ISO 4217:2015 active codes by minor-unit exponent.
    private static let exponents: [UInt32: Int] = {
        let byExponent: [Int: String] = [
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
        var table: [UInt32: Int] = [:]
        for (exponent, codes) in byExponent {
            for code in codes.split(whereSeparator: { $0 == " " || $0 == "\n" }) {
                let packed = code.utf8.reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
                table[packed] = exponent
            }
        }
        return table
    }()
}
