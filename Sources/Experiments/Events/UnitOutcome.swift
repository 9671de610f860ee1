/// What a shopper did within one experiment: the sum of all its outcomes that count.
public struct UnitOutcome: Sendable, Equatable {
    /// Distinct orders.
    public var orders: Int64 = 0
    public var quantity: Int64 = 0
    /// Paid, before refunds, in minor units.
    public var gross: Int64 = 0
    /// Paid back for the orders counted.
    public var refunds: Int64 = 0
    /// Unit cost × quantity of the lines whose cost is known.
    public var cost: Int64 = 0
    /// Gross revenue of the lines whose unit cost is not known. Missing is never zero.
    public var grossWithoutCost: Int64 = 0
    /// Whether some line's unit cost is not known.
    public var lacksCost = false
    /// Whether a checkout was begun, as far as anybody told: who bought may have begun one that nobody told of.
    public var beganCheckout = false

    public init() {}

    public var converted: Bool { orders > 0 }
    /// Net of refunds.
    public var revenue: Int64 { gross - refunds }
    /// Revenue − cost; meaningful only where no cost is lacking.
    public var profit: Int64 { revenue - cost }
}

/// A conversion, a refund or a checkout as it is stored, enough to be counted again at any time.
public struct OutcomeEvent: Sendable, Equatable {
    public enum Kind: Sendable, Equatable {
        case conversion, refund, checkout
    }

    public let kind: Kind
    public let timestamp: Timestamp
    /// The experiment it was told to belong to, by name or through its quote; nil when it names a product only.
    public let experiment: ExperimentID?
    public let product: TenantKey?
    public let quantity: Int64
    /// Nil for the price told times the quantity.
    public let revenue: Money?
    public let order: TenantKey?
    /// Minor units an item, as known when the event came.
    public let unitCost: Int64?

    public init(
        kind: Kind, timestamp: Timestamp, experiment: ExperimentID?, product: TenantKey?, quantity: Int64,
        revenue: Money?, order: TenantKey?, unitCost: Int64?
    ) {
        self.kind = kind
        self.timestamp = timestamp
        self.experiment = experiment
        self.product = product
        self.quantity = quantity
        self.revenue = revenue
        self.order = order
        self.unitCost = unitCost
    }
}

extension Experiment {
    /// Whether an outcome is one of this experiment's: it says so, or names one of its products and no experiment.
    func concerns(_ event: OutcomeEvent) -> Bool {
        if let named = event.experiment { return named == id }
        guard let product = event.product else { return false }
        return products.contains(product)
    }

    /// What a shopper's events come to: the same in whatever order they arrived.
    ///
    /// A conversion counts from the first exposure until the attribution window has passed; one stamped before does
    /// not, where a stamp in whole seconds stands for any moment of its second. A refund nets the order it belongs to
    /// whenever it comes: where it names a product or an experiment, there; else every line of the order bears its
    /// share by what was paid for it. Amounts in another currency are not counted. A checkout counts within the same time as
    /// a conversion, and adds nothing but that it was begun.
    ///
    /// - Parameters:
    ///   - events: all conversions, refunds and checkouts of the shopper, in any order.
    ///   - exposedAt: the first exposure.
    ///   - variant: which price the shopper was told, for lines that do not say what was paid.
    public func outcome(of events: [OutcomeEvent], exposedAt: Timestamp, variant: Int) -> UnitOutcome {
        var outcome = UnitOutcome()
        guard variants.indices.contains(variant) else { return outcome }
        let end = exposedAt.advanced(by: attributionWindow)
        // What was paid, within this experiment, for the lines of each order.
        var orders: [TenantKey: Int64] = [:]
        for event in events where event.kind != .refund && concerns(event) {
            guard event.timestamp.latest >= exposedAt, event.timestamp < end else { continue }
            if event.kind == .checkout {
                outcome.beganCheckout = true
                continue
            }
            if let revenue = event.revenue, revenue.currency != currency { continue }
            outcome.quantity = outcome.quantity.addingClamped(event.quantity)
            let paid = event.revenue?.amount ?? variants[variant].offered.multipliedClamped(by: event.quantity)
            if let order = event.order {
                if orders[order] == nil { outcome.orders += 1 }
                orders[order] = (orders[order] ?? 0).addingClamped(paid)
            } else {
                outcome.orders += 1
            }
            outcome.gross = outcome.gross.addingClamped(paid)
            if let unitCost = event.unitCost {
                outcome.cost = outcome.cost.addingClamped(unitCost.multipliedClamped(by: event.quantity))
            } else {
                outcome.lacksCost = true
                outcome.grossWithoutCost = outcome.grossWithoutCost.addingClamped(paid)
            }
        }
        var elsewhere: [TenantKey: Int64]?
        for event in events where event.kind == .refund {
            guard let order = event.order, let ours = orders[order], let amount = event.revenue,
                amount.currency == currency
            else { continue }
            if event.experiment != nil || event.product != nil {
                if concerns(event) { outcome.refunds = outcome.refunds.addingClamped(amount.amount) }
            } else {
                let others = elsewhere ?? paidElsewhere(events)
                elsewhere = others
                outcome.refunds = outcome.refunds.addingClamped(amount.amount.share(ours, beside: others[order] ?? 0))
            }
        }
        return outcome
    }

    /// What was paid in each order for lines that are none of this experiment's; a line that does not say is not known.
    private func paidElsewhere(_ events: [OutcomeEvent]) -> [TenantKey: Int64] {
        var sums: [TenantKey: Int64] = [:]
        for event in events where event.kind == .conversion && !concerns(event) {
            guard let order = event.order, let paid = event.revenue, paid.currency == currency else { continue }
            sums[order] = (sums[order] ?? 0).addingClamped(paid.amount)
        }
        return sums
    }
}

extension Int64 {
    /// Sums per shopper stop at ±10^15 minor units, so that squares summed over 10^8 shoppers stay in 128 bits.
    static let largestUnitSum: Int64 = 1_000_000_000_000_000

    func addingClamped(_ other: Int64) -> Int64 {
        let sum = addingReportingOverflow(other)
        let value = sum.overflow ? (other < 0 ? Int64.min : .max) : sum.partialValue
        return Swift.min(Swift.max(value, -Self.largestUnitSum), Self.largestUnitSum)
    }

    /// The part of this amount that falls to `own` beside `others`, rounded down; all of it where nothing was paid at
    /// all or nobody else has a part.
    fileprivate func share(_ own: Int64, beside others: Int64) -> Int64 {
        let whole = Int128(own) + Int128(others)
        guard others > 0, whole > 0 else { return self }
        return Int64(clamping: Int128(self) * Int128(own) / whole)
    }

    func multipliedClamped(by other: Int64) -> Int64 {
        let product = multipliedReportingOverflow(by: other)
        let value = product.overflow ? ((self < 0) != (other < 0) ? Int64.min : .max) : product.partialValue
        return Swift.min(Swift.max(value, -Self.largestUnitSum), Self.largestUnitSum)
    }
}
