/// A way to divide shoppers that is declared before the start: by an attribute that is told with the first quote.
public struct Segment: Sendable, Equatable, Codable {
    /// Of the shopper; none that is protected from discrimination.
    public let attribute: String
    /// Two to twenty, distinct. What is none of them is `other`; what is not told, `not told`.
    public let values: [String]

    public init(attribute: String, values: [String]) {
        self.attribute = attribute
        self.values = values
    }

    /// The most an experiment declares, and the most values of one.
    public static let most = 5
    public static let mostValues = 20

    /// The number of a shopper's value: its place among the declared, then `other`, then `not told`.
    public func code(of value: AttributeValue?) -> UInt8 {
        let text: String
        switch value ?? .null {
        case .null: return UInt8(clamping: values.count + 1)
        case .string(let string): text = string
        case .bool(let flag): text = flag ? "true" : "false"
        case .number(let number): text = Int64(exactly: number).map(String.init) ?? "\(number)"
        case .list, .object: return UInt8(clamping: values.count)
        }
        return UInt8(clamping: values.firstIndex(of: text) ?? values.count)
    }

    /// What a number of `code` is called, in the order they are listed; nil for none.
    public func name(of code: Int) -> String? {
        if values.indices.contains(code) { return values[code] }
        return code == values.count ? "other" : code == values.count + 1 ? "not told" : nil
    }
}
