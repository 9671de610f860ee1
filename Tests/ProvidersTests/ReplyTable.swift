import HTTPClient
import JSON
import Providers
import Synchronization

/// A server that answers by a table, and remembers what it was asked.
final class ReplyTable: Sendable {
    struct Call: Sendable {
        let method: String
        let path: String
        let headers: [String: String]
        let body: [UInt8]

        var json: JSONValue { (try? JSONValue(parsing: body)) ?? .null }
    }

    struct State {
        var answers: [String: (status: Int, body: JSONValue)] = [:]
        var calls: [Call] = []
    }

    private let state = Mutex(State())
    private let base: String

    init(_ base: String) { self.base = base }

    /// - Parameter request: such as `GET /v1/orders`.
    func answer(_ request: String, _ body: JSONValue, status: Int = 200) {
        state.withLock { $0.answers[request] = (status, body) }
    }

    func calls(_ request: String) -> [Call] {
        state.withLock { $0.calls.filter { "\($0.method) \($0.path)" == request } }
    }

    var send: ProviderWire.Send {
        { request throws(HTTPClientError) in
            let path = String(request.url.dropFirst(self.base.count))
            let headers = Dictionary(request.headers.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })
            let answer = self.state.withLock { state in
                state.calls.append(Call(method: request.method, path: path, headers: headers, body: request.body))
                return state.answers["\(request.method) \(path)"]
            }
            guard let answer else { throw .timedOut }
            return (answer.status, answer.body.serialized())
        }
    }
}
