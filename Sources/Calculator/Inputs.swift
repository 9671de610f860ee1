import JSON
import Stats

/// The inputs of one question, read with a typed refusal.
struct Inputs: Sendable {
    private let object: JSONObject

    init(_ object: JSONObject) { self.object = object }

    /// Whether the input is there and not null.
    func has(_ name: String) -> Bool {
        guard let value = object[name] else { return false }
        return value != .null
    }

    func value(_ name: String) throws(StatsError) -> JSONValue {
        guard let value = object[name] else { throw .invalid("\(name) is missing") }
        return value
    }

    func number(_ name: String) throws(StatsError) -> Double { try Self.number(try value(name), name) }

    func number(_ name: String, default fallback: Double) throws(StatsError) -> Double {
        has(name) ? try number(name) : fallback
    }

    func integer(_ name: String) throws(StatsError) -> Int {
        let number = try number(name)
        guard number == number.rounded(), abs(number) < 1e15 else { throw .invalid("\(name) must be a whole number") }
        return Int(number)
    }

    func integer(_ name: String, default fallback: Int) throws(StatsError) -> Int {
        has(name) ? try integer(name) : fallback
    }

    /// A 64-bit word, as a number or a string of digits.
    func word(_ name: String) throws(StatsError) -> UInt64 {
        switch try value(name) {
        case .integer(let x) where x >= 0: return UInt64(x)
        case .unsigned(let x): return x
        case .string(let text):
            guard let x = UInt64(text) else { throw .invalid("\(name) must be a 64-bit unsigned integer") }
            return x
        default: throw .invalid("\(name) must be a 64-bit unsigned integer")
        }
    }

    func flag(_ name: String, default fallback: Bool) throws(StatsError) -> Bool {
        guard has(name) else { return fallback }
        guard let flag = try value(name).bool else { throw .invalid("\(name) must be true or false") }
        return flag
    }

    func text(_ name: String) throws(StatsError) -> String {
        guard let text = try value(name).string else { throw .invalid("\(name) must be a string") }
        return text
    }

    func text(_ name: String, default fallback: String) throws(StatsError) -> String {
        has(name) ? try text(name) : fallback
    }

    func numbers(_ name: String) throws(StatsError) -> [Double] { try Self.numbers(try value(name), name) }

    /// Rows of numbers, of any lengths.
    func rows(_ name: String) throws(StatsError) -> [[Double]] {
        guard let rows = try value(name).array else { throw .invalid("\(name) must be an array of arrays") }
        var result: [[Double]] = []
        for row in rows { result.append(try Self.numbers(row, name)) }
        return result
    }

    /// An array of objects.
    func objects(_ name: String) throws(StatsError) -> [Inputs] {
        guard let elements = try value(name).array else { throw .invalid("\(name) must be an array of objects") }
        var result: [Inputs] = []
        for element in elements {
            guard let object = element.object else { throw .invalid("\(name) must be an array of objects") }
            result.append(Inputs(object))
        }
        return result
    }

    private static func numbers(_ value: JSONValue, _ name: String) throws(StatsError) -> [Double] {
        guard let elements = value.array else { throw .invalid("\(name) must be an array of numbers") }
        var result: [Double] = []
        result.reserveCapacity(elements.count)
        for element in elements { result.append(try number(element, name)) }
        return result
    }

    private static func number(_ value: JSONValue, _ name: String) throws(StatsError) -> Double {
        if let number = value.double { return number }
        if let flag = value.bool { return flag ? 1 : 0 }
        switch value.string {
        case "nan": return .nan
        case "inf": return .infinity
        case "-inf": return -.infinity
        case let text?:
            if text.utf8.allSatisfy({ $0 == 45 || (48...57).contains($0) }), let number = Double(text) { return number }
        case nil: break
        }
        throw .invalid("\(name) must be a number")
    }
}

extension JSONValue {
    /// A double, or the word for what JSON cannot write.
    static func number(_ value: Double) -> JSONValue {
        if value.isFinite { return .double(value) }
        return value.isNaN ? "nan" : value > 0 ? "inf" : "-inf"
    }

    static func numbers(_ values: [Double]) -> JSONValue { .array(values.map { .number($0) }) }

    static func fields(_ members: KeyValuePairs<String, Double>) -> JSONValue {
        .object(JSONObject(members.map { ($0.key, .number($0.value)) }))
    }

    static func interval(_ interval: Interval) -> JSONValue {
        .fields(["lower": interval.lower, "upper": interval.upper])
    }

    /// A result that is truly infinite.
    static let unbounded: JSONValue = ["unbounded": true]

    /// Members added to an object.
    func with(_ members: KeyValuePairs<String, JSONValue>) -> JSONValue {
        guard case .object(var object) = self else { return self }
        for member in members { object[member.key] = member.value }
        return .object(object)
    }
}
