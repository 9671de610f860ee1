/// How a tenant is paid.
public struct PaymentSettings: Sendable, Equatable, Codable {
    /// Who is asked for the money where a checkout does not say, by name; nil for the first that the server has.
    public var provider: String?
    /// The tenant's account at Stripe Connect (`acct_…`), which the money goes to; nil for the platform's own.
    public var stripeAccount: String?
    /// Whether the tenant rather than the platform sells, as buyers' statements say it. Of use with an account.
    public var isMerchantOfRecord: Bool
    /// Where a provider's page sends the buyer back to; a checkout may name another.
    public var returnURL: String?
    /// What a buyer who pays by bank transfer is told: whose account it is, and its number. 1 to 1,000 characters.
    public var bankInstructions: String?

    public static let standard = PaymentSettings()

    public init(
        provider: String? = nil, stripeAccount: String? = nil, isMerchantOfRecord: Bool = true,
        returnURL: String? = nil, bankInstructions: String? = nil
    ) {
        self.provider = provider
        self.stripeAccount = stripeAccount
        self.isMerchantOfRecord = isMerchantOfRecord
        self.returnURL = returnURL
        self.bankInstructions = bankInstructions
    }

    /// Adds what is wrong with the forms of what is said.
    public func validate(into faults: inout Faults) {
        if let stripeAccount, !Self.isAccount(stripeAccount) {
            faults.add("/stripe_account", "An account of Stripe's is acct_ and up to 100 letters and digits.")
        }
        if let returnURL, !Self.isReturnURL(returnURL) { faults.add("/return_url", Self.returnURLFault) }
        if let bankInstructions, bankInstructions.isEmpty || bankInstructions.count > 1000 {
            faults.add("/bank_instructions", "This has 1 to 1,000 characters.")
        }
    }

    private static func isAccount(_ text: String) -> Bool {
        let prefix = "acct_"
        return text.hasPrefix(prefix) && (1...100).contains(text.utf8.count - prefix.utf8.count)
            && text.utf8.dropFirst(prefix.utf8.count).allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                    UInt8(ascii: "A")...UInt8(ascii: "Z"):
                    true
                default: false
                }
            }
    }

    public static let returnURLFault =
        "An address starts with https:// (or http:// on this machine itself) and has at most 2,000 printable characters."

    /// Whether a buyer may be sent back there: `https://` and a host; `http://` on the buyer's own machine alone.
    public static func isReturnURL(_ text: String) -> Bool {
        guard text.utf8.count <= 2000, text.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else { return false }
        guard let origin = WebOrigin(pageAddress: text) else { return false }
        return origin.description.hasPrefix("https://") || origin.isThisMachine
    }
}

extension WebOrigin {
    /// Of the page at an address; nil where that names no host.
    public init?(pageAddress: String) {
        let parts = pageAddress.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count >= 3, parts[1].isEmpty else { return nil }
        let host = parts[2].prefix { (letter: Character) in letter != "?" && letter != "#" }
        guard !host.isEmpty, !host.contains("@") else { return nil }
        self.init("\(parts[0])//\(host)")
    }

    /// Whether only programs on one machine find it.
    public var isThisMachine: Bool {
        let host = description.split(separator: "/").last ?? ""
        return ["localhost", "127.0.0.1", "[::1]"].contains { own in host == own || host.hasPrefix(own + ":") }
    }
}
