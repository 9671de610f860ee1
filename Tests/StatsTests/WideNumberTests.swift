import Testing

@testable import Stats

@Suite struct WideNumberTests {
    @Test func `a wide number becomes the nearest one, ties to even`() {
        let one = UInt128(1)
        var values: [UInt128] = [0, 1, .max, .max - 1]
        for place in 1..<128 {
            for near in [-2, -1, 0, 1, 2] as [Int] {
                values.append(
                    UInt128(truncatingIfNeeded: Int128(truncatingIfNeeded: one << UInt128(place)) &+ Int128(near)))
            }
        }
        // Half way between two numbers, and next to it.
        for place in 54..<128 {
            let unit = one << UInt128(place - 53)
            for lead in [one << UInt128(place), (one << UInt128(place)) + unit] {
                values += [lead + unit / 2, lead + unit / 2 + 1, lead + unit / 2 - 1]
            }
        }
        var random = Xoshiro256PlusPlus(seed: 31)
        for place in 0..<4000 {
            let wide = UInt128(random.next()) << 64 | UInt128(random.next())
            values.append(wide >> UInt128(place % 128))
        }
        for value in values {
            #expect(Double(nearest: value) == Double(value), "\(value)")
            let signed = Int128(truncatingIfNeeded: value)
            #expect(Double(nearest: signed) == Double(signed), "\(signed)")
        }
    }
}
