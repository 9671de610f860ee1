import Glibc

/// A Brownian motion with drift watched at K times, as long as it stays between two boundaries.
///
/// Armitage, McPherson & Rowe (1969); Jennison & Turnbull (2000), ch. 19: the density of the score on the continuation
/// region, carried from look to look by Gauss–Legendre quadrature.
struct StagewiseWalk {
    private let drift: Double
    private let followsLowerTail: Bool
    private var information = 0.0
    private var nodes: [Double] = [0]
    /// Quadrature weight times density.
    private var masses: [Double] = [1]

    /// - Parameter followsLowerTail: whether lower crossings are asked for too and shall keep their relative accuracy
    ///   however rare; upper ones always do.
    init(drift: Double, followsLowerTail: Bool = false) {
        self.drift = drift
        self.followsLowerTail = followsLowerTail
    }

    /// Where a standard normal density leaves the doubles. A bound at z = 20 is crossed along paths that climb there
    /// step by step: the density must be carried up to the bound, not to where its mass lies.
    private static let end = 38.6
    /// Looks closer than 1e-5 of the information are told apart no better.
    private static let mostPanels = 1000.0
    /// Beyond this many deviations on the side that no crossing is asked of, no mass is missed.
    private static let reach = 8.5

    /// P(not stopped before and Z > z at the look with this information).
    func upperCrossing(_ z: Double, at next: Double) -> Double {
        let step = next - information
        let edge = z * next.squareRoot()
        let scale = step.squareRoot()
        var sum = 0.0
        for (s, mass) in zip(nodes, masses) { sum += mass * Normal.upperTail(of: (edge - s - drift * step) / scale) }
        return sum
    }

    /// P(not stopped before and Z < z at the look with this information).
    func lowerCrossing(_ z: Double, at next: Double) -> Double {
        let step = next - information
        let edge = z * next.squareRoot()
        let scale = step.squareRoot()
        var sum = 0.0
        for (s, mass) in zip(nodes, masses) { sum += mass * Normal.upperTail(of: (s + drift * step - edge) / scale) }
        return sum
    }

    /// Goes on to the look with this information, between the boundaries on the z scale (±∞ for none).
    ///
    /// - Parameter following: the look after that one: when it comes soon, its short step needs close nodes to start from.
    mutating func advance(to next: Double, before following: Double, lower: Double, upper: Double) {
        let step = next - information
        let root = next.squareRoot()
        let scale = step.squareRoot()
        let from = max(lower, drift * root - (followsLowerTail ? Self.end : Self.reach)) * root
        let to = min(upper, drift * root + Self.end) * root
        guard to > from else {
            (nodes, masses, information) = ([], [], next)
            return
        }
        // Sixteen nodes to four standard deviations of a step follow the kernel to 1e-12: of the step that leads here, and
        // of the one that leaves, for which these are the nodes.
        let shorter = min(scale, max(0, following - next).squareRoot())
        let panels = max(4, Int(min(Self.mostPanels, ((to - from) / (4 * shorter)).rounded(.up))))
        let width = (to - from) / Double(panels)
        let rule = Quadrature.legendre16
        var newNodes: [Double] = []
        var newMasses: [Double] = []
        for panel in 0..<panels {
            let start = from + Double(panel) * width
            for (node, weight) in zip(rule.nodes, rule.weights) {
                let s = start + width * node
                // Where the density is rare itself, steps as rare count: e^{−z²/2} against e^{−u²/2}.
                let u = (s - drift * next) / root
                let farthest = u * u + 81
                var density = 0.0
                for (previous, mass) in zip(nodes, masses) {
                    let z = (s - previous - drift * step) / scale
                    if z * z < farthest { density += mass * exp(-0.5 * z * z) }
                }
                newNodes.append(s)
                newMasses.append(density * weight * width / (scale * Elementary.sqrtTwoPi))
            }
        }
        (nodes, masses, information) = (newNodes, newMasses, next)
    }
}
