public import AgentRuntime
public import Experiments

/// The vectors of one tenant's products, by model.
struct MemoryVectors: Sendable {
    private var byModel: [String: [TenantKey: ProductVector]] = [:]

    /// Takes away what a change of the catalogue leaves without its text.
    mutating func apply(_ change: ConfigurationChange) {
        guard !byModel.isEmpty else { return }
        switch change {
        case .product(let product):
            let content = ProductVector.content(of: product)
            for model in byModel.keys where byModel[model]?[product.sku]?.content != content {
                byModel[model]?[product.sku] = nil
            }
        case .productRemoved(let sku): for model in byModel.keys { byModel[model]?[sku] = nil }
        case .tenant, .experiment, .key, .keyRemoved, .decision: break
        }
    }

    func page(of model: String, after sku: TenantKey?, limit: Int) -> [ProductVector] {
        let all = byModel[model]?.values.sorted { $0.sku < $1.sku } ?? []
        return Array(all.filter { one in sku.map { one.sku > $0 } ?? true }.prefix(limit))
    }

    mutating func keep(_ vector: ProductVector, of model: String) { byModel[model, default: [:]][vector.sku] = vector }

    mutating func forget(exceptOf model: String) -> Int {
        let gone = byModel.filter { $0.key != model }.values.reduce(0) { $0 + $1.count }
        byModel = byModel.filter { $0.key == model }
        return gone
    }
}

extension MemoryStore: VectorStore {
    public func vectors(
        of model: String, in tenant: TenantID, after sku: TenantKey?, limit: Int
    ) async throws(StoreError) -> [ProductVector] {
        try read { state in state.tenants[tenant]?.vectors.page(of: model, after: sku, limit: limit) ?? [] }
    }

    public func keep(
        _ vectors: [ProductVector], of model: String, in tenant: TenantID
    ) async throws(StoreError) {
        try change { state in
            let products = Set(state.tenants[tenant]?.configuration.products.map(\.sku) ?? [])
            for vector in vectors where products.contains(vector.sku) {
                state.tenants[tenant]?.vectors.keep(vector, of: model)
            }
        }
    }

    public func forgetVectors(
        exceptOf model: String, in tenant: TenantID
    ) async throws(StoreError) -> Int {
        try change { state in state.tenants[tenant]?.vectors.forget(exceptOf: model) ?? 0 }
    }
}
