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
        return disclosure(ofPriceBasedOn: experiments[placement.experiment]?.priceBasis, at: place(), in: language)
    }

    /// The same of a price that an experiment set, by who has looked the experiment up; nil where it is not to be found:
    /// its price may have rested on anything.
    func disclosure(
        ofPriceBasedOn basis: PriceDisclosure.Basis?, at place: @autoclosure () -> ShopperPlace, in language: String?
    ) -> PriceDisclosure? {
        tenant.disclosure.due(for: basis ?? .personalData, at: place(), in: language)
    }
}
