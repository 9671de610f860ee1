public import Crypto

extension Bits128 {
    /// The first 128 bits of a digest.
    public init(_ digest: Digest256) {
        let prefix = digest.prefix128
        self.init(high: UInt64(truncatingIfNeeded: prefix >> 64), low: UInt64(truncatingIfNeeded: prefix))
    }
}
