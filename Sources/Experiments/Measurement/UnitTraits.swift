/// What was known of a shopper before an experiment told it a price: nothing of it can be an effect of the price.
public struct UnitTraits: Sendable, Equatable {
    /// The number that the analysis adjusts for: the declared attribute in hundredths, or what was spent before in minor
    /// units. Nil where it is not known.
    public var covariate: Int64?
    /// For each segment declared, which of its values; empty where none are declared.
    public var segments: [UInt8]

    public init(covariate: Int64? = nil, segments: [UInt8] = []) {
        self.covariate = covariate
        self.segments = segments
    }

    /// The largest covariate that is taken: 10^15, so that its squares and products summed over 10^8 shoppers stay in
    /// 128 bits.
    static let largestCovariate = Int64.largestUnitSum

    /// The segments as they are stored: one digit or letter each.
    public var segmentCodes: String {
        String(decoding: segments.map { $0 < 10 ? $0 + 48 : $0 + 87 }, as: UTF8.self)
    }

    /// Reads `segmentCodes`; nil for anything else.
    public static func segments(parsing codes: String) -> [UInt8]? {
        var out: [UInt8] = []
        for byte in codes.utf8 {
            switch byte {
            case 48...57: out.append(byte - 48)
            case 97...122: out.append(byte - 87)
            default: return nil
            }
        }
        return out
    }
}

extension Experiment {
    /// What the attributes told at assignment say of a shopper.
    func traits(of attributes: Attributes) -> UnitTraits {
        var traits = UnitTraits()
        if let name = analysis.covariate, case .number(let value)? = attributes[name] {
            traits.covariate = Self.hundredths(value)
        }
        traits.segments = analysis.segments.map { $0.code(of: attributes[$0.attribute]) }
        return traits
    }

    private static func hundredths(_ value: Double) -> Int64? {
        guard let whole = Int64(exactly: (value * 100).rounded()), whole.magnitude <= UnitTraits.largestCovariate else {
            return nil
        }
        return whole
    }

    /// A unit as its first exposure at `time` leaves it: counted from there on, in the tallies too unless it was counted
    /// without them before, and with what it had spent until then.
    ///
    /// What was spent is frozen here. Purchases that are heard of later do not change it, so that it stays what could be
    /// known before the price was told.
    public func exposing(_ unit: UnitState, at time: Timestamp, after events: [OutcomeEvent]) -> UnitState {
        var exposed = unit
        if unit.exposedAt == nil {
            exposed.isTallied = true
            exposed.countsCheckouts = true
        }
        exposed.exposedAt = time
        exposed.outcome = outcome(of: events, exposedAt: time, variant: unit.variant)
        if exposed.isTallied, analysis.covariate == nil { exposed.traits.covariate = spent(before: time, events) }
        return exposed
    }

    /// Net of refunds, in the experiment's currency, over all the shopper bought; what does not say how much is left out.
    private func spent(before time: Timestamp, _ events: [OutcomeEvent]) -> Int64 {
        var sum: Int64 = 0
        for event in events where event.kind != .checkout && event.timestamp.latest < time {
            guard let paid = event.revenue, paid.currency == currency else { continue }
            sum = sum.addingClamped(event.kind == .refund ? -paid.amount : paid.amount)
        }
        return max(0, sum)
    }
}
