internal import Experiments

extension Understanding {
    /// The matter of the shop's that the message asks about; nil where it asks about none, or about another.
    var policy: AgentSettings.Policy? {
        switch intent {
        case .payment: .payment
        // Who asks what sending something back costs asks about returns.
        case .service: speaks(of: Self.returning) ? .returns : speaks(of: Self.shipping) ? .shipping : nil
        default: nil
        }
    }

    private func speaks(of beginnings: [String]) -> Bool {
        said.contains { word in beginnings.contains { word.hasPrefix($0) } }
    }

    // How words begin in English, German, Spanish and French, without accents. Only what the rules take for a matter of
    // service is looked at, so that they may be short.

    private static let returning = [
        "refund", "return", "exchang", "back", "erstatt", "ruck", "zuruck", "retour", "umtausch", "widerruf",
        "reembols",
        "devol", "devuel", "rembours", "renvoy", "rendre", "echang",
    ]
    private static let shipping = [
        "ship", "deliver", "versand", "liefer", "envi", "entrega", "livr", "port", "expedit",
    ]
}
