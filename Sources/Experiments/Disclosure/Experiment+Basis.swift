extension Experiment {
    /// What its prices rest on. Where its audience was changed, what shoppers were taken by before counts too.
    public var priceBasis: PriceDisclosure.Basis {
        if tookByPersonalData == true { return .personalData }
        return Self.basis(of: audience)
    }

    static func basis(of audience: Condition?) -> PriceDisclosure.Basis {
        guard let audience, !audience.attributeNames.isEmpty else { return .randomAssignment }
        return audience.attributeNames.isSubset(of: nonpersonal) ? .rule : .personalData
    }

    /// What says nothing of the shopper.
    private static let nonpersonal: Set<String> = ["channel"]
}

extension Condition {
    /// The attributes that it asks for, by the first part of their names.
    public var attributeNames: Set<String> {
        var names: Set<String> = []
        Self.gather(source, into: &names)
        return names
    }

    /// As deep as a condition may nest, which reading it has bounded.
    private static func gather(_ value: AttributeValue, into names: inout Set<String>) {
        switch value {
        case .object(let members):
            for (name, member) in members {
                if name.hasPrefix("$") {
                    gather(member, into: &names)
                } else {
                    names.insert(String(name.prefix { $0 != "." }))
                }
            }
        case .list(let elements): for element in elements { gather(element, into: &names) }
        case .null, .bool, .number, .string: break
        }
    }
}

extension TenantSnapshot {
    /// What has to stand beside the price of an offer; nil where nothing has to.
    ///
    /// - Parameters:
    ///   - placement: the experiment that set the price; nil for the list price, which nobody's data set.
    ///   - place: where the shopper is, as far as is known.
    ///   - language: in which they are spoken to; nil for their country's.
    public func disclosure(
        of placement: Offer.Placement?, at place: @autoclosure () -> ShopperPlace, in language: String? = nil
    ) -> PriceDisclosure? {
        guard let placement else { return nil }
        // What cannot be looked up may have rested on anything.
        let basis = experiments[placement.experiment]?.priceBasis ?? .personalData
        return tenant.disclosure.due(for: basis, at: place(), in: language)
    }
}
