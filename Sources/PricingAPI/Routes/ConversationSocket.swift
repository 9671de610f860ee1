internal import AgentRuntime
internal import EventLoop
internal import Experiments
internal import HTTPServer
internal import JSON
internal import WebSocket

extension PricingAPI {
    /// The subprotocol of a conversation's WebSocket.
    static let socketProtocol = "cournot.chat.v1"
    /// Browsers cannot set headers on a WebSocket: theirs carry the session as a second subprotocol, after this.
    static let socketBearer = "cournot.bearer."

    /// A conversation in both directions: its messages as they are kept, and what the shopper says.
    func openSocket(_ context: Context) async throws(Problem) -> Response {
        let handshake: WebSocketHandshake
        do throws(WebSocketHandshake.Refusal) {
            handshake = try WebSocketHandshake(context.request.head)
        } catch {
            switch error {
            case .version:
                throw Problem(426, "websocket_version", "Only version 13 of the WebSocket protocol is spoken here.")
                    .with("Sec-WebSocket-Version", "13").with("Upgrade", "websocket")
            case .malformed(let detail): throw Problem(400, "websocket_malformed", detail)
            }
        }
        let isOffered = handshake.protocols.contains(Self.socketProtocol)
        guard isOffered || handshake.protocols.isEmpty else {
            throw Problem(400, "websocket_protocol", "Offer the subprotocol \(Self.socketProtocol), or none.")
        }
        let (principal, snapshot) = try context.member
        let id = try await conversation(of: context)
        let first = try context.messageNumber(in: id) ?? 0
        let seat: LiveReports.Seat
        do throws(LiveReports.Refusal) {
            seat = try live.seat(of: principal)
        } catch {
            throw Problem(error)
        }
        let socket = ChatSocket(self, context, id, of: snapshot.tenant.id, after: first, seat)
        return handshake.response(subprotocol: isOffered ? Self.socketProtocol : nil, socket)
    }

    /// What a shopper said over a WebSocket, as if posted.
    fileprivate func said(
        _ said: ChatSocket.Said, in id: ConversationID, _ context: Context, show: @escaping @Sendable (String) -> Void
    ) async throws(Problem) -> Response {
        // As newly as a request would: settings may have changed, and keys been taken away.
        guard
            case .member(_, let snapshot) = try caller(
                of: context.request, context.head, for: context.route, context.parameters)
        else { throw .notFound }
        try await chatLimiter.admit(id, of: snapshot.tenant, at: .read())
        let keeper = try said.name.map { name throws(Problem) in
            try ReplyKeeper(saying: said.text, as: Array(name.utf8)[...], in: id, context)
        }
        return try await answer(keeper, said.text, in: id, snapshot, show: show)
    }
}

/// One client's WebSocket in a conversation. It hears every message once, in order, from the one it named on; each that
/// it says is answered under the name it gave it.
///
/// `@unchecked Sendable`: belongs to its connection's loop, and is called on it alone.
private final class ChatSocket: WebSocketEndpoint, @unchecked Sendable {
    /// What waits to be said.
    struct Said: Sendable {
        let name: String?
        let text: String
    }

    private let api: PricingAPI
    private let context: Context
    private let id: ConversationID
    private let tenant: TenantID
    private let seat: LiveReports.Seat
    private var socket: WebSocket?
    private var ear: ConversationNews.Ear?
    /// The number of the message told last.
    private var told: Int
    private var waiting: [Said] = []
    private var isSaying = false
    /// Kept while an answer is under way, so that it can be told under its name.
    private var news: [StoredMessage] = []
    private var isReading = false
    private var mustReadAgain = false
    private var isEnding = false
    private var faults = 0

    private static let mostWaiting = 8
    private static let mostFaults = 20

    init(
        _ api: PricingAPI, _ context: Context, _ id: ConversationID, of tenant: TenantID, after: Int,
        _ seat: LiveReports.Seat
    ) {
        self.api = api
        self.context = context
        self.id = id
        self.tenant = tenant
        self.seat = seat
        told = after
    }

    // MARK: WebSocketEndpoint

    func opened(_ socket: WebSocket) {
        self.socket = socket
        let loop = socket.loop
        ear = api.conversations.news.listen(to: id, of: tenant) { [weak self] messages in
            // What this loop kept itself is heard before its answer is given.
            if loop.isCurrent { self?.hear(messages) } else { loop.execute { [weak self] in self?.hear(messages) } }
        }
        readOn()
    }

    func received(_ text: [UInt8]) {
        do throws(Problem) {
            let said = try Self.read(text)
            guard waiting.count < Self.mostWaiting else {
                tell(
                    Problem(409, "conversation_busy", "\(Self.mostWaiting) messages wait already; say it again then."),
                    to: said.name)
                return
            }
            waiting.append(said)
            sayNext()
        } catch {
            tell(error, to: nil)
            faults += 1
            if faults >= Self.mostFaults { socket?.close(.policy, reason: "too many faults") }
        }
    }

    func maySpeak() -> Bool { api.isStillWelcome(context) }

    func drains() {
        isEnding = true
        endIfDone()
    }

    func closed() {
        socket = nil
        ear = nil
        waiting = []
        news = []
    }

    private func endIfDone() {
        guard isEnding, !isSaying, waiting.isEmpty else { return }
        socket?.close(.goingAway, reason: "this server ends; another one will answer")
    }

    // MARK: Saying

    /// `{"type":"message","text":"…","id":"…"}`
    private static func read(_ text: [UInt8]) throws(Problem) -> Said {
        let document: JSONDocument
        do throws(JSONError) {
            document = try JSONDocument(parsing: text)
        } catch {
            throw Problem(400, "malformed_json", "\(error).")
        }
        let collector = FaultCollector()
        guard let reader = ObjectReader(document.root, keys: ["type", "text", "id"], collector) else {
            throw .invalid(collector.faults.list)
        }
        reader.require("type")
        reader.require("text")
        if let type = reader.string("type"), type != "message" {
            reader.fault("type", "The only type that is understood here is message.")
        }
        let name = reader.string("id")
        if let name, !(1...255).contains(name.utf8.count) || !name.utf8.allSatisfy({ (0x20...0x7e).contains($0) }) {
            reader.fault("id", "An id has 1 to 255 visible ASCII characters.")
        }
        let said = reader.chatText("text") ?? ""
        try collector.check()
        return Said(name: name, text: said)
    }

    private func sayNext() {
        guard !isSaying, let socket, !waiting.isEmpty else { return }
        isSaying = true
        let said = waiting.removeFirst()
        let loop = socket.loop
        Task.immediate(executorPreference: loop) { [self] in
            let outcome: Result<Response, Problem>
            do throws(Problem) {
                outcome = .success(
                    try await api.said(said, in: id, context) { sentence in
                        guard let name = said.name else { return }
                        if loop.isCurrent {
                            self.show(sentence, to: name)
                        } else {
                            loop.execute { [self] in show(sentence, to: name) }
                        }
                    })
            } catch {
                outcome = .failure(error)
            }
            if loop.isCurrent { finish(said, outcome) } else { loop.execute { [self] in finish(said, outcome) } }
        }
    }

    private func finish(_ said: Said, _ outcome: Result<Response, Problem>) {
        isSaying = false
        guard socket != nil else { return }
        let heard = news
        news = []
        switch outcome {
        case .failure(let problem):
            deliver(heard)
            tell(problem, to: said.name)
            if problem.status == 401 { socket?.close(.policy, reason: "the session is over") }
        case .success(let response):
            guard case .bytes(let bytes) = response.body else { break }
            let answer = (try? JSONValue(parsing: bytes))?["id"]?.string
            let number = answer.flatMap { MessageID($0)?.number(in: id) }
            deliver(heard, answering: said.name, with: number)
            // Answered before, or not heard of yet: it is told here all the same, under its name.
            if let number, !heard.contains(where: { $0.number == number }) { tell(bytes, to: said.name) }
        }
        endIfDone()
        sayNext()
    }

    // MARK: Hearing

    private func hear(_ messages: [StoredMessage]) {
        guard socket != nil else { return }
        if isSaying, !messages.isEmpty { news += messages } else { deliver(messages) }
    }

    /// Tells what follows what was told; where something is missing between, it is read.
    private func deliver(_ messages: [StoredMessage], answering name: String? = nil, with answer: Int? = nil) {
        if messages.isEmpty, answer == nil { return readOn() }
        for message in messages.sorted(by: { $0.number < $1.number }) where message.number > told {
            guard message.number == told + 1 else {
                readOn()
                // The answer is not kept waiting for what others said before it.
                if let answer, let last = messages.first(where: { $0.number == answer }) { tell(last.wire, to: name) }
                return
            }
            told = message.number
            tell(message.wire, to: message.number == answer ? name : nil)
        }
    }

    /// Reads from the store what was not told yet, at the client's pace.
    private func readOn() {
        guard let socket else { return }
        mustReadAgain = true
        guard !isReading else { return }
        isReading = true
        let loop = socket.loop
        Task.immediate(executorPreference: loop) { [self] in
            while mustReadAgain, self.socket != nil {
                mustReadAgain = false
                // What cannot be read now is read when the next news come.
                let found = (try? await api.conversations.messages(of: id, after: told, limit: 50, in: tenant)) ?? []
                for message in found where message.number == told + 1 {
                    guard await socket.waitForRoom() else { break }
                    guard message.number == told + 1 else { continue }
                    told = message.number
                    tell(message.wire, to: nil)
                }
                if found.count == 50 { mustReadAgain = true }
            }
            isReading = false
        }
    }

    // MARK: Telling

    private func tell(_ message: [UInt8], to name: String?) {
        // Whose session is over hears nothing more.
        guard let socket, socket.isOpen else { return }
        guard maySpeak() else {
            socket.close(.policy, reason: "the session is over")
            return
        }
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("type", "message")
        if let name { writer.field("to", name) }
        writer.key("message")
        writer.raw(message)
        writer.endObject()
        socket.send(writer.bytes)
    }

    /// A sentence of an answer that goes on.
    private func show(_ sentence: String, to name: String) {
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("type", "delta")
        writer.field("to", name)
        writer.field("text", sentence)
        writer.endObject()
        socket?.send(writer.bytes)
    }

    private func tell(_ problem: Problem, to name: String?) {
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("type", "error")
        if let name { writer.field("to", name) }
        writer.key("problem")
        writer.raw(problem.body(requestID: context.requestID))
        writer.endObject()
        socket?.send(writer.bytes)
    }
}
