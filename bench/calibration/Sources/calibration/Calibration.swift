import Glibc
import Stats

/// How many replications.
struct Scale: Sendable {
    let isQuick: Bool

    /// The protocol's number, or a twentieth of it but not fewer than `least`, which a band of fixed width needs.
    func runs(_ number: Int, atLeast least: Int = 200) -> Int {
        isQuick ? min(number, max(least, number / 20)) : number
    }
}

struct Check: Sendable {
    let id: String
    let title: String
    let run: @Sendable (Scale) async throws -> [Verdict]
}

@main
enum Calibration {
    static let checks = [
        Check(id: "C1", title: "mSPRT, means", run: Peeking.normal),
        Check(id: "C2", title: "mSPRT, rates", run: Peeking.binary),
        Check(id: "C3", title: "asymptotic confidence sequence", run: Peeking.asymptotic),
        Check(id: "C4", title: "control: peeking at a fixed-horizon test", run: Peeking.naive),
        Check(id: "C5", title: "means in [0, 1], coverage at all of 2000 looks", run: BoundedMeans.coverage),
        Check(id: "C6", title: "means in [0, 1], width", run: BoundedMeans.width),
        Check(id: "C7", title: "group sequential, size", run: GroupSequential.size),
        Check(id: "C8", title: "group sequential, power", run: GroupSequential.power),
        Check(id: "C9", title: "sample ratio, false alarms", run: SampleRatio.falseAlarms),
        Check(id: "C10", title: "sample ratio, power", run: SampleRatio.power),
        Check(id: "C11", title: "posterior of rates", run: Posteriors.betaBinomial),
        Check(id: "C12", title: "other posteriors", run: Posteriors.others),
        Check(id: "C13", title: "random numbers", run: Generator.check),
        Check(id: "C14", title: "fixed-horizon intervals, coverage", run: Coverage.effects),
        Check(id: "C15", title: "lift over a control near zero", run: Coverage.lift),
        Check(id: "C16", title: "bandits, regret", run: Learning.regret),
        Check(id: "C17", title: "logit demand, five prices of 2000 visitors", run: Learning.demand),
        Check(id: "C18", title: "many comparisons", run: Families.check),
        Check(id: "C19", title: "late conversions", run: Time.delays),
        Check(id: "C20", title: "switchback, AR(1) noise, 50 blocks of 8", run: Time.switchback),
        Check(id: "B1", title: "regression at every look", run: Beyond.regression),
        Check(id: "B2", title: "estimates after a planned stop", run: Beyond.stopped),
        Check(id: "B3", title: "means from a bandit", run: Beyond.adaptive),
        Check(id: "B4", title: "stopping for futility", run: Beyond.futility),
        Check(id: "B5", title: "quantiles at every look", run: Beside.quantiles),
        Check(id: "B6", title: "CUPED over phases", run: Beside.cuped),
        Check(id: "B7", title: "segments", run: Beside.segments),
    ]

    static func main() async {
        let arguments = CommandLine.arguments.dropFirst()
        let scale = Scale(isQuick: arguments.contains("--quick"))
        let wanted = Set(arguments.filter { !$0.hasPrefix("--") }.map { $0.uppercased() })
        let unknown = wanted.subtracting(checks.map(\.id))
        guard unknown.isEmpty, arguments.allSatisfy({ !$0.hasPrefix("--") || $0 == "--quick" }) else {
            print("usage: run [C1 … C20, B1 … B7] [--quick]")
            exit(2)
        }
        print("| check | what | observed | band | |")
        print("|---|---|---|---|---|")
        var wrong = 0
        var times: [String] = []
        let clock = ContinuousClock()
        for check in checks where wanted.isEmpty || wanted.contains(check.id) {
            var verdicts: [Verdict] = []
            let before = processorSeconds()
            let duration = await clock.measure {
                do {
                    verdicts = try await check.run(scale)
                } catch {
                    verdicts = [Verdict(what: "could not be run", observed: "\(error)", band: "", holds: false)]
                }
            }
            for (index, verdict) in verdicts.enumerated() {
                if !verdict.isRight { wrong += 1 }
                let head = index == 0 ? "**\(check.id)** \(check.title)" : ""
                print("| \(head) | \(verdict.what) | \(verdict.observed) | \(verdict.band) | \(word(verdict)) |")
            }
            fflush(nil)
            let seconds =
                Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
            times.append("\(check.id) \(digits(seconds, 1)) (\(digits(processorSeconds() - before, 1)))")
        }
        print("\nSeconds, and in brackets those of processors: \(times.joined(separator: ", ")).")
        print("All of it: \(digits(processorSeconds(), 1)) s of processors.")
        if scale.isQuick {
            print("Quick: about a twentieth of the replications, with bands as wide as that makes them.")
        }
        print(wrong == 0 ? "All as it should be." : "\(wrong) not as it should be.")
        exit(wrong == 0 ? 0 : 1)
    }

    /// What this process has used of all cores so far: unlike the time that passed, it depends little on neighbours.
    private static func processorSeconds() -> Double { Double(clock()) / Double(CLOCKS_PER_SEC) }

    private static func word(_ verdict: Verdict) -> String {
        switch verdict.kind {
        case .promise: verdict.holds ? "holds" : "**BROKEN**"
        case .control: verdict.holds ? "**PASSES, AND MUST NOT**" : "breaks, as it must"
        case .shown: "shown"
        }
    }
}
