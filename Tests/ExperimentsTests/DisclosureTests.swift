import Experiments
import FoundationEssentials
import Testing

@Suite struct DisclosureTests {
    private static let sentence = "THIS PRICE WAS SET BY AN ALGORITHM USING YOUR PERSONAL DATA."

    @Test(
        arguments: [
            ("US", "NY", "US-NY"), ("us", "us-ny", "US-NY"), ("USA", "New York", "US-NY"), ("US", "TX", "US-TX"),
            ("US", "Gotham", "US"), ("US", nil, "US"), ("UK", nil, "GB"), ("EL", nil, "GR"), ("DE", "BY", "DE-BY"),
            ("DE", "Bavaria", "DE"), ("XX", "NY", nil), ("T1", nil, nil), ("Germany", nil, nil), (nil, "NY", nil),
            ("", "", nil),
        ] as [(String?, String?, String?)])
    func `a place is what was said of it, and what cannot be read is not known`(
        country: String?, region: String?, code: String?
    ) {
        #expect(ShopperPlace(country: country, region: region).code == code)
    }

    @Test(
        arguments: [
            ("US-NY", "US-NY"), ("US-TX", nil), ("US", "unknown"), (nil, "unknown"), ("DE", "EU"), ("NO", "EU"),
            ("RE", "EU"), ("GB", nil), ("CH", nil), ("CA-QC", nil),
        ] as [(String?, String?)])
    func `it is told where a law asks for it, and wherever that is not known`(code: String?, law: String?) {
        let place = code.flatMap { ShopperPlace(code: $0) } ?? .unknown
        let due = DisclosureSettings.standard.due(for: .personalData, at: place, in: nil)
        #expect(due?.jurisdiction == law)
        for basis in [PriceDisclosure.Basis.randomAssignment, .rule] {
            #expect(DisclosureSettings.standard.due(for: basis, at: place, in: nil) == nil)
        }
        let everywhere = DisclosureSettings(places: .everywhere)
        #expect(everywhere.due(for: .personalData, at: place, in: nil) != nil)
        let each = DisclosureSettings(prices: .experiments)
        #expect((each.due(for: .randomAssignment, at: place, in: nil) == nil) == (law == nil))
    }

    @Test func `New York's sentence is told to the letter, in whatever language the talk is`() {
        let newYork = ShopperPlace(country: "US", region: "NY")
        for language in ["en", "de", "es", "fr", nil] {
            let due = DisclosureSettings.standard.due(for: .personalData, at: newYork, in: language)
            #expect(due?.text == Self.sentence)
            let unknown = DisclosureSettings.standard.due(for: .personalData, at: .unknown, in: language)
            #expect(unknown?.text.hasPrefix(Self.sentence) == true)
        }
        let german = ShopperPlace(country: "DE")
        let own = DisclosureSettings.standard.due(for: .personalData, at: german, in: nil)
        #expect(own == DisclosureSettings.standard.due(for: .personalData, at: german, in: "de-AT"))
        #expect(own != DisclosureSettings.standard.due(for: .personalData, at: german, in: "fr"))
    }

    @Test func `where nobody says it, it is as configured`() {
        let texas = DisclosureSettings(unknownPlace: "US-TX")
        #expect(texas.due(for: .personalData, at: .unknown, in: nil) == nil)
        #expect(texas.due(for: .personalData, at: ShopperPlace(country: "US"), in: nil) == nil)
        #expect(texas.due(for: .personalData, at: ShopperPlace(country: "US", region: "NY"), in: nil) != nil)
        #expect(texas.due(for: .personalData, at: ShopperPlace(country: "FR"), in: nil)?.jurisdiction == "EU")
        // Some state of the United States is not Germany.
        let german = DisclosureSettings(unknownPlace: "DE")
        let state = german.due(for: .personalData, at: ShopperPlace(country: "US"), in: nil)
        #expect(state?.jurisdiction == "unknown")
        var faults = Faults()
        DisclosureSettings(unknownPlace: "Texas").validate(into: &faults)
        #expect(faults.list.map(\.pointer) == ["/unknown_place"])
    }

    @Test(
        arguments: [
            (#"{}"#, []), (#"{"channel":"app"}"#, ["channel"]),
            (#"{"$or":[{"channel":"app"},{"$not":{"plan.name":"pro"}}]}"#, ["channel", "plan"]),
            (#"{"visits":{"$gt":3},"$and":[{"country":{"$in":["DE"]}}]}"#, ["visits", "country"]),
        ] as [(String, Set<String>)])
    func `an audience says what it looks at`(source: String, names: Set<String>) throws {
        let condition = try Condition(parsing: try JSONDecoder().decode(AttributeValue.self, from: Data(source.utf8)))
        #expect(condition.attributeNames == names)
    }

    @Test func `a tax is the region's, else the country's, else the home's where nobody says`() {
        let settings = TaxSettings(
            isIncluded: false,
            rates: [
                .init(place: "US", millionths: 1), .init(place: "US-NY", millionths: 88_750),
                .init(place: "DE", millionths: 190_000),
            ], home: "DE")
        #expect(settings.rate(at: ShopperPlace(country: "US", region: "NY")) == 88_750)
        #expect(settings.rate(at: ShopperPlace(country: "US", region: "TX")) == 1)
        #expect(settings.rate(at: ShopperPlace(country: "US")) == 1)
        #expect(settings.rate(at: ShopperPlace(country: "DE", region: "BY")) == 190_000)
        #expect(settings.rate(at: .unknown) == 190_000)
        #expect(settings.rate(at: ShopperPlace(country: "CH")) == 0)
        var faults = Faults()
        TaxSettings(
            rates: [
                .init(place: "Germany", millionths: 1), .init(place: "DE", millionths: 1_000_001),
                .init(place: "DE", millionths: 1),
            ]
        ).validate(into: &faults)
        #expect(
            faults.list.map(\.pointer) == ["/rates/0/place", "/rates/1/millionths", "/rates/2/place", "/home"])
    }
}
