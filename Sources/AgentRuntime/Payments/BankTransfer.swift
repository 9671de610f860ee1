internal import Crypto
internal import Experiments

/// A transfer from bank to bank: the buyer is told whose account it goes to and what to write on it, and the merchant says
/// when it came.
public struct BankTransfer: PaymentProvider {
    public let name = "bank"
    public let patience: Duration
    public var isConfirmedByHand: Bool { true }

    /// - Parameter patience: how long a transfer is waited for.
    public init(patience: Duration = .seconds(14 * 86_400)) {
        self.patience = patience
    }

    public func open(_ request: ChargeRequest) async -> OpeningOutcome {
        guard let account = request.settings.bankInstructions else {
            return .refused(
                Decline(code: "bank_instructions_missing", detail: "The shop has not said where a transfer goes to."))
        }
        let reference = Self.reference(of: request.key)
        return .opened(
            PaymentOpening(
                reference: reference, instructions: "\(account)\n\(request.amount.display)\n\(reference)"))
    }

    public func charge(_ request: ChargeRequest) async -> ChargeOutcome { .waiting(url: nil) }

    public func find(_ request: ChargeRequest) async -> ChargeFinding { .known(.waiting(url: nil)) }

    /// What comes later is the merchant's to send back: no machine sees it.
    public func withdraw(_ request: ChargeRequest) async -> ChargeOutcome { .declined(.abandoned) }

    /// The merchant sends it; that it was asked for is what is kept.
    public func refund(_ request: RefundRequest) async -> RefundOutcome {
        .succeeded(reference: Self.reference(of: request.key))
    }

    /// What to write on a transfer: `CN` and 12 letters and digits that are not mistaken for each other.
    static func reference(of key: String) -> String {
        let letters = Array("23456789ABCDEFGHJKLMNPQRSTUVWXYZ".utf8)
        let digits = SHA256.hash("transfer\u{0}" + key).bytes.prefix(12).map { letters[Int($0 & 31)] }
        return "CN" + String(decoding: digits, as: UTF8.self)
    }
}
