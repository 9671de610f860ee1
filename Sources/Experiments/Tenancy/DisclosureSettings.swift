/// When a tenant's shoppers are told, beside a price, that it was set for them.
public struct DisclosureSettings: Sendable, Equatable, Codable {
    /// Which prices.
    public enum Prices: String, Sendable, Codable, CaseIterable {
        /// Those in which something known of the shopper had a part.
        case personalData = "personal_data"
        /// Each that an experiment set, by chance alone too.
        case experiments
    }

    /// Where.
    public enum Places: String, Sendable, Codable, CaseIterable {
        /// Where a law asks for it.
        case law
        case everywhere
    }

    public var prices: Prices
    public var places: Places
    /// Where a shopper is of whom nobody says it: `DE`, `US-TX`; nil where that cannot be known, and then it is told.
    public var unknownPlace: String?

    public static let standard = DisclosureSettings()

    public init(prices: Prices = .personalData, places: Places = .law, unknownPlace: String? = nil) {
        self.prices = prices
        self.places = places
        self.unknownPlace = unknownPlace
    }

    /// Adds what is wrong.
    public func validate(into faults: inout Faults) {
        guard let unknownPlace, ShopperPlace(code: unknownPlace) == nil else { return }
        faults.add("/unknown_place", "A country by its two capitals, with a region where it matters: DE, US-NY.")
    }

    /// What has to be told; nil where nothing has to.
    public func due(
        for basis: PriceDisclosure.Basis, at place: @autoclosure () -> ShopperPlace, in language: String?
    ) -> PriceDisclosure? {
        guard prices == .experiments || basis == .personalData else { return nil }
        let configured = unknownPlace.flatMap { ShopperPlace(code: $0) } ?? .unknown
        let place = place().filled(from: configured)
        if places == .law, case .none = PriceDisclosure.Law(place) { return nil }
        return PriceDisclosure(basis, at: place, language: language)
    }
}
