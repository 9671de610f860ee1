import JSON

/// The part of JSON Schema that our document uses. What it does not know it complains of, so that nothing is passed
/// over in silence.
struct Schema {
    let document: JSONValue

    private static let annotations: Set<String> = ["description", "default", "format", "example", "$defs"]

    /// Every way in which `value` is not what `schema` says.
    func faults(_ value: JSONValue, _ schema: JSONValue, at place: String = "") -> [String] {
        guard let keywords = schema.object else { return ["\(place): the schema is no object"] }
        var faults: [String] = []
        func expect(_ holds: Bool, _ what: String) { if !holds { faults.append("\(place): \(what)") } }
        for keyword in keywords.members where !Self.annotations.contains(keyword.key) {
            let wanted = keyword.value
            switch keyword.key {
            case "$ref": faults += self.faults(value, resolve(wanted.string ?? ""), at: place)
            case "anyOf":
                expect((wanted.array ?? []).contains { self.faults(value, $0).isEmpty }, "none of anyOf")
            case "oneOf":
                expect((wanted.array ?? []).count { self.faults(value, $0).isEmpty } == 1, "not one of oneOf")
            case "type":
                let types = wanted.array?.compactMap(\.string) ?? [wanted.string ?? ""]
                expect(types.contains { Self.isOf($0, value) }, "not \(types)")
            case "enum": expect(wanted.array?.contains(value) == true, "not in the enum")
            case "properties": faults += properties(value, wanted, at: place)
            case "required":
                for name in wanted.array?.compactMap(\.string) ?? [] where value.object != nil {
                    expect(value[name] != nil, "\(name) is missing")
                }
            case "additionalProperties":
                let known = Set(schema["properties"]?.object?.keys ?? [])
                if wanted == false {
                    for key in value.object?.keys ?? [] { expect(known.contains(key), "\(key) is unknown") }
                }
            case "items":
                for (index, element) in (value.array ?? []).enumerated() {
                    faults += self.faults(element, wanted, at: "\(place)/\(index)")
                }
            case "minItems": expect(value.array.map { $0.count >= Int(wanted.int64 ?? 0) } ?? true, "too few")
            case "maxItems": expect(value.array.map { $0.count <= Int(wanted.int64 ?? 0) } ?? true, "too many")
            case "minLength": expect(value.string.map { $0.count >= Int(wanted.int64 ?? 0) } ?? true, "too short")
            case "maxLength": expect(value.string.map { $0.count <= Int(wanted.int64 ?? 0) } ?? true, "too long")
            case "minimum": expect(number(value) { $0 >= wanted.double ?? 0 }, "too small")
            case "maximum": expect(number(value) { $0 <= wanted.double ?? 0 }, "too large")
            case "exclusiveMinimum": expect(number(value) { $0 > wanted.double ?? 0 }, "too small")
            case "exclusiveMaximum": expect(number(value) { $0 < wanted.double ?? 0 }, "too large")
            case "pattern":
                if let text = value.string, let pattern = try? Regex(wanted.string ?? "(") {
                    expect(text.firstMatch(of: pattern) != nil, "\(text) is not \(wanted.string ?? "")")
                }
            default: faults.append("\(place): the keyword \(keyword.key) is not known to this test")
            }
        }
        return faults
    }

    func resolve(_ reference: String) -> JSONValue {
        reference.split(separator: "/").dropFirst().reduce(document) { $0[String($1)] ?? .null }
    }

    private func properties(_ value: JSONValue, _ schemas: JSONValue, at place: String) -> [String] {
        (value.object?.members ?? []).flatMap { member in
            schemas[member.key].map { faults(member.value, $0, at: "\(place)/\(member.key)") } ?? []
        }
    }

    private func number(_ value: JSONValue, _ holds: (Double) -> Bool) -> Bool { value.double.map(holds) ?? true }

    private static func isOf(_ type: String, _ value: JSONValue) -> Bool {
        switch (type, value) {
        case ("null", .null), ("boolean", .bool), ("string", .string), ("array", .array), ("object", .object),
            ("integer", .integer), ("integer", .unsigned), ("number", .integer), ("number", .unsigned),
            ("number", .double):
            true
        default: false
        }
    }
}
