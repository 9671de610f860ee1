internal import CLinux
internal import EventLoop
internal import Glibc

extension Connection {
    /// Reads while there is input and somebody to take it, but not for ever: then the other connections have a turn.
    func readInput() {
        var budget = 4
        while isReadable, canRead {
            guard budget > 0 else {
                scheduleRead()
                break
            }
            budget -= 1
            let buffer = unsafe server.scratch
            let count = unsafe clinux_receive(descriptor, buffer.baseAddress, buffer.count)
            if count > 0 {
                // Less than was asked for means that nothing is left, unless the end is: more will be announced,
                // an end that came with the data will not.
                if count < buffer.count, !endIsComing { isReadable = false }
                if phase == .lingering {
                    discard(count)
                } else if phase == .upgraded {
                    unsafe receiveFrames(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
                } else {
                    if case .body(var pace) = watch {
                        pace.moved(count)
                        watch = .body(pace)
                    }
                    unsafe parse(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
                }
            } else if count == 0 {
                isReadable = false
                readEnd()
            } else if errno == EAGAIN {
                isReadable = false
            } else if errno != EINTR {
                close()
            }
        }
        settle()
    }

    /// Goes on after an answer: with what was already read, then with the socket.
    func resumeInput() {
        guard phase == .receiving || phase == .upgraded else { return }
        if !pending.isEmpty {
            var input: [UInt8] = []
            swap(&input, &pending)
            if phase == .upgraded {
                unsafe input.withUnsafeBytes { unsafe receiveFrames($0) }
            } else {
                unsafe input.withUnsafeBytes { unsafe parse($0) }
            }
        }
        if isReadable, canRead {
            readInput()
        } else {
            settle()
        }
    }

    private var canRead: Bool {
        switch phase {
        case .receiving, .upgraded: !isHeldBack && pending.isEmpty
        case .lingering: true
        case .awaiting, .streaming, .closing, .closed: false
        }
    }

    private func scheduleRead() {
        guard !isReadScheduled else { return }
        isReadScheduled = true
        loop.runNextTurn { [self] in
            isReadScheduled = false
            readInput()
        }
    }

    private func readEnd() {
        hasReadEnd = true
        if phase == .lingering {
            close()
        } else {
            // The other side may still read: what it asked is answered, half a request is not.
            closeAfterOutput(lingering: false)
        }
    }

    private func discard(_ count: Int) {
        lingered += count
        if lingered > Self.lingerBytes { close() }
    }

    private func parse(_ input: UnsafeRawBufferPointer) {
        var position = 0
        isParsing = true
        while phase == .receiving, position < input.count {
            if !body.isEmpty || unsentBytes > Self.outputHighWater {
                isHeldBack = true
                break
            }
            var step = unsafe parser.feed(input, from: &position)
            if step == .head { step = acceptHead(hasMore: position < input.count) }
            switch step {
            case .more, .head: continue
            case .complete: answer()
            case .refused(let reason): refuse(reason)
            }
        }
        isParsing = false
        switch phase {
        case .receiving, .awaiting, .streaming:
            if position < input.count { pending = unsafe pending + input[position...] }
        case .upgraded:
            if position < input.count { unsafe receiveFrames(UnsafeRawBufferPointer(rebasing: input[position...])) }
        case .closing, .lingering, .closed: break
        }
    }

    private func acceptHead(hasMore: Bool) -> RequestParser.Step {
        let head = parser.head
        if head.reading == nil, parser.isRepeated { parser.keep(server.responder.reading(of: head)) }
        guard head.framing != .none else { return parser.acceptBody(limit: 0) }
        let step = parser.acceptBody(limit: server.bodyLimit(for: head))
        if step == .more, !hasMore, head.expectsContinue {
            put { ResponseEncoder.append("HTTP/1.1 100 Continue\r\n\r\n", to: &$0) }
            markDirty()
        }
        return step
    }

    private func answer() {
        hasAnswered = true
        take(ask())
    }

    private func take(_ reply: consuming Reply) {
        switch reply {
        case .now(let response):
            if phase == .awaiting { replyLater(response) } else { self.reply(response) }
        case .called(let begin):
            phase = .awaiting
            begin { [self] reply in
                assert(loop.isCurrent)
                if phase == .awaiting { take(reply) }
            }
        case .later(let work):
            phase = .awaiting
            Task.immediate(executorPreference: loop) { [self] in
                let response = await work()
                if loop.isCurrent {
                    replyLater(response)
                } else {
                    loop.execute { [self] in replyLater(response) }
                }
            }
        }
    }

    /// Its own function, so that the request is gone and the parser alone holds the head when the answer is written.
    @inline(never)
    private func ask() -> Reply {
        server.countRequest()
        let request = Request(head: parser.head, body: parser.takeBody(), remoteAddress: remoteAddress)
        return server.responder.respond(to: request, on: loop)
    }

    private func replyLater(_ response: Response) {
        guard phase == .awaiting else { return }
        phase = .receiving
        reply(response)
        if !isParsing { resumeInput() }
    }
}
