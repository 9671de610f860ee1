internal import Experiments

extension UnitTraits {
    /// As `segmentCodes` wrote them.
    static func segments(stored codes: String) throws(StoreError) -> [UInt8] {
        guard let segments = segments(parsing: codes) else {
            throw .corrupt("segments read \"\(codes.prefix(50))\"")
        }
        return segments
    }
}
