/// What must hold, by the names of the project's list of invariants.
public enum Invariant: String, Sendable, CaseIterable {
    /// The variant a new shopper falls to is a pure function; the same after every restart.
    case assignment = "I1"
    /// No shopper hears two prices of one experiment for one product.
    case onePrice = "I2"
    /// New shoppers fall to the variants as the weights say.
    case sampleRatio = "I3"
    /// The money counted is the money of the ledger, to the minor unit.
    case money = "I4"
    /// Every event is counted once: the running counts are those made anew, and those of the ledger.
    case exactlyOnce = "I5"
    /// A request repeated under its key is answered as before, and done once.
    case idempotency = "I6"
    /// A quote is honoured as it was given until it expires, and no longer.
    case quote = "I8"
    /// Experiments move only along their state machine; versions rise by one; no change is lost.
    case stateMachine = "I9"
    /// No more shoppers are assigned in a month than the tenant's limit says, and no fewer while somebody asks.
    case quota = "I10"
    /// No tenant sees or uses what is another's.
    case isolation = "I11"
    /// Each change has one row in an unbroken audit chain.
    case audit = "I12"
    /// What was acknowledged is there after a crash.
    case durability = "I13"
}

/// An invariant that did not hold, when, and how it showed.
public struct Violation: Sendable, Equatable, CustomStringConvertible {
    public let invariant: Invariant
    /// The number of the operation after which it showed.
    public let operation: Int
    public let detail: String

    public var description: String { "\(invariant.rawValue) after operation \(operation): \(detail)" }
}

/// What a simulated world went through, and what did not hold in it.
public struct SimulationReport: Sendable, Equatable {
    public let seed: UInt64
    public let shoppers: Int
    public let planted: PlantedBug?
    public internal(set) var operations = 0
    public internal(set) var quotes = 0
    public internal(set) var events = 0
    public internal(set) var changes = 0
    public internal(set) var restarts = 0
    public internal(set) var crashes = 0
    public internal(set) var fullDisks = 0
    public internal(set) var checks = 0
    /// How many of the 25 pairs of state and action were tried.
    public internal(set) var transitionsTried = 0
    /// A fingerprint of everything that was done and answered: equal for equal seeds.
    public internal(set) var digest: UInt64 = 0
    /// In the order found; a world is left once it has shown several.
    public internal(set) var violations: [Violation] = []

    public var isClean: Bool { violations.isEmpty }

    /// The command that runs this very world again.
    public var replayCommand: String {
        var command = "cournot simulate --seed \(seed) --shoppers \(shoppers)"
        if let planted { command += " --planted \(planted.rawValue)" }
        return command
    }

    /// One line for people.
    public var summary: String {
        let fate = isClean ? "every invariant held" : "\(violations.count) violations"
        return
            "seed \(seed): \(fate); \(operations) operations, \(quotes) quotes, \(events) events, \(changes) changes, "
            + "\(crashes) crashes, \(restarts) restarts, \(fullDisks) full disks, \(checks) checks, "
            + "\(transitionsTried) of 25 transitions, digest \(String(digest, radix: 16))"
    }
}

/// Gathers what a run finds, and the fingerprint of what it did.
final class Findings {
    var report: SimulationReport
    private var seen: Set<String> = []

    /// A world with this many violations is left: what follows are only consequences.
    private static let enough = 12
    /// No invariant may speak more often, so that it does not drown the others.
    private static let enoughOfOne = 3

    init(seed: UInt64, shoppers: Int, planted: PlantedBug?) {
        report = SimulationReport(seed: seed, shoppers: shoppers, planted: planted)
        report.digest = 0xcbf2_9ce4_8422_2325
    }

    func add(_ invariant: Invariant, _ detail: String) {
        guard report.violations.count < Self.enough,
            report.violations.count(where: { $0.invariant == invariant }) < Self.enoughOfOne,
            seen.insert(invariant.rawValue + detail).inserted
        else { return }
        report.violations.append(Violation(invariant: invariant, operation: report.operations, detail: detail))
    }

    func expect(_ holds: Bool, _ invariant: Invariant, _ detail: @autoclosure () -> String) {
        if !holds { add(invariant, detail()) }
    }

    /// Takes a line of the trace into the fingerprint: FNV-1a, 64 bits.
    func trace(_ line: String) {
        for byte in line.utf8 { report.digest = (report.digest ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        report.digest = (report.digest ^ 10) &* 0x0000_0100_0000_01b3
    }

    var isEnough: Bool { report.violations.count >= Self.enough }
}
