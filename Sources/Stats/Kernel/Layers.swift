import COpenBLAS

/// The layers of a transformer over rows of single-precision numbers, one token a row: the third file of the kernel
/// where memory is touched by address.
///
/// Every function checks once that its arrays hold what it is about to read.
public enum Layers {
    /// Little-endian single-precision numbers from bytes.
    ///
    /// - Precondition: the bytes are there.
    public static func numbers(_ bytes: [UInt8], from start: Int, count: Int) -> [Float] {
        precondition(start >= 0 && count >= 0 && start + 4 * count <= bytes.count)
        return unsafe [Float](unsafeUninitializedCapacity: count) { numbers, initialised in
            unsafe bytes.withUnsafeBytes { bytes in
                unsafe UnsafeMutableRawBufferPointer(numbers).copyMemory(
                    from: UnsafeRawBufferPointer(rebasing: bytes[start..<start + 4 * count]))
            }
            initialised = count
        }
    }

    /// Whether all are numbers and none is infinite.
    public static func areFinite(_ x: [Float]) -> Bool {
        // An infinity or NaN makes every sum it enters one, and so does its product with zero.
        x.reduce(0) { $0 + $1 * 0 } == 0
    }

    /// y = x Wᵀ + b for `rows` rows, by SGEMM.
    ///
    /// - Parameters:
    ///   - weights: one row for each element of b.
    ///   - y: at least rows · b.count; what lies beyond is left.
    public static func linear(
        _ x: [Float], rows: Int, weights: [Float], bias: [Float], into y: inout [Float]
    ) {
        let outputs = bias.count
        precondition(rows > 0 && outputs > 0 && weights.count % outputs == 0)
        let inputs = weights.count / outputs
        precondition(x.count >= rows * inputs && y.count >= rows * outputs)
        unsafe x.withUnsafeBufferPointer { x in
            unsafe weights.withUnsafeBufferPointer { weights in
                unsafe bias.withUnsafeBufferPointer { bias in
                    unsafe y.withUnsafeMutableBufferPointer { y in
                        for row in 0..<rows {
                            _ = unsafe UnsafeMutableBufferPointer(rebasing: y[row * outputs..<(row + 1) * outputs])
                                .update(fromContentsOf: bias)
                        }
                        unsafe cblas_sgemm(
                            CblasRowMajor, CblasNoTrans, CblasTrans, Int32(rows), Int32(outputs), Int32(inputs), 1,
                            x.baseAddress, Int32(inputs), weights.baseAddress, Int32(inputs), 1, y.baseAddress,
                            Int32(outputs))
                    }
                }
            }
        }
    }

    /// x · Φ(x) in place, for the first `count` numbers: GELU in its exact form.
    public static func gelu(_ x: inout [Float], count: Int) {
        precondition(count >= 0 && count <= x.count)
        unsafe x.withUnsafeMutableBufferPointer { unsafe cournot_gelu($0.baseAddress, count) }
    }

    /// x = gain · (x + added − mean) / √(variance + epsilon) + bias, row by row; a row is as wide as the gain.
    public static func addNorm(
        _ x: inout [Float], _ added: [Float], rows: Int, gain: [Float], bias: [Float], epsilon: Float
    ) {
        let width = gain.count
        precondition(rows > 0 && width > 0 && bias.count == width)
        precondition(x.count >= rows * width && added.count >= rows * width)
        unsafe x.withUnsafeMutableBufferPointer { x in
            unsafe added.withUnsafeBufferPointer { added in
                unsafe gain.withUnsafeBufferPointer { gain in
                    unsafe bias.withUnsafeBufferPointer { bias in
                        unsafe cournot_add_norm(
                            x.baseAddress, added.baseAddress, gain.baseAddress, bias.baseAddress, rows, width, epsilon)
                    }
                }
            }
        }
    }

    /// What the tokens of one text take from each other: softmax(Q Kᵀ / √d) V, head by head.
    ///
    /// - Parameters:
    ///   - parts: rows of query, key and value beside each other, each `width` wide.
    ///   - start: the text's first row, and in `out` too.
    ///   - count: its tokens, at least 1.
    ///   - heads: what the width is divided into.
    ///   - scores: room for count² numbers.
    ///   - out: rows `width` wide.
    public static func attend(
        _ parts: [Float], from start: Int, count: Int, width: Int, heads: Int, scores: inout [Float],
        into out: inout [Float]
    ) {
        precondition(start >= 0 && count > 0 && heads > 0 && width > 0 && width % heads == 0)
        precondition(parts.count >= (start + count) * 3 * width && out.count >= (start + count) * width)
        precondition(scores.count >= count * count)
        let depth = width / heads
        let (n, d, stride) = (Int32(count), Int32(depth), Int32(3 * width))
        unsafe parts.withUnsafeBufferPointer { parts in
            unsafe scores.withUnsafeMutableBufferPointer { scores in
                unsafe out.withUnsafeMutableBufferPointer { out in
                    guard let parts = parts.baseAddress, let out = out.baseAddress else { return }
                    for head in 0..<heads {
                        let query = unsafe parts + start * 3 * width + head * depth
                        unsafe cblas_sgemm(
                            CblasRowMajor, CblasNoTrans, CblasTrans, n, n, d, 1 / Float(depth).squareRoot(), query,
                            stride, query + width, stride, 0, scores.baseAddress, n)
                        unsafe cournot_softmax(scores.baseAddress, count, count, count)
                        unsafe cblas_sgemm(
                            CblasRowMajor, CblasNoTrans, CblasNoTrans, n, d, n, 1, scores.baseAddress, n,
                            query + 2 * width, stride, 0, out + start * width + head * depth, Int32(width))
                    }
                }
            }
        }
    }

    /// How many threads a matrix product may use, in this process from now on. Work that is spread over threads of its
    /// own wants one.
    public static func useThreads(_ count: Int) {
        precondition(count > 0)
        openblas_set_num_threads(Int32(count))
    }
}
