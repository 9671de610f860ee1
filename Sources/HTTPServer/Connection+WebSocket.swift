internal import EventLoop
internal import WebSocket

extension Connection {
    /// Beyond this many unsent bytes a client is not reading, and is cut off.
    private static let mostUnsent = 1 << 20
    /// How long a client has to answer our close.
    private static let closingNanoseconds: UInt64 = 5_000_000_000

    var isBehind: Bool { output.count - outputStart > Self.outputHighWater }

    /// Grants the handshake: from here on frames go both ways.
    func upgrade(_ response: Response, _ endpoint: any WebSocketEndpoint) {
        guard !server.isDraining else {
            refuse(
                server.responder.problem(
                    status: 503, code: "shutting_down", detail: "This server is about to end; another one will answer.")
            )
            endpoint.closed()
            return
        }
        put { output in
            ResponseEncoder.appendHead(
                of: response, framing: .length(0), keepsAlive: true, minorVersion: 1, dateLine: server.dateLine,
                extra: "Connection: Upgrade\r\nUpgrade: websocket\r\n", to: &output)
        }
        markDirty()
        phase = .upgraded
        // No request follows: what parsing needs is let go of.
        parser = RequestParser(limits: server.limits.head)
        server.countSocket(1)
        socket = SocketState(
            WebSocketChannel(limits: server.limits.socket), endpoint, at: loop.now, idle: server.limits.socketIdle)
        endpoint.opened(WebSocket(self))
        if !isParsing { settle() }
    }

    /// Takes what the client sent after its handshake.
    func receiveFrames(_ input: UnsafeRawBufferPointer) {
        guard let socket else { return }
        socket.heardAt = loop.now
        socket.isPinged = false
        let texts = unsafe socket.channel.receive(input)
        takeFrames()
        for text in texts where self.socket === socket && !socket.channel.hasSentClose {
            socket.endpoint.received(text)
        }
        guard phase == .upgraded else { return }
        if socket.channel.isOver || socket.channel.closeReceived != nil {
            // Who broke the rules may still be sending; who said goodbye is not.
            closeAfterOutput(lingering: socket.channel.closeReceived == nil)
        } else if isBehind {
            isHeldBack = true
        }
    }

    func sendText(_ text: [UInt8]) {
        guard phase == .upgraded, let socket else { return }
        socket.channel.send(text)
        takeFrames()
        if output.count - outputStart > Self.mostUnsent { abort() }
    }

    func closeSocket(_ code: CloseCode, _ reason: String) {
        guard phase == .upgraded, let socket, !socket.channel.hasSentClose else { return }
        socket.channel.close(code, reason: reason)
        takeFrames()
        socket.nextLook = loop.now.advanced(byNanoseconds: Self.closingNanoseconds)
        settle()
    }

    /// The wheel came by: who may not be here leaves, who is silent is asked, who stays silent is gone.
    func lookAtSocket() {
        guard phase == .upgraded, let socket else { return }
        if socket.channel.hasSentClose {
            close()
            return
        }
        guard socket.endpoint.maySpeak() else {
            closeSocket(.policy, "the session is over")
            return
        }
        let limits = server.limits
        if socket.isPinged {
            abort()
            return
        }
        let due = socket.heardAt.advanced(byNanoseconds: limits.socketIdle)
        if loop.now >= due {
            socket.isPinged = true
            socket.channel.ping()
            takeFrames()
            socket.nextLook = loop.now.advanced(byNanoseconds: limits.pongTimeout)
        } else {
            socket.nextLook = due
        }
        settle()
    }

    /// The connection ends, and with it the WebSocket.
    func endSocket() {
        guard let socket else { return }
        self.socket = nil
        server.countSocket(-1)
        socket.endpoint.closed()
    }

    private func takeFrames() {
        guard let bytes = socket?.channel.takeOutput(), !bytes.isEmpty else { return }
        put { $0.append(contentsOf: bytes) }
        markDirty()
    }
}
