import JSON

// JSON: what parses is walked whole, and written and parsed again it is the same value.

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let start else { return 0 }
    let input = Array(UnsafeBufferPointer(start: start, count: count))
    if let value = try? JSONValue(parsing: input) {
        var writer = JSONWriter()
        writer.value(value)
        let again = try? JSONValue(parsing: writer.bytes)
        precondition(again == value, "written and read again it differs")
    }
    if let document = try? JSONDocument(parsing: input, maximumDepth: 8) {
        precondition(depth(of: document.root) <= 8)
    }
    for line in JSONLines(input) {
        precondition(line.number >= 1)
        _ = try? line.parse()
    }
    return 0
}

/// Containers within containers, asking each node for everything on the way.
private func depth(of node: JSONNode) -> Int {
    _ = (node.bool, node.int64, node.uint64, node.double, node.string, node.firstDuplicateKey)
    if let elements = node.elements { return 1 + (elements.map { depth(of: $0) }.max() ?? 0) }
    if let members = node.members { return 1 + (members.map { depth(of: $0.value) }.max() ?? 0) }
    return 0
}
