internal import Experiments
internal import Stats

/// The vectors of one model for the products of one catalogue, by row.
struct VectorShelf: Sendable {
    let model: String
    private(set) var index: VectorIndex
    /// By row: what its vector was made of.
    private var contents: [Int: Bits128] = [:]

    /// - Parameter dimensions: 1 to 65,536.
    init(model: String, dimensions: Int) {
        self.model = model
        do throws(StatsError) {
            index = try VectorIndex(dimension: dimensions, metric: .dot, encoding: .int8)
        } catch {
            preconditionFailure("an embedder's vectors have 1 to 65,536 elements: \(error)")
        }
    }

    var count: Int { index.count }

    func holds(row: Int) -> Bool { contents[row] != nil }

    /// Puts a row's vector in place. False, and nothing there, when it is no vector of this shelf's.
    @discardableResult
    mutating func put(_ vector: [Float], of content: Bits128, row: Int) -> Bool {
        remove(row: row)
        do throws(StatsError) {
            try index.add(vector, id: row)
        } catch {
            return false
        }
        contents[row] = content
        return true
    }

    /// Removes a row's vector unless it was made of this content.
    mutating func keep(only content: Bits128, row: Int) {
        if contents[row] != content { remove(row: row) }
    }

    mutating func remove(row: Int) {
        guard contents.removeValue(forKey: row) != nil else { return }
        index.remove(id: row)
    }
}
