extension String {
    /// With spaces after it up to a width in characters.
    func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }

    /// With spaces before it up to a width in characters.
    func leading(_ width: Int) -> String { String(repeating: " ", count: max(0, width - count)) + self }
}
