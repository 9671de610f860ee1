import COpenBLAS
import Glibc

/// A dense matrix, column after column, as BLAS wants it.
struct Matrix: Sendable, Equatable {
    let rows: Int
    let columns: Int
    private(set) var elements: [Double]

    init(rows: Int, columns: Int) {
        self.rows = rows
        self.columns = columns
        elements = [Double](repeating: 0, count: rows * columns)
    }

    /// From columns of one length.
    init(columns: [[Double]]) {
        rows = columns.first?.count ?? 0
        self.columns = columns.count
        elements = columns.flatMap { $0 }
        precondition(elements.count == rows * columns.count, "columns differ in length")
    }

    subscript(row: Int, column: Int) -> Double {
        get { elements[column * rows + row] }
        set { elements[column * rows + row] = newValue }
    }

    func column(_ j: Int) -> ArraySlice<Double> { elements[j * rows..<(j + 1) * rows] }

    /// y = A x.
    func times(_ x: [Double]) -> [Double] {
        precondition(x.count == columns, "A x needs as many elements as columns")
        var y = [Double](repeating: 0, count: rows)
        guard rows > 0, columns > 0 else { return y }
        unsafe elements.withUnsafeBufferPointer { a in
            unsafe x.withUnsafeBufferPointer { x in
                unsafe y.withUnsafeMutableBufferPointer { y in
                    unsafe cblas_dgemv(
                        CblasColMajor, CblasNoTrans, Int32(rows), Int32(columns), 1, a.baseAddress, Int32(rows),
                        x.baseAddress, 1, 0, y.baseAddress, 1)
                }
            }
        }
        return y
    }

    /// Aᵀ diag(weights) A, by SYRK on √weight · A: half the work of a general product, and exactly symmetric.
    ///
    /// - Parameter weights: not negative, one a row; nil for ones.
    func crossProduct(weights: [Double]? = nil) -> Matrix {
        var scaled = self
        if let weights {
            let roots = weights.map { $0.squareRoot() }
            for j in 0..<columns { for i in 0..<rows { scaled[i, j] *= roots[i] } }
        }
        var result = Matrix(rows: columns, columns: columns)
        guard rows > 0, columns > 0 else { return result }
        unsafe scaled.elements.withUnsafeBufferPointer { a in
            unsafe result.elements.withUnsafeMutableBufferPointer { c in
                unsafe cblas_dsyrk(
                    CblasColMajor, CblasLower, CblasTrans, Int32(columns), Int32(rows), 1, a.baseAddress, Int32(rows),
                    0, c.baseAddress, Int32(columns))
            }
        }
        for j in 0..<columns { for i in 0..<j { result[i, j] = result[j, i] } }
        return result
    }

    func times(_ other: Matrix) -> Matrix {
        precondition(columns == other.rows, "A B needs as many rows in B as columns in A")
        var result = Matrix(rows: rows, columns: other.columns)
        guard rows > 0, columns > 0, other.columns > 0 else { return result }
        unsafe elements.withUnsafeBufferPointer { a in
            unsafe other.elements.withUnsafeBufferPointer { b in
                unsafe result.elements.withUnsafeMutableBufferPointer { c in
                    unsafe cblas_dgemm(
                        CblasColMajor, CblasNoTrans, CblasNoTrans, Int32(rows), Int32(other.columns), Int32(columns), 1,
                        a.baseAddress, Int32(rows), b.baseAddress, Int32(columns), 0, c.baseAddress, Int32(rows))
                }
            }
        }
        return result
    }

    /// The inverse and log determinant of a symmetric positive definite matrix, by Cholesky.
    ///
    /// - Throws: `notIdentified` when it is not positive definite.
    func choleskyInverse() throws(StatsError) -> (inverse: Matrix, logDeterminant: Double) {
        precondition(rows == columns, "only square matrices have an inverse")
        var factor = self
        let n = Int32(rows)
        let info = unsafe factor.elements.withUnsafeMutableBufferPointer { a in
            unsafe LAPACKE_dpotrf(LAPACK_COL_MAJOR, 76, n, a.baseAddress, n)
        }
        precondition(info >= 0, "dpotrf: illegal argument")
        guard info == 0 else { throw .notIdentified("a matrix is not positive definite") }
        var logDeterminant = 0.0
        for i in 0..<rows { logDeterminant += 2 * Glibc.log(factor[i, i]) }
        let second = unsafe factor.elements.withUnsafeMutableBufferPointer { a in
            unsafe LAPACKE_dpotri(LAPACK_COL_MAJOR, 76, n, a.baseAddress, n)
        }
        precondition(second == 0, "dpotri: illegal argument")
        for j in 0..<rows { for i in 0..<j { factor[i, j] = factor[j, i] } }
        return (factor, logDeterminant)
    }

    /// The least-squares solution of smallest norm and the rank, by divide-and-conquer SVD (DGELSD).
    func leastSquares(_ y: [Double], tolerance: Double) throws(StatsError) -> (solution: [Double], rank: Int) {
        precondition(y.count == rows, "A x = y needs as many elements in y as rows")
        guard rows > 0, columns > 0 else { throw .insufficient("least squares needs observations") }
        var a = elements
        let height = max(rows, columns)
        var b = y + [Double](repeating: 0, count: height - rows)
        var singular = [Double](repeating: 0, count: min(rows, columns))
        var rank: Int32 = 0
        let info = unsafe a.withUnsafeMutableBufferPointer { a in
            unsafe b.withUnsafeMutableBufferPointer { b in
                unsafe singular.withUnsafeMutableBufferPointer { s in
                    unsafe LAPACKE_dgelsd(
                        LAPACK_COL_MAJOR, Int32(rows), Int32(columns), 1, a.baseAddress, Int32(rows), b.baseAddress,
                        Int32(height), s.baseAddress, tolerance, &rank)
                }
            }
        }
        precondition(info >= 0, "dgelsd: illegal argument")
        guard info == 0 else { throw .notIdentified("the singular value decomposition did not converge") }
        return (Array(b[..<columns]), Int(rank))
    }

    /// Householder QR of a matrix of full column rank: the orthonormal columns Q and the inverse of R.
    ///
    /// - Throws: `notIdentified` when the columns depend on one another.
    func orthonormalised() throws(StatsError) -> (q: Matrix, rInverse: Matrix) {
        guard rows >= columns, columns > 0 else { throw .insufficient("more columns than observations") }
        var q = self
        var tau = [Double](repeating: 0, count: columns)
        let (m, n) = (Int32(rows), Int32(columns))
        var info = unsafe q.elements.withUnsafeMutableBufferPointer { a in
            unsafe tau.withUnsafeMutableBufferPointer { tau in
                unsafe LAPACKE_dgeqrf(LAPACK_COL_MAJOR, m, n, a.baseAddress, m, tau.baseAddress)
            }
        }
        precondition(info == 0, "dgeqrf: illegal argument")
        var r = Matrix(rows: columns, columns: columns)
        for j in 0..<columns { for i in 0...j { r[i, j] = q[i, j] } }
        let largest = (0..<columns).map { abs(r[$0, $0]) }.max() ?? 0
        for j in 0..<columns where abs(r[j, j]) <= 1e-13 * largest {
            throw .notIdentified("the columns of the design depend on one another")
        }
        info = unsafe r.elements.withUnsafeMutableBufferPointer { a in
            unsafe LAPACKE_dtrtri(LAPACK_COL_MAJOR, 85, 78, n, a.baseAddress, n)
        }
        guard info == 0 else { throw .notIdentified("the columns of the design depend on one another") }
        info = unsafe q.elements.withUnsafeMutableBufferPointer { a in
            unsafe tau.withUnsafeBufferPointer { tau in
                unsafe LAPACKE_dorgqr(LAPACK_COL_MAJOR, m, n, n, a.baseAddress, m, tau.baseAddress)
            }
        }
        precondition(info == 0, "dorgqr: illegal argument")
        return (q, r)
    }
}
