internal import Experiments

/// An experiment as the ledger understands it: written from the published rules, not from the engine's code.
final class Trial {
    enum Stage: String, CaseIterable { case draft, running, paused, completed, archived }

    let id: ExperimentID
    let products: [String]
    let currency: String
    let names: [String]
    let prices: [Int64]
    let holdout: Double
    let part: (layer: String, from: Double, to: Double)?
    /// Hours since the start, and the share let in from then.
    let ramp: [(hours: Double, share: Double)]?
    let attributionDays: Int
    let endsAt: Int64?
    var name: String
    var weights: [Int]
    var coverage: Double
    /// The channels it is for; nil for all.
    var channels: [String]?
    var stage = Stage.draft
    var version = 1
    var startedAt: Int64?
    var completedAt: Int64?
    /// The weights of each phase.
    var phases: [[Int]] = []
    /// The counts as they stood when it was archived.
    var frozen: [Cell: Tally]?

    /// Shoppers whom it has been asked about: what becomes of them later is no fresh draw.
    var asked: Set<String> = []
    /// By phase: how many fresh shoppers fell to each variant.
    var draws: [[Int]] = []

    init(
        id: ExperimentID, name: String, products: [String], currency: String, names: [String], prices: [Int64],
        weights: [Int], coverage: Double, channels: [String]?, holdout: Double,
        part: (layer: String, from: Double, to: Double)?, ramp: [(hours: Double, share: Double)]?,
        attributionDays: Int, endsAt: Int64?
    ) {
        self.id = id
        self.name = name
        self.products = products
        self.currency = currency
        self.names = names
        self.prices = prices
        self.weights = weights
        self.coverage = coverage
        self.channels = channels
        self.holdout = holdout
        self.part = part
        self.ramp = ramp
        self.attributionDays = attributionDays
        self.endsAt = endsAt
    }

    /// draft → running ⇄ paused → completed → archived.
    static func stage(after action: ExperimentAction, _ stage: Stage) -> Stage? {
        switch "\(stage.rawValue) \(action.rawValue)" {
        case "draft start", "paused resume": .running
        case "running pause": .paused
        case "running complete", "paused complete": .completed
        case "completed archive": .archived
        default: nil
        }
    }

    func holdsPrices(at now: Int64) -> Bool {
        (stage == .running || stage == .paused) && now < (endsAt ?? .max)
    }

    /// The variant a shopper new to it falls to; nil if it does not take the shopper.
    func takes(_ shopper: String, channel: String?, at now: Int64) -> Int? {
        guard stage == .running else { return nil }
        if let channels {
            guard let channel, channels.contains(channel) else { return nil }
        }
        if let part {
            let place = Double(Hash.fnv(shopper + "__" + part.layer) % 1000) / 1000
            guard place >= part.from, place < part.to else { return nil }
        }
        if holdout > 0, Hash.place(seed: "holdout:\(id)", shopper) < holdout { return nil }
        var share = 1.0
        if let ramp {
            let hours = Double(now - (startedAt ?? now)) / 3_600_000
            guard let step = ramp.last(where: { $0.hours <= hours }) else { return nil }
            share = step.share
        }
        let place = Hash.place(seed: id.description, shopper)
        let total = Double(weights.reduce(0, +))
        var start = 0.0
        for (variant, weight) in weights.enumerated() {
            let part = Double(weight) / total
            if place >= start, place < start + coverage * share * part { return variant }
            start += part
        }
        return nil
    }

    /// Whether an exposure stamped so counts.
    func countsExposure(at time: Int64) -> Bool {
        guard let startedAt, stage != .archived else { return false }
        return time >= startedAt - 600_000 && time < (completedAt ?? .max)
    }

    /// Whether another live experiment on the same product keeps this one from starting.
    func collides(with other: Trial) -> Bool {
        guard other.stage == .running || other.stage == .paused, products.contains(where: other.products.contains)
        else { return false }
        guard let part, let theirs = other.part, part.layer == theirs.layer else { return true }
        return part.from < theirs.to && theirs.from < part.to
    }
}

/// GrowthBook's published hash, for ASCII.
enum Hash {
    static func fnv(_ text: String) -> UInt32 {
        text.utf8.reduce(0x811c_9dc5) { ($0 ^ UInt32($1)) &* 0x0100_0193 }
    }

    static func place(seed: String, _ value: String) -> Double {
        Double(fnv(String(fnv(seed + value))) % 10_000) / 10_000
    }
}
