internal import Glibc

/// The variables that the process was started with.
public enum Environment {
    /// The value of a variable; nil when it is unset or empty, which people mean to be the same.
    public static func value(of name: String) -> String? {
        guard let text = unsafe getenv(name) else { return nil }
        let value = unsafe String(cString: text)
        return value.isEmpty ? nil : value
    }
}
