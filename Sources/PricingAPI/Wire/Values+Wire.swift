internal import Crypto
internal import Experiments
internal import JSON

// How the domain's values are written on the wire.

extension JSONWriter {
    mutating func string(_ text: ShortText) { string(clean: text.bytes.span.extracting(0..<text.count)) }

    /// `{"amount", "currency", "display"}`
    mutating func field(_ key: StaticString, _ money: Money) {
        self.key(key)
        beginObject()
        field("amount", money.amount)
        self.key("currency")
        string(clean: money.currency.letters.span)
        self.key("display")
        string(money.displayText)
        endObject()
    }

    /// Money that may be absent.
    mutating func field(_ key: StaticString, _ amount: Int64?, in currency: Currency) {
        if let amount { field(key, Money(amount: amount, currency: currency)) } else { null(key) }
    }

    mutating func field(_ key: StaticString, _ time: Timestamp) {
        self.key(key)
        string(time.text)
    }

    mutating func field(_ key: StaticString, optional time: Timestamp?) {
        if let time { field(key, time) } else { null(key) }
    }

    mutating func field(_ key: StaticString, optional text: String?) {
        if let text { field(key, text) } else { null(key) }
    }

    mutating func field(_ key: StaticString, optional value: Int?) {
        if let value { field(key, value) } else { null(key) }
    }

    mutating func field<Entity>(_ key: StaticString, _ id: Identifier<Entity>) {
        self.key(key)
        string(id.text)
    }

    mutating func field(_ key: StaticString, hex bytes: [UInt8]) { field(key, Hex.encode(bytes)) }

    /// `{"basis", "text", "jurisdiction"}`, or null.
    mutating func field(_ key: StaticString, optional disclosure: PriceDisclosure?) {
        self.key(key)
        guard let disclosure else {
            null()
            return
        }
        beginObject()
        field("basis", disclosure.basis.rawValue)
        field("text", disclosure.text)
        field("jurisdiction", disclosure.jurisdiction)
        endObject()
    }

    mutating func null(_ key: StaticString) {
        self.key(key)
        null()
    }

    /// A number; whole ones without a fraction, so that what was sent as `1` comes back as `1`.
    mutating func number(_ value: Double) {
        if let whole = Int64(exactly: value), whole.magnitude < 1 << 53 { int(whole) } else { double(value) }
    }

    mutating func number(_ key: StaticString, _ value: Double) {
        self.key(key)
        number(value)
    }

    mutating func field(_ key: StaticString, _ attributes: Attributes) {
        self.key(key)
        attribute(.object(attributes))
    }

    /// Members in the order of their names, so that equal values are equal bytes.
    mutating func attribute(_ value: AttributeValue) {
        switch value {
        case .null: null()
        case .bool(let value): bool(value)
        case .number(let value): number(value)
        case .string(let value): string(value)
        case .list(let elements):
            beginArray()
            for element in elements { attribute(element) }
            endArray()
        case .object(let members):
            beginObject()
            for (name, member) in members.sorted(by: { $0.key < $1.key }) {
                key(dynamic: name)
                attribute(member)
            }
            endObject()
        }
    }
}
