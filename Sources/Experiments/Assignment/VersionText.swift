/// GrowthBook SDK specification, "paddedVersionString": a version made into text that sorts as
/// versions do. Numbers are padded to five places; a release sorts after its pre-releases.
struct VersionText: Sendable, Equatable {
    private let units: [UInt16]

    /// `v1.2.3-rc.1+build` → `    1-    2-    3-rc-    1`. What is neither text nor number counts as 0.
    init(_ value: AttributeValue) {
        var source =
            switch value {
            case .string(let text) where !text.isEmpty: Array(text.utf16)
            case .number(let number): Array(ScriptNumber.text(of: number).utf16)
            default: Array("0".utf16)
            }
        // A line break ends what `.` matches, so a build tag with one is not a tag; such versions do
        // not exist, and are not worth a rule of their own.
        if let plus = source.firstIndex(of: 43) { source.removeSubrange(plus...) }
        if source.first == 118 { source.removeFirst() }

        var parts = source.split(omittingEmptySubsequences: false) { $0 == 45 || $0 == 46 }.map(Array.init)
        if parts.count == 3 { parts.append([126]) }
        var padded: [UInt16] = []
        for (index, part) in parts.enumerated() {
            if index > 0 { padded.append(45) }
            let isNumber = !part.isEmpty && part.allSatisfy { (48...57).contains($0) }
            if isNumber { padded.append(contentsOf: repeatElement(32, count: max(0, 5 - part.count))) }
            padded.append(contentsOf: part)
        }
        units = padded
    }

    func compares(to other: VersionText, _ relation: Condition.Relation) -> Bool {
        if units == other.units { return relation.holdsForEqual }
        return relation.holds(ascending: units.lexicographicallyPrecedes(other.units))
    }
}
