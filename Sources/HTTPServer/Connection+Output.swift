internal import CLinux
internal import EventLoop
internal import Glibc

extension Connection {
    /// Bodies above this are compressed on the worker pool: a loop should not stand still for a millisecond.
    private static let compressOnLoopBytes = 32 * 1024
    /// Bodies up to this are copied behind their head, to leave with it; larger ones are sent from where they are.
    private static let copiedBytes = 16 * 1024

    // MARK: Answers

    /// Writes the answer to the parser's present request.
    func reply(_ response: Response) {
        assert(loop.isCurrent)
        switch response.body {
        case .empty: write(response, bytes: [])
        case .bytes(let bytes): reply(response, bytes)
        case .shared(let body): reply(response, body.bytes, kept: body)
        case .stream(let body): stream(response, body)
        case .webSocket(let endpoint): upgrade(response, endpoint)
        }
    }

    private func reply(_ response: Response, _ bytes: [UInt8], kept: SharedBody? = nil) {
        guard bytes.count > server.limits.gzipAbove, ResponseEncoder.hasBody(status: response.status),
            isCompressible(response)
        else {
            write(response, bytes: bytes)
            return
        }
        guard let accepted = parser.head.headerBytes("accept-encoding"), Gzip.isAccepted(accepted) else {
            write(response, bytes: bytes, extra: "Vary: Accept-Encoding\r\n")
            return
        }
        if let known = kept?.compressedForm {
            writeCompressed(response, known, original: bytes)
        } else {
            compress(bytes, for: response, kept: kept)
        }
    }

    /// Refuses the present request, and with it whatever follows on this connection.
    func refuse(_ reason: BadRequest) {
        server.countRefusal(reason)
        refuse(server.responder.problem(status: reason.status, code: reason.code, detail: reason.detail))
    }

    /// Answers with `response` and closes.
    func refuse(_ response: Response) {
        let bytes: [UInt8] = if case .bytes(let bytes) = response.body { bytes } else { [] }
        let hasBody = parser.head.method != .head
        put { output in
            ResponseEncoder.appendHead(
                of: response, framing: .length(bytes.count), keepsAlive: false, minorVersion: 1,
                dateLine: server.dateLine, to: &output)
            if hasBody { output.append(contentsOf: bytes) }
        }
        closeAfterOutput(lingering: true)
    }

    private func isCompressible(_ response: Response) -> Bool {
        var type: String?
        for (name, value) in response.headers {
            if ResponseEncoder.isName(name, "content-encoding") { return false }
            if ResponseEncoder.isName(name, "content-type") { type = value }
        }
        return type.map(Gzip.isWorthwhile) ?? false
    }

    private func compress(_ bytes: [UInt8], for response: Response, kept: SharedBody?) {
        let compressed = { @Sendable in if let kept { kept.compress() } else { Gzip.compressed(bytes) } }
        guard bytes.count > Self.compressOnLoopBytes else {
            writeCompressed(response, compressed(), original: bytes)
            return
        }
        phase = .awaiting
        server.workers.execute { [self] in
            let compressed = compressed()
            loop.execute { [self] in
                guard phase == .awaiting else { return }
                phase = .receiving
                writeCompressed(response, compressed, original: bytes)
                if !isParsing { resumeInput() }
            }
        }
    }

    private func writeCompressed(_ response: Response, _ compressed: [UInt8]?, original: [UInt8]) {
        if let compressed {
            write(response, bytes: compressed, extra: "Content-Encoding: gzip\r\nVary: Accept-Encoding\r\n")
        } else {
            write(response, bytes: original, extra: "Vary: Accept-Encoding\r\n")
        }
    }

    private func write(_ response: Response, bytes: [UInt8], extra: StaticString = "") {
        let head = parser.head
        let keepsAlive = keepsAlive(after: response, to: head)
        let isSent = head.method != .head && ResponseEncoder.hasBody(status: response.status)
        let isCopied = bytes.count <= Self.copiedBytes
        put { output in
            ResponseEncoder.appendHead(
                of: response, framing: .length(bytes.count), keepsAlive: keepsAlive, minorVersion: head.minorVersion,
                dateLine: server.dateLine, extra: extra, to: &output)
            if isSent, isCopied { output.append(contentsOf: bytes) }
        }
        if isSent, !isCopied { body = bytes }
        endReply(keepsAlive: keepsAlive)
    }

    private func keepsAlive(after response: Response, to head: RequestHead) -> Bool {
        guard head.keepsAlive, !server.isDraining else { return false }
        for (name, value) in response.headers where ResponseEncoder.isName(name, "connection") {
            if ResponseEncoder.isName(value, "close") { return false }
        }
        return true
    }

    private func endReply(keepsAlive: Bool) {
        if keepsAlive {
            parser.next()
            phase = .receiving
            markDirty()
        } else {
            closeAfterOutput(lingering: isReadable || !pending.isEmpty)
        }
    }

    // MARK: Streams

    private func stream(_ response: Response, _ body: @escaping @Sendable (ResponseWriter) async throws -> Void) {
        let head = parser.head
        let isChunked = head.minorVersion == 1
        let keepsAlive = isChunked && keepsAlive(after: response, to: head)
        streamIsChunked = isChunked
        streamKeepsAlive = keepsAlive
        put { output in
            ResponseEncoder.appendHead(
                of: response, framing: isChunked ? .chunked : .untilClose, keepsAlive: keepsAlive,
                minorVersion: head.minorVersion, dateLine: server.dateLine, to: &output)
        }
        if head.method == .head || !ResponseEncoder.hasBody(status: response.status) {
            endReply(keepsAlive: streamKeepsAlive)
            return
        }
        phase = .streaming
        markDirty()
        let writer = ResponseWriter(connection: self)
        self.writer = writer
        Task.immediate(executorPreference: loop) { [self] in
            var isWhole = true
            do {
                try await body(writer)
            } catch {
                isWhole = false
            }
            if loop.isCurrent {
                endStream(isWhole: isWhole)
            } else {
                loop.execute { [self, isWhole] in endStream(isWhole: isWhole) }
            }
        }
    }

    private func endStream(isWhole: Bool) {
        writer = nil
        guard phase == .streaming else { return }
        guard isWhole else {
            abort()
            return
        }
        if streamIsChunked { put { ResponseEncoder.appendLastChunk(to: &$0) } }
        endReply(keepsAlive: streamKeepsAlive)
        if phase == .receiving, !isParsing { resumeInput() }
    }

    enum WriteOutcome {
        case written
        /// Written, and the client is behind: wait before writing more.
        case mustWait
        case closed
    }

    func write(_ bytes: [UInt8], for writer: ResponseWriter) -> WriteOutcome {
        guard phase == .streaming, self.writer === writer else { return .closed }
        let isChunked = streamIsChunked
        put { output in
            if isChunked { ResponseEncoder.appendChunk(bytes, to: &output) } else { output.append(contentsOf: bytes) }
        }
        markDirty()
        return output.count - outputStart > Self.outputHighWater ? .mustWait : .written
    }

    func hasReader(of writer: ResponseWriter) -> Bool {
        phase == .streaming && self.writer === writer && !endIsComing && !hasReadEnd
    }

    /// Resumes the continuation with true once the output has left, with false if it never will.
    func waitForRoom(_ continuation: CheckedContinuation<Bool, Never>) {
        guard phase == .streaming || phase == .upgraded else {
            continuation.resume(returning: false)
            return
        }
        waitingForRoom = waitingForRoom + [continuation]
    }

    // MARK: The socket

    /// Sends what is there. What the kernel does not take waits for its word.
    func flush() {
        guard phase != .closed else { return }
        // Told that more comes the kernel fills its packets: head and body leave as one.
        var outcome: SendOutcome
        (outcome, outputStart) = send(output, from: outputStart, body.isEmpty ? 0 : Int32(MSG_MORE))
        if outcome == .whole, !body.isEmpty { (outcome, bodyStart) = send(body, from: bodyStart, 0) }
        switch outcome {
        case .whole:
            put { $0.removeAll(keepingCapacity: $0.capacity <= 4096) }
            outputStart = 0
            body = []
            bodyStart = 0
            outputHasLeft()
        case .blocked: outputIsBlocked()
        case .broken: close()
        }
    }

    private enum SendOutcome { case whole, blocked, broken }

    /// Sends `bytes` from `start` on, as far as the kernel takes them; and how far that is.
    private func send(_ bytes: [UInt8], from first: Int, _ flags: Int32) -> (SendOutcome, Int) {
        var start = first
        while start < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { bytes in
                unsafe clinux_send(
                    descriptor, bytes.baseAddress.map { unsafe $0 + start }, bytes.count - start,
                    flags | Int32(MSG_NOSIGNAL))
            }
            if count >= 0 {
                start += count
                if case .output(var pace) = watch {
                    pace.moved(count)
                    watch = .output(pace)
                }
            } else if errno == EAGAIN {
                return (.blocked, start)
            } else if errno != EINTR {
                return (.broken, start)
            }
        }
        return (.whole, start)
    }

    private func outputIsBlocked() {
        if outputStart > Self.outputHighWater {
            let sent = outputStart
            put { $0.removeFirst(sent) }
            outputStart = 0
        }
        if case .output = watch { return }
        watch = .output(Pace(start: loop.now))
        arm()
    }

    private func outputHasLeft() {
        let waiting = waitingForRoom
        waitingForRoom = []
        for continuation in waiting { continuation.resume(returning: true) }
        if phase == .closing {
            finishClosing()
            return
        }
        if case .output = watch { settle() }
        if isHeldBack {
            isHeldBack = false
            loop.execute { [self] in resumeInput() }
        }
    }
}
