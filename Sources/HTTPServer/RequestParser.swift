internal import CHTTPParser
internal import Glibc

/// Bytes in, requests out: the whole of what the server believes about a byte stream, without a socket.
///
/// Feed it what arrives, in pieces of any size. It stops at each head, so that whoever drives it can say how large
/// the body may be (``acceptBody(limit:)``), and after each request, so that requests are answered in order:
///
/// ```swift
/// switch parser.feed(bytes, from: &position) {
/// case .more: break                       // all taken
/// case .head: parser.acceptBody(limit:)   // then go on feeding, or answer if it says `complete`
/// case .complete: use(parser.head, parser.takeBody()); parser.next()
/// case .refused(let reason): …            // the connection is lost for parsing
/// }
/// ```
public struct RequestParser: ~Copyable {
    /// What feeding came to.
    public enum Step: Equatable, Sendable {
        /// All input was taken and the request goes on.
        case more
        /// The head is complete: call ``RequestParser/acceptBody(limit:)``.
        case head
        /// The request is complete.
        case complete
        /// The stream is no acceptable HTTP; nothing more can be parsed from it.
        case refused(BadRequest)
    }

    /// Sizes that a head may not exceed.
    public struct HeadLimits: Sendable {
        /// Bytes of the request target.
        public var targetBytes: Int
        /// Bytes of the head without the target.
        public var headerBytes: Int
        /// Number of header lines.
        public var fields: Int

        /// Limits of a head; target and headers together stay under 60,000 bytes.
        public init(targetBytes: Int = 8192, headerBytes: Int = 16384, fields: Int = 100) {
            precondition(targetBytes > 0 && headerBytes > 0 && fields > 0 && targetBytes + headerBytes <= 60_000)
            self.targetBytes = targetBytes
            self.headerBytes = headerBytes
            self.fields = fields
        }
    }

    private enum State {
        /// → `headComplete`, `failed`
        case head
        /// Waits for `acceptBody`. → `countedBody`, `chunkedBody`, `complete`, `failed`
        case headComplete
        /// → `complete`
        case countedBody(length: Int)
        /// → `complete`, `failed`
        case chunkedBody(ChunkDecoder, limit: Int)
        /// → `head` by `next`
        case complete
        case failed(BadRequest)
    }

    private let limits: HeadLimits
    private var state = State.head
    private var scan: HeadScan
    /// The head of the request before, if it is not large: most clients send the same again on a connection, byte for
    /// byte, and what was found of it then holds.
    private var previous = RequestHead.none
    /// Whether the present head came before.
    private(set) var isRepeated = false
    private var body: [UInt8] = []
    /// Empty lines before a request line, of which a few are forgiven.
    private var emptyLineBytes = 0

    /// A parser at the start of a stream.
    public init(limits: HeadLimits = HeadLimits()) {
        self.limits = limits
        scan = HeadScan(fieldLimit: limits.fields)
    }

    /// The head of the present request; meaningful from `.head` until ``next()``.
    public private(set) var head = RequestHead.none

    /// Has the present head bring what was read out of it, here and when it comes again.
    mutating func keep(_ reading: (any HeadReading)?) { head = head.with(reading) }

    /// Whether nothing of a request has arrived yet.
    public var isBetweenRequests: Bool {
        if case .head = state { return scan.head.bytes.isEmpty }
        return false
    }

    /// Whether the head is complete and the body is not.
    public var isInBody: Bool {
        switch state {
        case .countedBody, .chunkedBody: true
        default: false
        }
    }

    /// Bytes of body so far.
    public var bodyCount: Int { body.count }

    /// Takes input from `position` on and moves `position` past what was taken.
    public mutating func feed(_ input: UnsafeRawBufferPointer, from position: inout Int) -> Step {
        switch state {
        case .head: return unsafe feedHead(input, from: &position)
        case .headComplete: return .head
        case .countedBody(let length):
            let count = min(length - body.count, input.count - position)
            unsafe body.append(contentsOf: UnsafeRawBufferPointer(rebasing: input[position..<(position + count)]))
            position += count
            guard body.count == length else { return .more }
            state = .complete
            return .complete
        case .chunkedBody(var decoder, let limit):
            let outcome = unsafe decoder.decode(input, from: &position, into: &body, limit: limit)
            state = .chunkedBody(decoder, limit: limit)
            switch outcome {
            case .more: return .more
            case .refused(let reason): return fail(reason)
            case .done:
                state = .complete
                return .complete
            }
        case .complete: return .complete
        case .failed(let reason): return .refused(reason)
        }
    }

    /// Says how many bytes of body the request may have, once its head is known.
    ///
    /// - Returns: `.complete` if there is no body to wait for, `.more` if there is, `.refused` if it announces more.
    public mutating func acceptBody(limit: Int) -> Step {
        guard case .headComplete = state else { preconditionFailure("the head is not complete, or was accepted") }
        switch head.framing {
        case .none:
            state = .complete
            return .complete
        case .length(let length):
            guard length <= limit else { return fail(.bodyTooLarge) }
            // An announcement alone gets no memory: beyond this the body grows as it arrives.
            body.reserveCapacity(min(length, 65536))
            state = .countedBody(length: length)
            return .more
        case .chunked:
            state = .chunkedBody(ChunkDecoder(), limit: limit)
            return .more
        }
    }

    /// Hands the body over.
    public mutating func takeBody() -> [UInt8] {
        var taken: [UInt8] = []
        swap(&taken, &body)
        return taken
    }

    /// Forgets the complete request; what is fed next begins another.
    public mutating func next() {
        guard case .complete = state else { preconditionFailure("the request is not complete") }
        previous = head.parts.bytes.count <= Self.largestKeptHead ? head : .none
        head = .none
        if !body.isEmpty { body = [] }
        emptyLineBytes = 0
        state = .head
    }

    // MARK: Head

    private static let largestKeptHead = 2048

    private mutating func feedHead(_ input: UnsafeRawBufferPointer, from position: inout Int) -> Step {
        if scan.head.bytes.isEmpty {
            // RFC 9112, 2.2: an empty line before the request line is forgiven; here, two.
            while position < input.count,
                unsafe input[position] == ASCII.carriageReturn || input[position] == ASCII.lineFeed
            {
                position += 1
                emptyLineBytes += 1
                guard emptyLineBytes <= 4 else { return fail(.malformed) }
            }
            if unsafe isPrevious(UnsafeRawBufferPointer(rebasing: input[position...])) {
                position += previous.parts.bytes.count
                head = previous
                isRepeated = true
                state = .headComplete
                return .head
            }
            isRepeated = false
        }
        let room = limits.targetBytes + limits.headerBytes + 1 - scan.head.bytes.count
        let end = min(input.count, position + room)
        let outcome = unsafe scan.scan(UnsafeRawBufferPointer(rebasing: input[position..<end]))
        switch outcome {
        case .complete(let consumed):
            position += consumed
            if let refusal = oversize ?? checked() { return fail(refusal) }
            head = RequestHead(scan.head)
            scan.head = HeadParts()
            state = .headComplete
            return .head
        case .refused(let refusal): return fail(oversize ?? refusal)
        case .more:
            position = end
            if let refusal = oversize ?? earlyFault { return fail(refusal) }
            return .more
        }
    }

    /// Whether `input` begins with the head of the request before: it ends with its empty line, so that the head of this
    /// request ends there too.
    private func isPrevious(_ input: UnsafeRawBufferPointer) -> Bool {
        let count = previous.parts.bytes.count
        guard count > 0, input.count >= count, let start = input.baseAddress else { return false }
        return unsafe previous.parts.bytes.withUnsafeBytes { bytes in
            guard let known = bytes.baseAddress else { return false }
            return unsafe memcmp(known, start, count) == 0
        }
    }

    private var oversize: BadRequest? {
        let target = scan.head.targetRange.count
        if target > limits.targetBytes { return .targetTooLong }
        return scan.head.bytes.count - target > limits.headerBytes ? .headersTooLarge : nil
    }

    /// What can be told of a head before it is complete: HTTP/0.9 ends its only line after the target, and would
    /// wait for an answer while we wait for headers.
    private var earlyFault: BadRequest? {
        let end = scan.head.targetRange.upperBound
        guard end > 0, end < scan.head.bytes.count, scan.head.bytes[end] != ASCII.space else { return nil }
        return .malformed
    }

    private mutating func checked() -> BadRequest? {
        let known = http_method(scan.methodNumber)
        guard let text = unsafe http_method_str(known) else { return .methodUnknown }
        switch known {
        case HTTP_GET: scan.head.method = .get
        case HTTP_HEAD: scan.head.method = .head
        case HTTP_POST: scan.head.method = .post
        case HTTP_PUT: scan.head.method = .put
        case HTTP_PATCH: scan.head.method = .patch
        case HTTP_DELETE: scan.head.method = .delete
        case HTTP_OPTIONS: scan.head.method = .options
        // One asks to be echoed with its cookies, the other to be a tunnel.
        case HTTP_TRACE, HTTP_CONNECT: return .methodUnknown
        default: scan.head.method = unsafe .other(String(cString: text))
        }
        return scan.head.check(methodLength: unsafe strlen(text))
    }

    private mutating func fail(_ reason: BadRequest) -> Step {
        // As far as it is known: an answer to HEAD has no body.
        if case .head = state { head = RequestHead(scan.head) }
        state = .failed(reason)
        return .refused(reason)
    }
}
