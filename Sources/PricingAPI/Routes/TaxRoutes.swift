internal import Experiments
internal import HTTPServer
internal import JSON

extension PricingAPI {
    func readTaxes(_ context: Context) throws(Problem) -> Response {
        context.representation(try context.member.snapshot.tenant.taxes.wire)
    }

    /// Says anew what tax the tenant's sales bear. Checkouts that there are stay as they were made.
    func setTaxes(_ context: Context) async throws(Problem) -> Response {
        let settings = try context.read(TaxSettings.keys) { TaxSettings($0) }
        return try await setSettings(context, action: "taxes.change", wire: { $0.taxes.wire }) { $0.taxes = settings }
    }
}

extension TaxSettings {
    static let keys: [StaticString] = ["included", "rates", "home"]

    /// Settings that say all: what is not said is standard. Faults go to the reader.
    init(_ reader: ObjectReader) {
        let rates = reader.objects("rates", keys: ["place", "millionths"], none: Rate(place: "", millionths: 0)) {
            reader in
            reader.require("place")
            reader.require("millionths")
            return Rate(place: reader.string("place") ?? "", millionths: reader.integer("millionths") ?? 0)
        }
        self.init(
            isIncluded: reader.bool("included") ?? TaxSettings.none.isIncluded, rates: rates ?? [],
            home: reader.string("home"))
        var faults = Faults()
        validate(into: &faults)
        reader.collector.add(unlessKnown: faults)
    }

    var wire: [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("included", isIncluded)
        writer.key("rates")
        writer.beginArray()
        for rate in rates {
            writer.beginObject()
            writer.field("place", rate.place)
            writer.field("millionths", rate.millionths)
            writer.endObject()
        }
        writer.endArray()
        writer.field("home", optional: home)
        writer.endObject()
        return writer.bytes
    }
}
