internal import Experiments
internal import HTTPServer
internal import JSON

/// The kinds of body that are read.
enum MediaType: Sendable {
    case json, jsonLines, csv, other

    private static let plainJSON: StaticString = "application/json"

    init(_ header: ArraySlice<UInt8>?) {
        // Nearly always, so it is decided without making a text.
        guard let header, !Self.plainJSON.matches(header) else {
            self = .json
            return
        }
        let name = header.prefix { $0 != UInt8(ascii: ";") && $0 != UInt8(ascii: " ") }.map { byte in
            (0x41...0x5a).contains(byte) ? byte | 0x20 : byte
        }
        switch String(decoding: name, as: UTF8.self) {
        case "application/json", "application/merge-patch+json": self = .json
        case "application/x-ndjson", "application/ndjson", "application/jsonl": self = .jsonLines
        case "text/csv": self = .csv
        default: self = .other
        }
    }
}

extension Context {
    var mediaType: MediaType { head.mediaType }

    /// The body as one JSON text.
    func json() throws(Problem) -> JSONDocument {
        guard case .json = mediaType else {
            throw Problem(415, "unsupported_media_type", "Send JSON, with \"Content-Type: application/json\".")
        }
        do throws(JSONError) {
            return try JSONDocument(parsing: request.body)
        } catch {
            throw Problem(400, "malformed_json", "\(error).")
        }
    }

    /// Reads the body as an object and refuses it with all its faults.
    func read<Value>(
        _ keys: [StaticString], readOnly: [StaticString] = [], _ body: (ObjectReader) -> Value
    ) throws(Problem) -> Value {
        let collector = FaultCollector()
        let document = try json()
        guard let reader = ObjectReader(document.root, keys: keys, readOnly: readOnly, collector) else {
            throw .invalid(collector.faults.list)
        }
        let value = body(reader)
        try collector.check()
        return value
    }

    /// For requests that say everything in their path: nothing, or an empty object.
    func requireNoContent() throws(Problem) {
        if request.body.isEmpty { return }
        try read([]) { _ in }
    }
}
