internal import Experiments
internal import JSON

/// Gathers faults while a document is read, so that all are told at once.
final class FaultCollector {
    private(set) var faults = Faults()
    /// A hundred faults are as good as a million, and cost less.
    private static let most = 100

    /// Whether no more are listed.
    var isFull: Bool { faults.list.count > Self.most }

    func add(_ pointer: @autoclosure () -> JSONPointer, _ detail: @autoclosure () -> String) {
        if hasRoom() { faults.add(pointer().description, detail()) }
    }

    func add(at pointer: @autoclosure () -> String, _ detail: @autoclosure () -> String) {
        if hasRoom() { faults.add(pointer(), detail()) }
    }

    private func hasRoom() -> Bool {
        if faults.list.count == Self.most { faults.add("", "More is wrong; these are the first \(Self.most) faults.") }
        return faults.list.count < Self.most
    }

    /// Throws all that was found.
    func check() throws(Problem) {
        if !faults.isEmpty { throw .invalid(faults.list) }
    }
}

/// Reads one JSON object strictly: keys it does not know, keys said twice and values of another type are faults, each
/// at its place. Null reads as absent.
struct ObjectReader {
    private let keys: [StaticString]
    private let document: JSONDocument
    /// Of each key's value in the document; 0 where it is not there.
    private var places: [Int]
    let pointer: JSONPointer
    let collector: FaultCollector

    /// Nil, with a fault, unless `node` is an object.
    ///
    /// - Parameters:
    ///   - keys: the keys it may have.
    ///   - readOnly: keys that answers have and requests may not.
    init?(
        _ node: JSONNode, at pointer: JSONPointer = JSONPointer(), keys: [StaticString], readOnly: [StaticString] = [],
        _ collector: FaultCollector
    ) {
        self.keys = keys
        self.pointer = pointer
        self.collector = collector
        document = node.document
        // Made empty it is of a type that is not looked up.
        places = []
        places.append(contentsOf: repeatElement(0, count: keys.count))
        let isObject = document.forEachMember(ofObjectAt: node.place) { key, value in
            if let index = keys.firstIndex(where: { document.isString($0, at: key) }) {
                let isFirst = places[index] == 0
                places[index] = value
                if isFirst { return true }
                refuse(key, "This key stands here twice.")
            } else if readOnly.contains(where: { document.isString($0, at: key) }) {
                refuse(key, "Read-only: the server sets this.")
            } else {
                refuseUnknown(key)
            }
            return !collector.isFull
        }
        if !isObject { collector.add(pointer, "Expected an object, found \(Self.name(of: node)).") }
        if !isObject || collector.isFull { return nil }
    }

    /// Adds a fault at a key that stands at `place`.
    private func refuse(_ place: Int, _ detail: String) {
        collector.add(pointer.appending(document[place: place].string ?? ""), detail)
    }

    private func refuseUnknown(_ place: Int) {
        let key = document[place: place].string ?? ""
        let hint = Spelling.nearest(to: key, among: keys.map(\.description)).map { " Did you mean \"\($0)\"?" }
        collector.add(pointer.appending(String(key.prefix(100))), "Unknown key.\(hint ?? "")")
    }

    /// The value of a key that is there and not null.
    subscript(key: StaticString) -> JSONNode? {
        guard let place = place(of: key), !document.isNull(at: place) else { return nil }
        return document[place: place]
    }

    private func place(of key: StaticString) -> Int? {
        guard let index = keys.firstIndex(where: { $0.hasSameBytes(as: key) }), places[index] != 0 else { return nil }
        return places[index]
    }

    /// Whether a key is there with nothing as its value.
    func isNull(_ key: StaticString) -> Bool { place(of: key).map(document.isNull) ?? false }

    /// Adds a fault at a key of this object.
    func fault(_ key: StaticString, _ detail: String) { collector.add(pointer.appending(key.description), detail) }

    func require(_ key: StaticString) {
        if place(of: key).map(document.isNull) ?? true { fault(key, "This is missing.") }
    }

    func string(_ key: StaticString) -> String? {
        read(key, "a string") { $0.string }
    }

    func integer(_ key: StaticString) -> Int64? {
        read(key, "a whole number") { $0.int64 }
    }

    func number(_ key: StaticString) -> Double? {
        read(key, "a number") { $0.double }
    }

    func bool(_ key: StaticString) -> Bool? {
        read(key, "true or false") { $0.bool }
    }

    /// RFC 3339.
    func timestamp(_ key: StaticString) -> Timestamp? {
        guard let text = string(key) else { return nil }
        if let time = Timestamp(rfc3339: text) { return time }
        fault(key, "Not an RFC 3339 time such as 2026-05-01T12:00:00Z.")
        return nil
    }

    /// A tenant's own key: SKU, shopper, order.
    func tenantKey(_ key: StaticString) -> TenantKey? {
        guard let text = string(key) else { return nil }
        if let value = TenantKey(text) { return value }
        fault(key, "This has 1 to 256 bytes and no control characters.")
        return nil
    }

    func currency(_ key: StaticString) -> Currency? {
        guard let code = string(key) else { return nil }
        if let currency = Currency(code) { return currency }
        fault(key, "\"\(code.prefix(20))\" is not an ISO 4217 currency code.")
        return nil
    }

    /// An element that is no string reads as an empty one, so that the others keep their places.
    func strings(_ key: StaticString) -> [String]? {
        list(key) { node, place in
            if let text = node.string { return text }
            collector.add(place, "Expected a string, found \(Self.name(of: node)).")
            return ""
        }
    }

    /// `{"amount", "currency"}`; `display`, which answers have, is passed over.
    func money(_ key: StaticString) -> Money? {
        guard let inner = object(key, keys: ["amount", "currency", "display"]) else { return nil }
        inner.require("amount")
        inner.require("currency")
        guard let amount = inner.integer("amount"), let currency = inner.currency("currency") else { return nil }
        return Money(amount: amount, currency: currency)
    }

    func object(_ key: StaticString, keys: [StaticString]) -> ObjectReader? {
        guard let node = self[key] else { return nil }
        return ObjectReader(node, at: pointer.appending(key.description), keys: keys, collector)
    }

    /// - Parameter none: stands in for an element that is no object, so that the others keep their places.
    func objects<Element>(
        _ key: StaticString, keys: [StaticString], readOnly: [StaticString] = [], none: Element,
        _ read: (ObjectReader) -> Element
    ) -> [Element]? {
        list(key) { node, place in
            ObjectReader(node, at: place, keys: keys, readOnly: readOnly, collector).map(read) ?? none
        }
    }

    /// Named values of any type, as audiences ask for them.
    func attributes(_ key: StaticString) -> Attributes? {
        guard let node = self[key] else { return nil }
        let place = pointer.appending(key.description)
        guard node.members != nil else {
            collector.add(place, "Expected an object, found \(Self.name(of: node)).")
            return nil
        }
        guard case .object(let members)? = attribute(key) else { return nil }
        return members
    }

    /// A value of any type.
    func attribute(_ key: StaticString) -> AttributeValue? {
        guard let node = self[key] else { return nil }
        do {
            try node.requireUniqueKeys(at: pointer.appending(key.description))
        } catch {
            fault(key, "\(error).")
            return nil
        }
        return AttributeValue(node)
    }

    private func list<Element>(
        _ key: StaticString, _ read: (JSONNode, JSONPointer) -> Element
    ) -> [Element]? {
        guard let node = self[key] else { return nil }
        let place = pointer.appending(key.description)
        guard let elements = node.elements else {
            collector.add(place, "Expected an array, found \(Self.name(of: node)).")
            return nil
        }
        var out: [Element] = []
        var index = 0
        for element in elements {
            if collector.isFull { break }
            out.append(read(element, place.appending(index)))
            index += 1
        }
        return out
    }

    private func read<Value>(_ key: StaticString, _ wanted: String, _ value: (JSONNode) -> Value?) -> Value? {
        guard let node = self[key] else { return nil }
        if let value = value(node) { return value }
        fault(key, "Expected \(wanted), found \(Self.name(of: node)).")
        return nil
    }

    static func name(of node: JSONNode) -> String {
        switch node.kind {
        case .null: "null"
        case .bool: "true or false"
        case .integer, .unsigned: "a whole number"
        case .double: "a number"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }
}

extension AttributeValue {
    /// Precondition: no object in `node` says a key twice; of two the last would count.
    init(_ node: JSONNode) {
        switch node.kind {
        case .null: self = .null
        case .bool: self = .bool(node.bool ?? false)
        case .integer, .unsigned, .double: self = .number(node.double ?? 0)
        case .string: self = .string(node.string ?? "")
        case .array: self = .list((node.elements.map(Array.init) ?? []).map(AttributeValue.init))
        case .object:
            var members: [String: AttributeValue] = [:]
            for member in node.members.map(Array.init) ?? [] { members[member.key] = AttributeValue(member.value) }
            self = .object(members)
        }
    }
}
