/// What this program is.
enum Version {
    /// Semantic versioning.
    static let current = "0.1.0"
}
