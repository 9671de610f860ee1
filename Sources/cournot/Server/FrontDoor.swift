internal import EventLoop
internal import HTTPServer
internal import JSON
internal import PricingAPI
internal import Synchronization

/// The API with a line in the log for every answer that is our own failure.
struct FrontDoor: Responder {
    let api: PricingAPI
    let log: Log
    private let quota = LineQuota(perSecond: 10)

    init(api: PricingAPI, log: Log) {
        self.api = api
        self.log = log
    }

    func bodyLimit(for head: RequestHead) -> Int { api.bodyLimit(for: head) }

    func reading(of head: RequestHead) -> (any HeadReading)? { api.reading(of: head) }

    func problem(status: Int, code: String, detail: String) -> Response {
        api.problem(status: status, code: code, detail: detail)
    }

    func respond(to request: Request, on loop: EventLoop) -> Reply {
        noted(api.respond(to: request, on: loop), to: request, on: loop)
    }

    private func noted(_ reply: consuming Reply, to request: Request, on loop: EventLoop) -> Reply {
        switch reply {
        case .now(let response):
            note(response, to: request, on: loop)
            return .now(response)
        case .later(let work):
            return .later {
                let response = await work()
                note(response, to: request, on: loop)
                return response
            }
        case .called(let begin):
            return .called { then in begin { then(noted($0, to: request, on: loop)) } }
        }
    }

    private func note(_ response: Response, to request: Request, on loop: EventLoop) {
        guard response.status >= 500, quota.take(at: loop.now.nanoseconds) else { return }
        log.write(
            .error, "request failed",
            [
                (.status, .integer(Int64(response.status))), (.route, .string(api.routeName(of: request))),
                (.requestID, .string(Self.requestID(of: response))),
                (.detail, .string(response.remark ?? "")),
            ])
    }

    /// Answers carry their id in the header lines made beforehand.
    private static func requestID(of response: Response) -> String {
        for line in response.rawHeaders.split(separator: UInt8(ascii: "\n")) {
            let text = String(decoding: line, as: UTF8.self)
            if text.hasPrefix("X-Request-Id: ") { return String(text.dropFirst(14).prefix { $0 != "\r" }) }
        }
        return ""
    }
}

/// Keeps a flood of failures from becoming a flood of log lines.
private final class LineQuota: Sendable {
    private let perSecond: Int
    private let state = Mutex((second: UInt64(0), taken: 0))

    init(perSecond: Int) { self.perSecond = perSecond }

    func take(at nanoseconds: UInt64) -> Bool {
        let second = nanoseconds / 1_000_000_000
        return state.withLock { state in
            if state.second != second { state = (second, 0) }
            state.taken += 1
            return state.taken <= perSecond
        }
    }
}
