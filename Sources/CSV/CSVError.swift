/// Why a record could not be read, and where. Lines are counted from 1, as editors do.
public struct CSVError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What is wrong.
    public enum Reason: Sendable, Equatable {
        /// A quoted field was opened here and never closed.
        case unterminatedQuote
        /// A quote stands inside a field that did not begin with one.
        case strayQuote
        /// Text follows the closing quote of a field.
        case textAfterQuote
        /// A carriage return without the line feed that belongs to it.
        case bareCarriageReturn
        /// The field's bytes are not UTF-8.
        case notUTF8
        /// The record has another number of fields than the header.
        case fieldCount(expected: Int, found: Int)
        /// More fields in a record, or more bytes in one, than are taken.
        case tooLong
        /// There is no header line.
        case noHeader
        /// Two columns of the header have the same name.
        case duplicateColumn(String)
    }

    public let line: Int
    public let reason: Reason

    public init(line: Int, reason: Reason) {
        self.line = line
        self.reason = reason
    }

    /// A sentence for a person, with the line.
    public var description: String { "line \(line): \(explanation)" }

    /// The sentence without the line.
    public var explanation: String {
        switch reason {
        case .unterminatedQuote: "a quoted field begins here and is never closed"
        case .strayQuote: "a quote stands inside an unquoted field; quote the whole field and double the quote"
        case .textAfterQuote: "text follows a closing quote; a quote inside a quoted field is doubled"
        case .bareCarriageReturn: "a carriage return stands without a line feed"
        case .notUTF8: "the text is not UTF-8"
        case .fieldCount(let expected, let found): "\(found) fields, but the header has \(expected)"
        case .tooLong: "the record is too long"
        case .noHeader: "there is no header line"
        case .duplicateColumn(let name): "the column \"\(name)\" is named twice"
        }
    }
}
