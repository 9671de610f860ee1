/// A moment in UTC, in whole milliseconds since 1970-01-01T00:00:00Z.
public struct Timestamp: Sendable, Hashable, Comparable, CustomStringConvertible {
    public let milliseconds: Int64

    public init(milliseconds: Int64) { self.milliseconds = milliseconds }

    /// Before anything that happened.
    public static let distantPast = Timestamp(milliseconds: .min)
    /// After anything that will.
    public static let distantFuture = Timestamp(milliseconds: .max)

    /// The last moment this may stand for: one without milliseconds was probably cut to its second.
    var latest: Timestamp {
        milliseconds % 1000 == 0 ? Timestamp(milliseconds: milliseconds.addingClamped(999)) : self
    }

    public static func < (a: Timestamp, b: Timestamp) -> Bool { a.milliseconds < b.milliseconds }

    /// The moment so much later (earlier where negative); saturates at the ends of time.
    public func advanced(by duration: Duration) -> Timestamp {
        let (seconds, attoseconds) = duration.components
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1000)
        guard !overflow else { return Timestamp(milliseconds: seconds < 0 ? .min : .max) }
        let added = whole.addingReportingOverflow(attoseconds / 1_000_000_000_000_000)
        let sum = milliseconds.addingReportingOverflow(added.partialValue)
        guard !added.overflow, !sum.overflow else { return Timestamp(milliseconds: seconds < 0 ? .min : .max) }
        return Timestamp(milliseconds: sum.partialValue)
    }

    /// Days since 1970-01-01, rounded down: the bucket of a day in UTC.
    public var day: Int32 { Int32(clamping: Self.floorDivide(milliseconds, 86_400_000)) }

    /// The days of its month in UTC, as ``day`` counts them.
    public var monthDays: Range<Int32> {
        let date = Self.civil(fromDays: Int64(day))
        let first = Self.days(fromCivil: date.year, date.month, 1)
        return Int32(clamping: first)..<Int32(clamping: first + Self.days(inMonth: date.month, of: date.year))
    }

    /// When a day of ``day``'s count begins.
    public init(day: Int32) { milliseconds = Int64(day) * 86_400_000 }

    private static func floorDivide(_ a: Int64, _ b: Int64) -> Int64 {
        let quotient = a / b
        return a % b < 0 ? quotient - 1 : quotient
    }
}

// MARK: - RFC 3339

extension Timestamp {
    /// Years 0000 to 9999: what RFC 3339 can write.
    static let writable: ClosedRange<Int64> = -62_167_219_200_000...253_402_300_799_999

    /// RFC 3339 in UTC with `Z`; milliseconds only where there are any: `2026-11-21T08:00:00Z`, `….125Z`.
    public var description: String { text.description }

    /// `description`, in place.
    public var text: ShortText {
        let clamped = min(max(milliseconds, Self.writable.lowerBound), Self.writable.upperBound)
        let days = Self.floorDivide(clamped, 86_400_000)
        let rest = UInt64(clamped - days * 86_400_000)
        let date = Self.civil(fromDays: days)
        var text = ShortText()
        text.append(pair: UInt64(date.year / 100))
        text.append(pair: UInt64(date.year % 100))
        text.append(UInt8(ascii: "-"))
        text.append(pair: UInt64(date.month))
        text.append(UInt8(ascii: "-"))
        text.append(pair: UInt64(date.day))
        text.append(UInt8(ascii: "T"))
        text.append(pair: rest / 3_600_000)
        text.append(UInt8(ascii: ":"))
        text.append(pair: rest / 60_000 % 60)
        text.append(UInt8(ascii: ":"))
        text.append(pair: rest / 1000 % 60)
        if rest % 1000 > 0 {
            text.append(UInt8(ascii: "."))
            text.append(rest % 1000, width: 3)
        }
        text.append(UInt8(ascii: "Z"))
        return text
    }

    /// Reads RFC 3339 (any offset; fractions beyond milliseconds are cut off). A leap second (`:60`) is read as the
    /// second after. Nil for anything else.
    public init?(rfc3339 text: some StringProtocol) {
        var reader = Digits(Array(text.utf8))
        guard let year = reader.number(4), reader.skip("-"), let month = reader.number(2), reader.skip("-"),
            let day = reader.number(2), reader.skip("T") || reader.skip("t") || reader.skip(" "),
            let hour = reader.number(2), reader.skip(":"), let minute = reader.number(2), reader.skip(":"),
            let second = reader.number(2),
            (1...12).contains(month), (1...Self.days(inMonth: month, of: year)).contains(day),
            hour < 24, minute < 60, second <= 60
        else { return nil }
        var milliseconds: Int64 = 0
        if reader.skip(".") {
            guard let fraction = reader.fractionMilliseconds() else { return nil }
            milliseconds = fraction
        }
        var offsetMinutes: Int64 = 0
        if !(reader.skip("Z") || reader.skip("z")) {
            let sign: Int64
            if reader.skip("+") { sign = 1 } else if reader.skip("-") { sign = -1 } else { return nil }
            guard let hours = reader.number(2), reader.skip(":"), let minutes = reader.number(2), hours < 24,
                minutes < 60
            else { return nil }
            offsetMinutes = sign * (hours * 60 + minutes)
        }
        guard reader.isAtEnd else { return nil }
        let days = Self.days(fromCivil: year, month, day)
        let seconds = days * 86_400 + hour * 3600 + (minute - offsetMinutes) * 60 + second
        self.milliseconds = seconds * 1000 + milliseconds
    }

    private struct Digits {
        let bytes: [UInt8]
        var position = 0
        init(_ bytes: [UInt8]) { self.bytes = bytes }

        var isAtEnd: Bool { position == bytes.count }

        mutating func skip(_ character: Unicode.Scalar) -> Bool {
            guard position < bytes.count, UInt32(bytes[position]) == character.value else { return false }
            position += 1
            return true
        }

        mutating func number(_ width: Int) -> Int64? {
            guard position + width <= bytes.count else { return nil }
            var value: Int64 = 0
            for byte in bytes[position..<position + width] {
                guard (48...57).contains(byte) else { return nil }
                value = value * 10 + Int64(byte - 48)
            }
            position += width
            return value
        }

        mutating func fractionMilliseconds() -> Int64? {
            var value: Int64 = 0
            var count = 0
            while position < bytes.count, (48...57).contains(bytes[position]), count < 18 {
                if count < 3 { value = value * 10 + Int64(bytes[position] - 48) }
                count += 1
                position += 1
            }
            guard count > 0 else { return nil }
            for _ in min(count, 3)..<3 { value *= 10 }
            return value
        }
    }

    // Days from civil and back: the era arithmetic of the proleptic Gregorian calendar, 400 years = 146,097 days.
    private static func days(fromCivil year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let y = month <= 2 ? year - 1 : year
        let era = floorDivide(y, 400)
        let yearOfEra = y - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    private static func civil(fromDays days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let z = days + 719_468
        let era = floorDivide(z, 146_097)
        let dayOfEra = z - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        let month = shifted < 10 ? shifted + 3 : shifted - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * shifted + 2) / 5 + 1)
    }

    private static func days(inMonth month: Int64, of year: Int64) -> Int64 {
        switch month {
        case 2: (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}
