/// What tax a tenant's sales bear, by where the buyer is.
public struct TaxSettings: Sendable, Equatable, Codable {
    /// A rate, of a country or of one of its regions.
    public struct Rate: Sendable, Equatable, Codable {
        /// `DE`, `US-NY`.
        public var place: String
        /// In millionths: 190,000 is 19 %. From 0 to 1,000,000.
        public var millionths: Int64

        public init(place: String, millionths: Int64) {
            self.place = place
            self.millionths = millionths
        }
    }

    /// Whether prices hold the tax already; otherwise it comes on top, at the checkout.
    public var isIncluded: Bool
    /// A region's rate goes before its country's. Where neither is, no tax is due.
    public var rates: [Rate]
    /// Whose rate stands where a buyer does not say where they are.
    public var home: String?

    /// No tax.
    public static let none = TaxSettings()
    public static let mostRates = 500

    public init(isIncluded: Bool = true, rates: [Rate] = [], home: String? = nil) {
        self.isIncluded = isIncluded
        self.rates = rates
        self.home = home
    }

    /// Whether anything is ever due.
    public var isEmpty: Bool { rates.isEmpty }

    /// Adds what is wrong.
    public func validate(into faults: inout Faults) {
        if rates.count > Self.mostRates { faults.add("/rates", "At most \(Self.mostRates) rates.") }
        var seen: Set<String> = []
        for (index, rate) in rates.enumerated() {
            if ShopperPlace(code: rate.place) == nil { faults.add("/rates/\(index)/place", Self.placeFault) }
            if !seen.insert(rate.place).inserted {
                faults.add("/rates/\(index)/place", "This place stands here twice.")
            }
            if !(0...1_000_000).contains(rate.millionths) {
                faults.add("/rates/\(index)/millionths", "From 0 to 1,000,000 millionths.")
            }
        }
        if let home, ShopperPlace(code: home) == nil { faults.add("/home", Self.placeFault) }
        if home == nil, !rates.isEmpty { faults.add("/home", "Whose rate stands where a buyer does not say?") }
    }

    private static let placeFault = "A country by its two capitals, with a region where it matters: DE, US-NY."

    /// The rate at a place, in millionths: the region's, else the country's, else none.
    public func rate(at place: ShopperPlace) -> Int64 {
        let place = place.filled(from: home.flatMap { ShopperPlace(code: $0) } ?? .unknown)
        guard let country = place.country else { return 0 }
        let found = rates.first { $0.place == place.code } ?? rates.first { $0.place == country }
        return found?.millionths ?? 0
    }
}
