public import Experiments

/// Finds products by a shopper's words.
public protocol ProductSearch: Sendable {
    /// What fits best, best first; every one of them is in the snapshot.
    func products(for words: String, in snapshot: TenantSnapshot, limit: Int) async -> [Product]
}

extension CatalogueSearch: ProductSearch {
    public func products(for words: String, in snapshot: TenantSnapshot, limit: Int) async -> [Product] {
        await search(words, in: snapshot, limit: limit).hits.map(\.product)
    }
}
