/// One thing wrong with what came from outside, and where it stands.
public struct Fault: Sendable, Equatable {
    /// RFC 6901 pointer into the document as the sender wrote it, such as `/variants/0/price`.
    public let pointer: String
    /// A sentence a person can act on.
    public let detail: String

    public init(_ pointer: String, _ detail: String) {
        self.pointer = pointer
        self.detail = detail
    }
}

/// Everything wrong with a document, all at once.
public struct Faults: Error, Sendable, Equatable {
    public private(set) var list: [Fault]

    public init(_ list: [Fault] = []) { self.list = list }

    public var isEmpty: Bool { list.isEmpty }

    public mutating func add(_ pointer: String, _ detail: String) {
        list.append(Fault(pointer, detail))
    }

    /// Throws itself when there is something to say.
    public func check() throws(Faults) {
        if !list.isEmpty { throw self }
    }
}
