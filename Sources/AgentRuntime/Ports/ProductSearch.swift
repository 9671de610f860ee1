public import Experiments

/// Finds products by a shopper's words.
public protocol ProductSearch: Sendable {
    /// What fits best, best first; every one of them is in the snapshot. None where nothing of the kind is sold.
    func products(for words: String, in snapshot: TenantSnapshot, limit: Int) async -> FoundProducts
}

/// What was found.
public struct FoundProducts: Sendable {
    public let products: [Product]
    /// Whether they are not what was asked for, but what comes nearest to it.
    public let areNear: Bool

    public init(_ products: [Product], areNear: Bool = false) {
        self.products = products
        self.areNear = areNear
    }
}

extension CatalogueSearch: ProductSearch {
    public func products(for words: String, in snapshot: TenantSnapshot, limit: Int) async -> FoundProducts {
        let answer = await search(words, in: snapshot, limit: limit)
        return FoundProducts(answer.hits.map(\.product), areNear: answer.fit == .near)
    }
}
