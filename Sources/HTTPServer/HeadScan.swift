internal import CHTTPParser

/// Runs http_parser over a head as it arrives and notes where its parts stand. It keeps bytes, not strings, and
/// judges nothing that http_parser does not: that is `HeadChecks`.
///
/// http_parser only ever sees heads. It stops at the empty line; bodies are framed by ``ChunkDecoder`` and by
/// counting, because the library as distributions build it (`HTTP_PARSER_STRICT=0`) does not look at the two bytes
/// that end a chunk.
@safe struct HeadScan {
    enum Outcome: Equatable {
        /// All was taken, the head goes on.
        case more
        /// The head ended after so many bytes of the input.
        case complete(consumed: Int)
        case refused(BadRequest)
    }

    /// The head so far; complete once `scan` says so, and then checked and taken by others.
    var head = HeadParts()
    /// http_parser's number for the method, known once the head is complete.
    var methodNumber: UInt32 { unsafe parser.method }

    private var parser = unsafe http_parser()
    private let fieldLimit: Int
    /// Where the bytes now scanned begin: as http_parser names them, and in `head.bytes`.
    private var base: UnsafePointer<CChar>?
    private var stored = 0
    private var lastWasValue = true
    private var isBroken = false
    private var hasTooManyFields = false

    init(fieldLimit: Int) { self.fieldLimit = fieldLimit }

    /// Takes `input`, which continues what was scanned before, or begins a head where `head` is empty. Not to be called
    /// again after `complete` or `refused` before `head` is.
    mutating func scan(_ input: UnsafeRawBufferPointer) -> Outcome {
        guard let start = unsafe input.bindMemory(to: CChar.self).baseAddress, input.count > 0 else {
            return .more
        }
        stored = head.bytes.count
        if stored == 0 {
            unsafe http_parser_init(&parser, HTTP_REQUEST)
            lastWasValue = true
            isBroken = false
            hasTooManyFields = false
        }
        unsafe base = start
        let length = input.count
        let consumed = unsafe withUnsafeMutablePointer(to: &self) { scan in
            unsafe scan.pointee.parser.data = UnsafeMutableRawPointer(scan)
            return unsafe http_parser_execute(&scan.pointee.parser, HeadScanCallbacks.settings, start, length)
        }
        unsafe base = nil
        let code = unsafe http_errno(parser.http_errno)
        if hasTooManyFields || code == HPE_HEADER_OVERFLOW { return .refused(.headersTooLarge) }
        if isBroken { return .refused(.malformedHeader) }
        if code == HPE_OK, consumed == length {
            unsafe head.bytes.append(contentsOf: input)
            return .more
        }
        // The line feed on which the head ended is not counted by http_parser.
        if code == HPE_CB_headers_complete, consumed < length, unsafe input[consumed] == ASCII.lineFeed {
            unsafe head.bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: input[...consumed]))
            return .complete(consumed: consumed + 1)
        }
        unsafe head.bytes.append(
            contentsOf:
                UnsafeRawBufferPointer(rebasing: input[..<min(consumed + 1, length)]))
        return .refused(refusal(for: code))
    }

    private func refusal(for code: http_errno) -> BadRequest {
        switch code {
        case HPE_INVALID_METHOD:
            // The first word of HTTP/2's preface is chosen to be no method.
            if head.bytes.starts(with: "PRI".utf8) { return .versionUnsupported }
            return head.bytes.allSatisfy(ASCII.isToken) ? .methodUnknown : .malformed
        case HPE_INVALID_VERSION: return .versionUnsupported
        case HPE_INVALID_URL, HPE_INVALID_HOST, HPE_INVALID_PORT, HPE_INVALID_PATH, HPE_INVALID_QUERY_STRING,
            HPE_INVALID_FRAGMENT:
            return .malformedTarget
        case HPE_INVALID_CONTENT_LENGTH: return .contentLengthInvalid
        case HPE_UNEXPECTED_CONTENT_LENGTH, HPE_INVALID_TRANSFER_ENCODING: return .framingAmbiguous
        case HPE_INVALID_HEADER_TOKEN, HPE_LF_EXPECTED: return .malformedHeader
        default: return .malformed
        }
    }

    // MARK: What http_parser reports

    fileprivate mutating func sawTarget(_ at: UnsafePointer<CChar>, _ length: Int) {
        let range = unsafe place(of: at, length)
        if head.targetRange.isEmpty {
            head.targetRange = range
        } else {
            head.targetRange = head.targetRange.lowerBound..<range.upperBound
        }
    }

    fileprivate mutating func sawName(_ at: UnsafePointer<CChar>, _ length: Int) {
        let range = unsafe place(of: at, length)
        let end = UInt16(clamping: range.upperBound)
        if lastWasValue {
            guard head.fields.count < fieldLimit else {
                hasTooManyFields = true
                return
            }
            let start = UInt16(clamping: range.lowerBound)
            head.fields.append(.init(nameStart: start, nameEnd: end, valueStart: end, valueEnd: end))
            lastWasValue = false
        } else if let last = head.fields.indices.last, length > 0 {
            isBroken = isBroken || Int(head.fields[last].nameEnd) != range.lowerBound
            head.fields[last].nameEnd = end
        }
    }

    fileprivate mutating func sawValue(_ at: UnsafePointer<CChar>, _ length: Int) {
        guard let last = head.fields.indices.last else { return }
        let range = unsafe place(of: at, length)
        let end = UInt16(clamping: range.upperBound)
        if !lastWasValue || head.fields[last].valueStart == head.fields[last].valueEnd {
            // A second piece for a value that was empty so far is a folded line as much as one with a gap.
            isBroken = isBroken || (lastWasValue && length > 0)
            head.fields[last].valueStart = UInt16(clamping: range.lowerBound)
            head.fields[last].valueEnd = end
            lastWasValue = true
        } else if length > 0 {
            isBroken = isBroken || Int(head.fields[last].valueEnd) != range.lowerBound
            head.fields[last].valueEnd = end
        }
    }

    fileprivate var mustStop: Bool { isBroken || hasTooManyFields }

    private func place(of at: UnsafePointer<CChar>, _ length: Int) -> Range<Int> {
        guard let base = unsafe base else { return 0..<0 }
        let start = unsafe stored + (at - base)
        return start..<(start + length)
    }
}

/// The callbacks http_parser is given: each finds its ``HeadScan`` through the parser's user pointer.
private enum HeadScanCallbacks {
    /// Written once, read by every parser, never freed.
    nonisolated(unsafe) static let settings: UnsafePointer<http_parser_settings> = {
        let settings = UnsafeMutablePointer<http_parser_settings>.allocate(capacity: 1)
        unsafe settings.initialize(to: http_parser_settings())
        unsafe http_parser_settings_init(settings)
        unsafe settings.pointee.on_url = { parser, at, length in
            unsafe HeadScanCallbacks.report(parser, at, length) { scan, at in unsafe scan.sawTarget(at, length) }
        }
        unsafe settings.pointee.on_header_field = { parser, at, length in
            unsafe HeadScanCallbacks.report(parser, at, length) { scan, at in unsafe scan.sawName(at, length) }
        }
        unsafe settings.pointee.on_header_value = { parser, at, length in
            unsafe HeadScanCallbacks.report(parser, at, length) { scan, at in unsafe scan.sawValue(at, length) }
        }
        // Neither "go on" (0) nor "there is no body" (1 and 2): stop here.
        unsafe settings.pointee.on_headers_complete = { _ in 3 }
        return unsafe UnsafePointer(settings)
    }()

    @inline(__always)
    private static func report(
        _ parser: UnsafeMutablePointer<http_parser>?, _ at: UnsafePointer<CChar>?, _ length: Int,
        _ note: (inout HeadScan, UnsafePointer<CChar>) -> Void
    ) -> Int32 {
        guard let data = unsafe parser?.pointee.data, let at = unsafe at else { return 1 }
        let scan = unsafe data.assumingMemoryBound(to: HeadScan.self)
        unsafe note(&scan.pointee, at)
        return unsafe scan.pointee.mustStop ? 1 : 0
    }
}
