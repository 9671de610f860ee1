internal import CCurl

/// Runs transfers. Belongs to the engine's thread.
final class Driver {
    private let multi: MultiHandle
    private let userAgent: String
    private let trust: String?
    private var running: [Int: EasyHandle] = [:]

    init(_ multi: MultiHandle, userAgent: String, trust: String?) {
        self.multi = multi
        self.userAgent = userAgent
        self.trust = trust
    }

    /// Until there are no more orders and there never will be.
    func run(_ orders: () -> [(Driver) -> Void]?) {
        while let orders = orders() {
            for order in orders { order(self) }
            multi.perform()
            while let (name, code) = multi.nextEnded() { finish(name, code) }
            multi.wait()
        }
        for easy in running.values {
            easy.transfer.end(.failure(.canceled))
            multi.remove(easy)
        }
    }

    func begin(_ transfer: Transfer) {
        guard let easy = EasyHandle(transfer, userAgent: userAgent, trust: trust), multi.add(easy) else {
            return transfer.end(.failure(.invalid("The address cannot be asked.")))
        }
        running[easy.name] = easy
    }

    func goOn(_ transfer: Transfer) { handle(of: transfer)?.goOn() }

    func abandon(_ transfer: Transfer) {
        guard let easy = handle(of: transfer) else { return }
        multi.remove(easy)
        running[easy.name] = nil
    }

    private func handle(of transfer: Transfer) -> EasyHandle? {
        running.values.first { $0.transfer === transfer }
    }

    private func finish(_ name: Int, _ code: CURLcode) {
        guard let easy = running.removeValue(forKey: name) else { return }
        multi.remove(easy)
        easy.transfer.end(easy.outcome(code))
    }
}
