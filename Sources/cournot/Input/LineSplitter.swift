/// Cuts bytes that come in parts into lines.
struct LineSplitter {
    private var unfinished: [UInt8] = []

    /// How many bytes wait for their line's end.
    var waiting: Int { unfinished.count }

    /// The lines that end in `part`, without their line feeds; each byte is looked at once.
    mutating func lines(endingIn part: [UInt8]) -> [[UInt8]] {
        var lines: [[UInt8]] = []
        var start = part.startIndex
        while let end = part[start...].firstIndex(of: UInt8(ascii: "\n")) {
            lines.append(unfinished + part[start..<end])
            unfinished.removeAll(keepingCapacity: true)
            start = end + 1
        }
        unfinished += part[start...]
        return lines
    }

    /// What stands after the last line feed; nil when that is nothing.
    mutating func last() -> [UInt8]? {
        defer { unfinished = [] }
        return unfinished.isEmpty ? nil : unfinished
    }
}
