extension Double {
    /// The nearest number to a wide one, ties to even: what `Double(_:)` gives, without its generic arithmetic.
    init(nearest value: UInt128) {
        let high = UInt64(truncatingIfNeeded: value >> 64)
        guard high != 0 else {
            self = Double(UInt64(truncatingIfNeeded: value))
            return
        }
        // The top 64 bits, the last one sticky, so that the conversion rounds once. What it is scaled by is exact.
        let shift = high.leadingZeroBitCount
        let aligned = value << UInt128(shift)
        let isExact = UInt64(truncatingIfNeeded: aligned) == 0
        let top = UInt64(truncatingIfNeeded: aligned >> 64) | (isExact ? 0 : 1)
        self = Double(top) * Double(bitPattern: UInt64(1023 + 64 - shift) << 52)
    }

    init(nearest value: Int128) {
        let size = Double(nearest: value.magnitude)
        self = value < 0 ? -size : size
    }
}
