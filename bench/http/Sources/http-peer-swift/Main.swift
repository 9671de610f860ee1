import EventLoop
import HTTPServer

/// Answers as the C peer does: the same 103 bytes of JSON to every GET, at once, from a task, or from bytes made
/// for the occasion.
struct Peer: Responder {
    static let json = Array(
        #"{"id":"quo_0123456789abcdef","price":{"amount":2499,"currency":"USD"},"expires_at":"2026-01-01T00:00Z"}"#
            .utf8)
    static let headers = Array("Content-Type: application/json\r\n".utf8)
    static let answer = Response(status: 200, rawHeaders: headers, body: .bytes(json))
    static let absent = Response(status: 404, contentType: "text/plain", body: Array("not found\n".utf8))

    static let notAllowed = Response(status: 405, headers: [("Allow", "GET, HEAD")])

    func respond(to request: Request, on loop: EventLoop) -> Reply {
        guard request.method == .get || request.method == .head else { return .now(Self.notAllowed) }
        if request.pathIs("/now") || request.pathIs("/health") { return .now(Self.answer) }
        if request.pathIs("/later") { return .later { Self.answer } }
        if request.pathIs("/built") {
            let host = request.header("host") ?? ""
            return .now(
                Response(status: 200, contentType: "application/json", body: Array(#"{"host":"\#(host)"}"#.utf8)))
        }
        return .now(Self.absent)
    }
}

@main
enum Main {
    static func main() async throws {
        let port = CommandLine.arguments.count > 1 ? Int(CommandLine.arguments[1]) ?? 0 : 0
        let loops = CommandLine.arguments.count > 2 ? Int(CommandLine.arguments[2]) ?? 1 : 1
        let server = HTTPServer(configuration: .init(port: port, loops: loops), responder: Peer())
        try server.start()
        print("listening on \(server.port)")
        while true { try await Task.sleep(for: .seconds(3600)) }
    }
}
