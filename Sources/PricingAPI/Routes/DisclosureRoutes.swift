internal import Experiments
internal import HTTPServer
internal import JSON

extension PricingAPI {
    func readDisclosure(_ context: Context) throws(Problem) -> Response {
        context.representation(try context.member.snapshot.tenant.disclosure.wire)
    }

    /// Says anew when shoppers are told that a price was set for them. Holds for every price told from then on.
    func setDisclosure(_ context: Context) async throws(Problem) -> Response {
        let settings = try context.read(DisclosureSettings.keys) { DisclosureSettings($0) }
        return try await setSettings(context, action: "disclosure.change", wire: { $0.disclosure.wire }) {
            $0.disclosure = settings
        }
    }
}

extension DisclosureSettings {
    static let keys: [StaticString] = ["prices", "places", "unknown_place"]

    /// Settings that say all: what is not said is standard. Faults go to the reader.
    init(_ reader: ObjectReader) {
        let standard = DisclosureSettings.standard
        self.init(
            prices: reader.choice("prices", Prices.self) ?? standard.prices,
            places: reader.choice("places", Places.self) ?? standard.places,
            unknownPlace: reader.string("unknown_place"))
        var faults = Faults()
        validate(into: &faults)
        reader.collector.add(unlessKnown: faults)
    }

    var wire: [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("prices", prices.rawValue)
        writer.field("places", places.rawValue)
        writer.field("unknown_place", optional: unknownPlace)
        writer.endObject()
        return writer.bytes
    }
}
