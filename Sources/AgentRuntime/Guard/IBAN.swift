/// Finds international bank account numbers.
enum IBAN {
    /// Where an IBAN that begins here ends; nil where none does.
    static func end(in scalars: [Unicode.Scalar], from start: Int) -> Int? {
        var country: UInt32 = 0
        var length: Int?
        var remainder = 0
        // The first four characters count last.
        var head: [Int] = []
        var count = 0
        var position = start
        while position < scalars.count {
            let scalar = scalars[position]
            guard let value = value(of: scalar) else {
                var next = position
                while next < scalars.count, next - position < 2, Redaction.isSeparator(scalars[next]) { next += 1 }
                guard count >= 2, next > position, next < scalars.count, self.value(of: scalars[next]) != nil else {
                    return nil
                }
                position = next
                continue
            }
            switch count {
            case 0, 1:
                guard value >= 10 else { return nil }
                country = country << 8 | UInt32(value + 55)
                head.append(value)
            case 2, 3:
                guard value < 10 else { return nil }
                head.append(value)
            default: remainder = append(value, to: remainder)
            }
            count += 1
            position += 1
            if count == 2 {
                length = lengths[country]
                if length == nil { return nil }
            }
            if count == length { break }
        }
        guard let length, count == length else { return nil }
        guard position == scalars.count || !Redaction.isAlphanumeric(scalars[position]) else { return nil }
        for value in head { remainder = append(value, to: remainder) }
        return remainder == 1 ? position : nil
    }

    private static func append(_ value: Int, to remainder: Int) -> Int {
        (remainder * (value < 10 ? 10 : 100) + value) % 97
    }

    /// Digits 0 to 9, letters 10 to 35.
    private static func value(of scalar: Unicode.Scalar) -> Int? {
        if let digit = Redaction.digit(scalar) { return digit }
        switch scalar.value {
        case 65...90: return Int(scalar.value) - 55
        case 97...122: return Int(scalar.value) - 87
        default: return nil
        }
    }

    /// Characters by country, from the IBAN registry.
    private static let lengths: [UInt32: Int] = {
        let table = """
            AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DK18 DO28 EE20 EG29 ES24 FI18
            FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20
            LU20 LV21 LY25 MC27 MD24 ME22 MK19 MR27 MT31 MU30 NL18 NO15 PK24 PL28 PS29 PT25 QA29 RO24 RS22 SA24 SC31 SD18
            SE24 SI19 SK24 SM27 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20
            """
        var lengths: [UInt32: Int] = [:]
        for entry in table.split(whereSeparator: { $0 == " " || $0 == "\n" }) {
            let country = entry.utf8.prefix(2).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            lengths[country] = Int(entry.dropFirst(2))
        }
        return lengths
    }()
}
