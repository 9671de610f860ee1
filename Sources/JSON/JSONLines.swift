import Glibc

/// The lines of an NDJSON body, each a JSON text of its own.
///
/// Lines end with LF or CRLF; the last one need not. Blank lines are counted and passed over.
public struct JSONLines: Sequence, Sendable {
    private let bytes: ArraySlice<UInt8>

    /// The lines of `bytes`.
    public init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
    }

    /// The lines of `bytes`.
    public init(_ bytes: [UInt8]) {
        self.bytes = bytes[...]
    }

    /// One line that is not blank.
    public struct Line: Sendable {
        /// Its number in the body, from 1.
        public let number: Int
        /// Its bytes, without the line's end.
        public let bytes: ArraySlice<UInt8>

        /// The line as a JSON text; offsets in errors count from the line's first byte.
        public func parse(maximumDepth: Int = 64) throws(JSONError) -> JSONDocument {
            try JSONDocument(parsing: bytes, maximumDepth: maximumDepth)
        }
    }

    /// Begins at the first line.
    public func makeIterator() -> Iterator {
        Iterator(rest: bytes)
    }

    /// Walks the lines.
    public struct Iterator: IteratorProtocol, Sendable {
        private var rest: ArraySlice<UInt8>
        private var number = 0

        init(rest: ArraySlice<UInt8>) {
            self.rest = rest
        }

        /// The next line that is not blank, nil at the end.
        public mutating func next() -> Line? {
            while !rest.isEmpty {
                number += 1
                let end = rest.firstNewline ?? rest.endIndex
                var line = rest[rest.startIndex..<end]
                rest = rest[Swift.min(end + 1, rest.endIndex)...]
                if line.last == UInt8(ascii: "\r") { line.removeLast() }
                if !line.allSatisfy({ $0 == 0x20 || $0 == 0x09 }) {
                    return Line(number: number, bytes: line)
                }
            }
            return nil
        }
    }
}

extension ArraySlice<UInt8> {
    fileprivate var firstNewline: Int? {
        unsafe withUnsafeBytes { bytes in
            guard let start = bytes.baseAddress, let found = unsafe memchr(start, 0x0A, bytes.count) else { return nil }
            return unsafe startIndex + (UnsafeRawPointer(found) - start)
        }
    }
}
