internal import Experiments
internal import JSON

extension Product {
    static let settableKeys: [StaticString] = [
        "sku", "title", "description", "list_price", "unit_cost", "floor", "ceiling", "attributes",
    ]
    static let readOnlyKeys: [StaticString] = ["experiments"]

    /// - Parameter experiments: those that now hold prices for it.
    func wire(experiments: [ExperimentID]) -> [UInt8] {
        var writer = JSONWriter()
        write(experiments: experiments, into: &writer)
        return writer.bytes
    }

    func write(experiments: [ExperimentID], into writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("sku", sku.text)
        writer.field("title", title)
        writer.field("description", description)
        writer.field("list_price", listPrice)
        writer.field("unit_cost", unitCost, in: currency)
        writer.field("floor", floor, in: currency)
        writer.field("ceiling", ceiling, in: currency)
        writer.field("attributes", attributes)
        writer.key("experiments")
        writer.beginArray()
        for id in experiments { writer.string(id.description) }
        writer.endArray()
        writer.endObject()
    }

    /// Reads a product; nil, with faults, when it is none.
    /// Why a product may not be called so: its path would be another's.
    static func objection(to sku: TenantKey) -> String? {
        sku.text == "search" ? "`search` is the path of the catalogue's search; call it otherwise." : nil
    }

    static func read(_ reader: ObjectReader) -> Product? {
        reader.require("sku")
        reader.require("title")
        reader.require("list_price")
        let sku = reader.tenantKey("sku")
        if let sku, let objection = objection(to: sku) { reader.fault("sku", objection) }
        let title = reader.string("title")
        let description = reader.string("description") ?? ""
        let listPrice = reader.money("list_price")
        func amount(_ key: StaticString) -> Int64? {
            guard let money = reader.money(key) else { return nil }
            if let listPrice, money.currency != listPrice.currency {
                reader.fault(key, "The list price is in \(listPrice.currency).")
            }
            return money.amount
        }
        let (unitCost, floor, ceiling) = (amount("unit_cost"), amount("floor"), amount("ceiling"))
        let attributes = reader.attributes("attributes") ?? [:]
        guard let sku, let title, let listPrice else { return nil }
        let product = Product(
            sku: sku, title: title, description: description, listPrice: listPrice, unitCost: unitCost, floor: floor,
            ceiling: ceiling, attributes: attributes)
        var faults = Faults()
        product.validate(into: &faults)
        reader.collector.add(unlessKnown: faults, under: reader.pointer)
        return product
    }
}

extension FaultCollector {
    /// Adds what the domain found, but for places complained of already.
    func add(unlessKnown more: Faults, under pointer: JSONPointer = JSONPointer()) {
        for fault in more.list {
            let place = pointer.description + fault.pointer
            if !faults.list.contains(where: { place == $0.pointer || place.hasPrefix($0.pointer + "/") }) {
                add(at: place, fault.detail)
            }
        }
    }
}
