public import Experiments

/// Why a checkout was not made, completed or ended, or a refund not made.
public enum CheckoutError: Error, Sendable, Equatable {
    /// Not there, or another tenant's: the two cannot be told apart.
    case notFound
    /// What came is understood and wrong.
    case invalid(Faults)
    /// Nothing else is wrong but that the quotes named ended.
    case quotesExpired(Faults)
    /// The checkout has ended by itself: ask for quotes and make another.
    case expired(at: Timestamp)
    case wrongState(Checkout.Status, action: String)
    /// The buyer agreed to other totals than these.
    case totalsChanged
    /// No payment provider is there, or none of this name.
    case noProvider
    /// The provider did not answer what has to be known first. Nothing was taken.
    case providerUnreachable
    /// Another amount came than is due; nothing was done.
    case amountMismatch(paid: Money, due: Money)
    case store(StoreError)
}
