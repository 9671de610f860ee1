/// Buckets for the amounts of shoppers: whole numbers up to 127 have one each, larger ones share one with those that
/// begin with the same seven bits, so that no bucket is wider than 1/64 of what is in it.
///
/// Whole-number arithmetic alone: every engine and process puts an amount into the same bucket.
public enum ValueBucket {
    /// How far a value can be from the middle of its bucket, relative to it.
    public static let relativeError = 1.0 / 128

    /// The bucket of a value; rises with it.
    public static func index(of value: Int64) -> Int32 {
        let size = value.magnitude
        var index = Int32(clamping: size)
        if size >= 128 {
            let shift = Int32(57 - size.leadingZeroBitCount)
            index = 128 + (shift - 1) * 64 + Int32(size >> UInt64(shift)) - 64
        }
        return value < 0 ? -index : index
    }

    /// The least and the greatest value in a bucket; nil for what is no bucket.
    public static func bounds(of index: Int32) -> ClosedRange<Int64>? {
        let size = Int64(index.magnitude)
        guard size <= Int64(Self.index(of: .max)) else { return nil }
        var bounds = size...size
        if size >= 128 {
            let shift = (size - 128) / 64 + 1
            let low = ((size - 128) % 64 + 64) << shift
            bounds = low...(low + ((Int64(1) << shift) - 1))
        }
        return index < 0 ? -bounds.upperBound...(-bounds.lowerBound) : bounds
    }
}
