import Testing

/// Records an issue unless `value` is within a relative error of `expected`.
func expectClose(
    _ value: Double, _ expected: Double, relative: Double = 1e-12, absolute: Double = 0,
    sourceLocation: SourceLocation = #_sourceLocation
) {
    let error = abs(value - expected)
    #expect(
        value == expected || error <= absolute + relative * abs(expected),
        "\(value) instead of \(expected): relative error \(error / abs(expected))", sourceLocation: sourceLocation)
}
