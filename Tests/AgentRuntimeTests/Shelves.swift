import Experiments

@testable import AgentRuntime

/// Catalogues for tests.
enum Shelves {
    static func product(_ sku: String, _ title: String, _ description: String = "", colour: String? = nil) -> Product {
        Product(
            sku: key(sku), title: title, description: description,
            listPrice: Money(amount: 1999, currency: currency),
            attributes: colour.map { ["colour": .string($0)] } ?? [:])
    }

    static func snapshot(_ products: [Product], version: Int = 1, tenant: UInt64 = 2) -> TenantSnapshot {
        TenantSnapshot(
            TenantConfiguration(
                tenant: Tenant(
                    id: TenantID(bits: Bits128(high: 1, low: tenant)), name: "Shop",
                    createdAt: Timestamp(milliseconds: 0),
                    secrets: TenantSecrets(
                        subjectKey: [UInt8](repeating: 1, count: 32), sealKey: [UInt8](repeating: 2, count: 32))),
                version: version, products: products, experiments: [], keys: []))
    }

    static func key(_ text: String) -> TenantKey {
        guard let key = TenantKey(text) else { preconditionFailure("a test's key is a key") }
        return key
    }

    private static var currency: Currency {
        guard let currency = Currency("USD") else { preconditionFailure("dollars are a currency") }
        return currency
    }
}
