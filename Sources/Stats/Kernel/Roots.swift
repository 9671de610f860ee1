/// Where functions cross zero.
enum Roots {
    /// The end of the interval about `inside` on which a function that grows about as the square of the distance stays
    /// below zero: secant steps in the squared distance, within a bracket that is halved where they fail.
    ///
    /// - Parameters:
    ///   - outside: at or beyond which it counts as positive; never evaluated.
    ///   - near: a first guess.
    static func crossing(
        from inside: Double, to outside: Double, near guess: Double, _ function: (Double) -> Double
    ) -> Double {
        let direction: Double = outside < inside ? -1 : 1
        var low = 0.0
        var high = abs(outside - inside)
        var (w0, f0) = (0.0, function(inside))
        var distance = abs(guess - inside)
        for _ in 0..<200 {
            if !(distance > low && distance < high) { distance = 0.5 * (low + high) }
            if distance <= low || distance >= high { break }
            let f = function(inside + direction * distance)
            if f > 0 { high = distance } else { low = distance }
            let w = distance * distance
            let next = (w - f * (w - w0) / (f - f0)).squareRoot()
            (w0, f0) = (w, f)
            if abs(next - distance) <= 1e-13 * distance { return inside + direction * next }
            distance = next
        }
        return inside + direction * 0.5 * (low + high)
    }
}
