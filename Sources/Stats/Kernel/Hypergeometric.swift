import Glibc

/// How many of `drawn` items are good when they come without replacement from `good` + `bad` ones.
struct Hypergeometric {
    let good: Double
    let bad: Double
    let drawn: Double

    var smallest: Double { max(0, drawn - bad) }
    var largest: Double { min(drawn, good) }

    private var mode: Double { ((drawn + 1) * (good + 1) / (good + bad + 2)).rounded(.down) }

    /// As Loader (2000) writes it: three binomial masses at one probability, no factorials.
    func logMass(_ k: Double) -> Double {
        guard k >= smallest, k <= largest else { return -.infinity }
        let p = drawn / (good + bad)
        if p == 0 || p == 1 { return 0 }
        return Binomial(trials: good, probability: p).logMass(k)
            + Binomial(trials: bad, probability: p).logMass(drawn - k)
            - Binomial(trials: good + bad, probability: p).logMass(drawn)
    }

    func atLeast(_ k: Double) -> Double {
        if k <= smallest { return 1 }
        if k > largest { return 0 }
        return k > mode ? tail(from: k, step: 1) : max(0, 1 - tail(from: k - 1, step: -1))
    }

    func atMost(_ k: Double) -> Double {
        if k >= largest { return 1 }
        if k < smallest { return 0 }
        return k < mode ? tail(from: k, step: -1) : max(0, 1 - tail(from: k + 1, step: 1))
    }

    /// Σ of the masses away from the mode, by the ratio of neighbours.
    private func tail(from k: Double, step: Double) -> Double {
        guard k >= smallest, k <= largest else { return 0 }
        var ratio = 1.0
        var sum = 1.0
        var i = k
        while true {
            let next = i + step
            guard next >= smallest, next <= largest else { break }
            if step > 0 {
                ratio *= (good - i) / next * (drawn - i) / (bad - drawn + next)
            } else {
                ratio *= i / (good - next) * (bad - drawn + i) / (drawn - next)
            }
            sum += ratio
            if ratio < 1e-17 * sum { break }
            i = next
        }
        return min(1, exp(logMass(k) + log(sum)))
    }

    /// P of all outcomes whose mass is at most (1 + 1e−7) times that of k.
    func noLikelier(than k: Double) -> Double {
        let limit = logMass(k) + 1e-7
        if logMass(mode) <= limit { return 1 }
        // The masses rise to the mode and fall after it: halve for the last outcome on the other side.
        func last(from end: Double) -> Double? {
            guard logMass(end) <= limit else { return nil }
            var inside = end
            var outside = mode
            while abs(outside - inside) > 1 {
                let middle = (0.5 * (inside + outside)).rounded(.down)
                if logMass(middle) <= limit { inside = middle } else { outside = middle }
            }
            return inside
        }
        var total = 0.0
        if let left = last(from: smallest) { total += tail(from: left, step: -1) }
        if let right = last(from: largest) { total += tail(from: right, step: 1) }
        return min(1, total)
    }
}
