internal import Experiments

/// What the demo shop sells, and the prices it tries.
enum Assortment {
    struct Item {
        let sku: String
        let title: String
        let description: String
        /// In cents.
        let price: Int64
        /// In cents.
        let cost: Int64
    }

    /// The product under test comes first.
    static let items = [
        Item(
            sku: "ember-beans", title: "Ember espresso, 1 kg",
            description: "Whole beans, roasted dark on Tuesdays. Cocoa, walnut, a little smoke.", price: 1900,
            cost: 1400),
        Item(
            sku: "stoneware-cup", title: "Stoneware cup",
            description: "Thrown by hand, glazed in ash white. Holds a double and keeps it warm.", price: 1400,
            cost: 500),
        Item(
            sku: "hand-grinder", title: "Hand grinder",
            description: "Steel burrs, forty clicks from Turkish to French press.", price: 5900, cost: 2900),
        Item(
            sku: "paper-filters", title: "Paper filters, 100",
            description: "Unbleached, for drippers of two to four cups.", price: 650, cost: 180),
    ]

    static let variants: [(name: String, price: Int64)] = [("control", 1900), ("middle", 2400), ("higher", 3200)]

    /// At 19, 24 and 32 dollars it says 30.2%, 20.1% and 9.4%: most revenue at the lowest price, most profit at the
    /// middle one.
    static let demand = Demand(intercept: 1.254, slope: -0.11, unitCost: 14)
}
