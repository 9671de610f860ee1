internal import AgentRuntime
internal import Experiments
internal import HTTPServer
internal import JSON

extension PricingAPI {
    /// A conversation as it goes on, as Server-Sent Events: each message whole, under its id, from the one named on.
    func followConversation(_ context: Context) async throws(Problem) -> Response {
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
        let limits = configuration.live
        return Response(
            status: 200, headers: Self.eventHeaders,
            body: .stream { [self] output in
                defer { withExtendedLifetime(seat) {} }
                try await output.write("retry: 2000\n\n")
                var told = first
                var lastWrite = ContinuousClock.now
                while isStillWelcome(context), await output.hasReader {
                    // At the end what was said last is told still.
                    let ends = draining
                    // What cannot be read now is read at the next look.
                    let news = (try? await conversations.messages(of: id, after: told, limit: 50, in: tenant)) ?? []
                    for message in news {
                        try await output.write(Self.event("message", message.wire, id: message.id.description))
                        told = message.number
                        lastWrite = .now
                    }
                    if ends, news.isEmpty { break }
                    if ContinuousClock.now - lastWrite >= limits.heartbeat {
                        try await output.write(": \n\n")
                        lastWrite = .now
                    }
                    // Ends with the stream, not by being cancelled.
                    if news.isEmpty { try? await Task.sleep(for: limits.look) }
                }
            })
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
