internal import Experiments

/// Where a shopper is counted.
struct Cell: Hashable, Comparable {
    let variant: Int
    let phase: Int
    let day: Int64

    static func < (a: Cell, b: Cell) -> Bool { (a.variant, a.phase, a.day) < (b.variant, b.phase, b.day) }
}

/// What a report should count in a cell: sums over shoppers, the plainest way.
struct Tally: Equatable {
    var units: Int64 = 0
    var excluded: Int64 = 0
    var converted: Int64 = 0
    var orders: Int64 = 0
    var quantity: Int128 = 0
    var quantitySquares: Int128 = 0
    var revenue: Int128 = 0
    var revenueSquares: Int128 = 0
    var profit: Int128 = 0
    var profitSquares: Int128 = 0
    var withoutCost: Int64 = 0
    var profitAtMost: Int128 = 0
    var profitAtLeast: Int128 = 0

    init() {}

    /// The engine's sums, for comparing.
    init(_ sums: UnitSums) {
        units = sums.units
        excluded = sums.excluded
        converted = sums.converted
        orders = sums.orders
        quantity = sums.quantity.sum
        quantitySquares = sums.quantity.sumOfSquares
        revenue = sums.revenue.sum
        revenueSquares = sums.revenue.sumOfSquares
        profit = sums.profit.sum
        profitSquares = sums.profit.sumOfSquares
        withoutCost = sums.unitsWithoutCost
        profitAtMost = sums.profitAtMost
        profitAtLeast = sums.profitAtLeast
    }

    var line: String {
        "units \(units), excluded \(excluded), converted \(converted), orders \(orders), quantity \(quantity), "
            + "revenue \(revenue), profit \(profit), without cost \(withoutCost) (\(profitAtLeast)…\(profitAtMost))"
    }

    /// The same but for what is money.
    func equalsInCounts(_ other: Tally) -> Bool {
        (units, excluded, converted, orders) == (other.units, other.excluded, other.converted, other.orders)
            && quantity == other.quantity && quantitySquares == other.quantitySquares
            && withoutCost == other.withoutCost
    }
}

/// A shopper, however many ids the shop knows it by.
final class Person {
    struct Seat {
        var variant: Int
        var phase: Int
        var assignedAt: Int64
        var exposedAt: Int64?
        var isExcluded = false
    }

    /// A conversion or refund that was acknowledged.
    struct Deed {
        var isRefund: Bool
        var at: Int64
        var experiment: ExperimentID?
        var product: String?
        var quantity: Int64
        /// Nil for the price told times the quantity.
        var paid: Int64?
        var currency: String?
        var order: String?
        var unitCost: Int64?
    }

    var ids: [String]
    var seats: [ExperimentID: Seat] = [:]
    var deeds: [Deed] = []

    init(_ id: String) { ids = [id] }

    var isLinked: Bool { ids.count > 1 }
}

extension Trial {
    /// Everything there is to count, shopper by shopper.
    func tallies(of people: [Person]) -> [Cell: Tally] {
        if let frozen { return frozen }
        var out: [Cell: Tally] = [:]
        for person in people {
            guard let seat = person.seats[id], let exposed = seat.exposedAt else { continue }
            let day = exposed >= 0 ? exposed / 86_400_000 : (exposed - 86_399_999) / 86_400_000
            add(
                person, seat, from: exposed,
                to: &out[Cell(variant: seat.variant, phase: seat.phase, day: day), default: Tally()])
        }
        return out
    }

    /// Named by the deed, or by its product where it names no experiment.
    private func isOurs(_ deed: Person.Deed) -> Bool {
        if let named = deed.experiment { return named == id }
        return deed.product.map(products.contains) ?? false
    }

    private func add(_ person: Person, _ seat: Person.Seat, from exposed: Int64, to tally: inout Tally) {
        if seat.isExcluded {
            tally.excluded += 1
            return
        }
        let end = exposed + Int64(attributionDays) * 86_400_000
        let sales = person.deeds.filter { deed in
            // A stamp on the full second may be any moment of it.
            let latest = deed.at % 1000 == 0 ? deed.at + 999 : deed.at
            return !deed.isRefund && latest >= exposed && deed.at < end && isOurs(deed)
                && (deed.currency ?? currency) == currency
        }
        let named = Dictionary(grouping: sales.filter { $0.order != nil }) { $0.order ?? "" }
        let orders = Int64(named.count + sales.count { $0.order == nil })
        var quantity: Int128 = 0
        var gross: Int128 = 0
        var cost: Int128 = 0
        var costless: Int128 = 0
        for sale in sales {
            let paid = Int128(sale.paid ?? prices[seat.variant] * sale.quantity)
            quantity += Int128(sale.quantity)
            gross += paid
            if let unitCost = sale.unitCost { cost += Int128(unitCost * sale.quantity) } else { costless += paid }
        }
        for deed in person.deeds where deed.isRefund && deed.currency == currency {
            guard let order = deed.order, let lines = named[order], let back = deed.paid else { continue }
            if deed.experiment != nil || deed.product != nil {
                if isOurs(deed) { gross -= Int128(back) }
                continue
            }
            let mine = lines.map { Int128($0.paid ?? prices[seat.variant] * $0.quantity) }.reduce(0, +)
            let others = person.deeds.filter { other in
                !other.isRefund && other.order == order && other.currency == currency && !isOurs(other)
            }
            let theirs = others.map { Int128($0.paid ?? 0) }.reduce(0, +)
            gross -= theirs == 0 ? Int128(back) : Int128(back) * mine / (mine + theirs)
        }
        tally.units += 1
        tally.converted += orders > 0 ? 1 : 0
        tally.orders += orders
        tally.quantity += quantity
        tally.quantitySquares += quantity * quantity
        tally.revenue += gross
        tally.revenueSquares += gross * gross
        if sales.contains(where: { $0.unitCost == nil }) {
            tally.withoutCost += 1
            tally.profitAtMost += gross - cost
            tally.profitAtLeast += gross - cost - costless
        } else {
            tally.profit += gross - cost
            tally.profitSquares += (gross - cost) * (gross - cost)
        }
    }
}
