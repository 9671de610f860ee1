/// A path to a value inside a document (RFC 6901), such as `/variants/0/price`.
///
/// The empty pointer means the whole document.
public struct JSONPointer: Sendable, Hashable, CustomStringConvertible {
    /// The pointer as it is written, tokens escaped.
    public private(set) var description: String

    /// The whole document.
    public init() {
        description = ""
    }

    /// The pointer made of `tokens`, each escaped (`~` → `~0`, `/` → `~1`).
    public init(_ tokens: String...) {
        self.init()
        for token in tokens {
            append(token)
        }
    }

    /// Goes down into the member called `key`.
    public mutating func append(_ key: String) {
        description += "/"
        for character in key.unicodeScalars {
            switch character {
            case "~": description += "~0"
            case "/": description += "~1"
            default: description.unicodeScalars.append(character)
            }
        }
    }

    /// Goes down into the element at `index`, from zero.
    public mutating func append(_ index: Int) {
        description += "/\(index)"
    }

    /// The pointer to the member called `key` of what this one points at.
    public func appending(_ key: String) -> JSONPointer {
        var longer = self
        longer.append(key)
        return longer
    }

    /// The pointer to the element at `index` of what this one points at.
    public func appending(_ index: Int) -> JSONPointer {
        var longer = self
        longer.append(index)
        return longer
    }
}
