internal import CCurl
internal import EventLoop
internal import Synchronization

/// The thread that drives all transfers of a client. It alone touches libcurl's transfers.
final class Engine: Sendable {
    private enum Order: Sendable {
        case begin(Transfer)
        case goOn(Transfer)
        case abandon(Transfer)
    }

    private struct Orders {
        var waiting: [Order] = []
        var isStopped = false
    }

    private let handle: MultiHandle
    private let orders = Mutex(Orders())

    private static let isReady: Bool = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

    init(userAgent: String, trust: String?, mostConnections: Int) throws(HTTPClientError) {
        guard Self.isReady, let handle = MultiHandle(mostConnections: mostConnections) else {
            throw .unreachable("libcurl did not start")
        }
        self.handle = handle
        do throws(EventLoopError) {
            try Thread.spawn(label: "http-client") { [self] in
                Driver(handle, userAgent: userAgent, trust: trust).run { takeOrders() }
            }
        } catch {
            throw .unreachable("\(error)")
        }
    }

    func begin(_ transfer: Transfer) {
        if !give(.begin(transfer)) { transfer.end(.failure(.canceled)) }
    }

    func goOn(_ transfer: Transfer) { _ = give(.goOn(transfer)) }

    func abandon(_ transfer: Transfer) { _ = give(.abandon(transfer)) }

    func stop() {
        orders.withLock { $0.isStopped = true }
        handle.wake()
    }

    private func give(_ order: Order) -> Bool {
        let isTaken = orders.withLock { orders in
            guard !orders.isStopped else { return false }
            orders.waiting.append(order)
            return true
        }
        if isTaken { handle.wake() }
        return isTaken
    }

    /// Orders that were given since; nil once it was stopped and there are none.
    private func takeOrders() -> [(Driver) -> Void]? {
        orders.withLock { orders in
            defer { orders.waiting = [] }
            if orders.isStopped, orders.waiting.isEmpty { return nil }
            return orders.waiting.map { order in
                switch order {
                case .begin(let transfer): { $0.begin(transfer) }
                case .goOn(let transfer): { $0.goOn(transfer) }
                case .abandon(let transfer): { $0.abandon(transfer) }
                }
            }
        }
    }
}
