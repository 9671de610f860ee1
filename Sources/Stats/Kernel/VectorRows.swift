import COpenBLAS

/// The inner loops of vector search, over rows of single-precision numbers or of bytes: the second of the three files of
/// the kernel where memory is touched by address.
///
/// Rows lie one after the other, `stride` elements each, a multiple of `lanes`; what a row does not use is zero and adds
/// nothing. Every function checks once that its arrays hold what it is about to read.
enum VectorRows {
    /// Elements of a row that loops take at a time, at most.
    static var lanes: Int { 32 }

    /// The processor OpenBLAS chose its kernels for: `SkylakeX` and what came after it run AVX-512.
    static var kernelName: String {
        guard let name = unsafe openblas_get_corename() else { return "unknown" }
        return unsafe String(cString: name)
    }

    /// Processors whose SGEMM multiplies small matrices where they lie, without packing them first.
    private static let multipliesInPlace = ["SkylakeX", "Cooperlake", "SapphireRapids"].contains(kernelName)

    /// out[r] = row r · query, by SGEMV; or by SGEMM where it does not pack what is small (up to 100³ products), since
    /// that loop then reads memory at its full speed and OpenBLAS 0.3.21's SGEMV a tenth or two below.
    static func dots(_ rows: [Float], count: Int, stride: Int, query: [Float], into out: inout [Float]) {
        if multipliesInPlace, count * stride <= 1_000_000 {
            dots(rows, count: count, stride: stride, queries: query, queryCount: 1, into: &out)
            return
        }
        precondition(rows.count >= count * stride && query.count == stride && out.count >= count)
        guard count > 0 else { return }
        unsafe rows.withUnsafeBufferPointer { rows in
            unsafe query.withUnsafeBufferPointer { query in
                unsafe out.withUnsafeMutableBufferPointer { out in
                    unsafe cblas_sgemv(
                        CblasRowMajor, CblasNoTrans, Int32(count), Int32(stride), 1, rows.baseAddress, Int32(stride),
                        query.baseAddress, 1, 0, out.baseAddress, 1)
                }
            }
        }
    }

    /// out[q · count + r] = row r · query q, by SGEMM.
    static func dots(
        _ rows: [Float], count: Int, stride: Int, queries: [Float], queryCount: Int, into out: inout [Float]
    ) {
        precondition(
            rows.count >= count * stride && queries.count == queryCount * stride && out.count >= queryCount * count)
        guard count > 0, queryCount > 0 else { return }
        unsafe rows.withUnsafeBufferPointer { rows in
            unsafe queries.withUnsafeBufferPointer { queries in
                unsafe out.withUnsafeMutableBufferPointer { out in
                    unsafe cblas_sgemm(
                        CblasRowMajor, CblasNoTrans, CblasTrans, Int32(queryCount), Int32(count), Int32(stride), 1,
                        queries.baseAddress, Int32(stride), rows.baseAddress, Int32(stride), 0, out.baseAddress,
                        Int32(count))
                }
            }
        }
    }

    /// out[r] = row r · query, exactly, for rows of bytes and a query of words; no sum may leave 32 bits.
    static func dots(_ codes: [Int8], count: Int, stride: Int, query: [Int16], into out: inout [Int32]) {
        precondition(codes.count >= count * stride && query.count == stride && out.count >= count)
        precondition(stride % lanes == 0)
        unsafe codes.withUnsafeBufferPointer { codes in
            unsafe query.withUnsafeBufferPointer { query in
                unsafe out.withUnsafeMutableBufferPointer { out in
                    unsafe cournot_dots_int8(
                        codes.baseAddress, query.baseAddress, count, stride, out.baseAddress)
                }
            }
        }
    }

    /// The first row from `from` on with dot · weight + offset ≥ cut, or `count`. Dots start at `dots[start]`.
    static func firstReaching(
        _ cut: Float, from: Int, count: Int, dots: [Float], start: Int, weights: [Float], offsets: [Float]
    ) -> Int {
        precondition(from >= 0 && start >= 0 && dots.count >= start + count)
        precondition(weights.count >= count && offsets.count >= count)
        return unsafe dots.withUnsafeBufferPointer { dots in
            unsafe weights.withUnsafeBufferPointer { weights in
                unsafe offsets.withUnsafeBufferPointer { offsets in
                    let dotBytes = UnsafeRawBufferPointer(dots)
                    let weightBytes = UnsafeRawBufferPointer(weights)
                    let offsetBytes = UnsafeRawBufferPointer(offsets)
                    let cuts = SIMD16<Float>(repeating: cut)
                    var r = from
                    while r &+ 16 <= count {
                        let dot = unsafe dotBytes.loadUnaligned(
                            fromByteOffset: 4 &* (start &+ r), as: SIMD16<Float>.self)
                        let weight = unsafe weightBytes.loadUnaligned(fromByteOffset: 4 &* r, as: SIMD16<Float>.self)
                        let offset = unsafe offsetBytes.loadUnaligned(fromByteOffset: 4 &* r, as: SIMD16<Float>.self)
                        if any(dot * weight + offset .>= cuts) { break }
                        r &+= 16
                    }
                    while r < count {
                        if unsafe dots[start &+ r] * weights[r] + offsets[r] >= cut { return r }
                        r &+= 1
                    }
                    return count
                }
            }
        }
    }

    /// The first row from `from` on with dot · scale · weight + offset + slack · reach ≥ cut, or `count`.
    static func firstReaching(
        _ cut: Float, from: Int, count: Int, dots: [Int32], scale: Float, weights: [Float], offsets: [Float],
        slacks: [Float], reach: Float
    ) -> Int {
        precondition(from >= 0 && dots.count >= count && weights.count >= count)
        precondition(offsets.count >= count && slacks.count >= count)
        return unsafe dots.withUnsafeBufferPointer { dots in
            unsafe weights.withUnsafeBufferPointer { weights in
                unsafe offsets.withUnsafeBufferPointer { offsets in
                    unsafe slacks.withUnsafeBufferPointer { slacks in
                        let dotBytes = UnsafeRawBufferPointer(dots)
                        let weightBytes = UnsafeRawBufferPointer(weights)
                        let offsetBytes = UnsafeRawBufferPointer(offsets)
                        let slackBytes = UnsafeRawBufferPointer(slacks)
                        let cuts = SIMD8<Float>(repeating: cut)
                        var r = from
                        while r &+ 8 <= count {
                            let at = 4 &* r
                            let dot = unsafe dotBytes.loadUnaligned(fromByteOffset: at, as: SIMD8<Int32>.self)
                            let weight = unsafe weightBytes.loadUnaligned(fromByteOffset: at, as: SIMD8<Float>.self)
                            let offset = unsafe offsetBytes.loadUnaligned(fromByteOffset: at, as: SIMD8<Float>.self)
                            let slack = unsafe slackBytes.loadUnaligned(fromByteOffset: at, as: SIMD8<Float>.self)
                            if any(SIMD8<Float>(dot) * scale * weight + offset + slack * reach .>= cuts) { break }
                            r &+= 8
                        }
                        while r < count {
                            let value = unsafe Float(dots[r]) * scale * weights[r] + offsets[r] + slacks[r] * reach
                            if value >= cut { return r }
                            r &+= 1
                        }
                        return count
                    }
                }
            }
        }
    }

    /// The sum of exact products of two rows as a rounded part and what it lacks: as if in twice double precision.
    ///
    /// A product of two singles is exact in a double; the sum is compensated lane by lane (Sum2 of Ogita, Rump & Oishi
    /// 2005), always in the same order, so that the same two rows give the same bits whoever asks.
    static func exactDot(_ rows: [Float], row: Int, stride: Int, _ other: [Float]) -> (high: Double, low: Double) {
        compensated(rows, row: row, stride: stride, other) { x, y in x * y }
    }

    /// The squared Euclidean distance of a row and another, to a last place or two of a double.
    static func squaredDistance(_ rows: [Float], row: Int, stride: Int, _ other: [Float]) -> Double {
        compensated(rows, row: row, stride: stride, other) { x, y in (x - y) * (x - y) }.high
    }

    @inline(__always)
    private static func compensated(
        _ rows: [Float], row: Int, stride: Int, _ other: [Float],
        _ term: (SIMD8<Double>, SIMD8<Double>) -> SIMD8<Double>
    ) -> (high: Double, low: Double) {
        precondition(row >= 0 && rows.count >= (row + 1) * stride && other.count == stride && stride % lanes == 0)
        var sum = SIMD8<Double>()
        var error = SIMD8<Double>()
        unsafe rows.withUnsafeBytes { rows in
            unsafe other.withUnsafeBytes { other in
                let start = 4 &* row &* stride
                var j = 0
                while j < 4 &* stride {
                    let x = unsafe rows.loadUnaligned(fromByteOffset: start &+ j, as: SIMD8<Float>.self)
                    let y = unsafe other.loadUnaligned(fromByteOffset: j, as: SIMD8<Float>.self)
                    let value = term(SIMD8<Double>(x), SIMD8<Double>(y))
                    // Knuth's TwoSum, eight at a time.
                    let total = sum + value
                    let part = total - sum
                    error += (sum - (total - part)) + (value - part)
                    sum = total
                    j &+= 32
                }
            }
        }
        var high = 0.0
        var low = error.sum()
        for lane in sum.indices {
            let next = Elementary.twoSum(high, sum[lane])
            high = next.high
            low += next.low
        }
        let total = Elementary.twoSum(high, low)
        return (total.high, total.low)
    }
}
