internal import AgentRuntime
internal import Experiments
internal import HTTPServer
internal import JSON
internal import Synchronization

extension PricingAPI {
    /// A conversation as it goes on: over a WebSocket where one is asked for, else as Server-Sent Events, each message
    /// whole, under its id, from the one named on.
    func followConversation(_ context: Context) async throws(Problem) -> Response {
        if WebSocketHandshake.isAsked(by: context.request.head) { return try await openSocket(context) }
        let tenant = try context.member.snapshot.tenant.id
        let id = try await conversation(of: context)
        let first = try context.messageNumber(in: id) ?? 0
        let principal = try context.member.principal
        let seat: LiveReports.Seat
        do throws(LiveReports.Refusal) {
            seat = try live.seat(of: principal)
        } catch {
            throw Problem(error)
        }
        return Response(
            status: 200, headers: Self.eventHeaders,
            body: .stream { [self] output in
                defer { withExtendedLifetime(seat) {} }
                try await output.write("retry: 2000\n\n")
                try await tell(id, of: tenant, after: first, context, to: output)
            })
    }

    /// Tells a conversation until its reader has gone, may not read any more, or the server is about to end.
    private func tell(
        _ id: ConversationID, of tenant: TenantID, after first: Int, _ context: Context, to output: ResponseWriter
    ) async throws(ConnectionClosed) {
        let limits = configuration.live
        let (looks, look) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let mustRead = NewsFlag()
        let ear = conversations.news.listen(to: id, of: tenant) { _ in
            mustRead.raise()
            look.yield()
        }
        let ticks = Task {
            while (try? await Task.sleep(for: limits.look)) != nil { look.yield() }
        }
        defer {
            withExtendedLifetime(ear) {}
            ticks.cancel()
        }
        var told = first
        var lastWrite = ContinuousClock.now
        look.yield()
        for await _ in looks {
            guard isStillWelcome(context), await output.hasReader else { return }
            // At the end what was said last is told still.
            let ends = draining
            if mustRead.lower() || ends {
                var news: [StoredMessage] = []
                repeat {
                    do throws(StoreError) {
                        news = try await conversations.messages(of: id, after: told, limit: 50, in: tenant)
                    } catch {
                        // What cannot be read now is read at the next look.
                        mustRead.raise()
                        news = []
                    }
                    for message in news {
                        try await output.write(Self.event("message", message.wire, id: message.id.description))
                        told = message.number
                        lastWrite = .now
                    }
                } while !news.isEmpty
            }
            if ends { return }
            if ContinuousClock.now - lastWrite >= limits.heartbeat {
                try await output.write(": \n\n")
                lastWrite = .now
            }
        }
    }

    // MARK: Events

    /// An answer as a stream: its words clause by clause, then the whole. Nothing of it is told before all was checked
    /// and kept, but a model's sentences, which were checked one by one.
    ///
    /// - Parameter shown: the words that were told already.
    static func events(of response: Response, after shown: String = "") -> [[UInt8]] {
        guard case .bytes(let body) = response.body, let message = try? JSONValue(parsing: body) else { return [] }
        var events: [[UInt8]] = []
        if message["role"]?.string != ChatMessage.Role.shopper.rawValue, let text = message["text"]?.string {
            // A message ends without the spaces that may end a sentence.
            let rest = text.hasPrefix(shown) ? text.dropFirst(shown.count) : ""
            for clause in clauses(of: rest) { events.append(delta(clause)) }
        }
        return events + [event("message", body, id: message["id"]?.string)]
    }

    static func delta(_ text: String) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("text", text)
        writer.endObject()
        return event("delta", writer.bytes, id: nil)
    }

    /// Pieces that make up the text, each ending where a clause does.
    private static func clauses(of text: Substring) -> [String] {
        var out: [String] = []
        var clause = ""
        var ends = false
        for character in text {
            if ends, !character.isWhitespace {
                out.append(clause)
                clause = ""
                ends = false
            }
            clause.append(character)
            if character.isWhitespace {
                ends = ends || character.isNewline || clause.dropLast().last.map { ".,;:!?".contains($0) } == true
            }
        }
        if !clause.isEmpty { out.append(clause) }
        return out
    }

    /// JSON has no line breaks of its own, so that one data line holds it.
    static func event(_ name: String, _ json: [UInt8], id: String?) -> [UInt8] {
        var out = Array((id.map { "id: \($0)\n" } ?? "").utf8)
        out += Array("event: \(name)\ndata: ".utf8)
        out += json
        out += [UInt8(ascii: "\n"), UInt8(ascii: "\n")]
        return out
    }
}

/// Whether something is there to be read; raised at first.
private final class NewsFlag: Sendable {
    private let isRaised = Atomic(true)

    func raise() { isRaised.store(true, ordering: .releasing) }

    /// Whether it was raised.
    func lower() -> Bool { isRaised.exchange(false, ordering: .acquiring) }
}
