internal import Experiments
internal import Redis

/// Names of what a tenant has in Redis, all in one slot of a cluster.
enum RedisKeys {
    /// What a shopper was told for a product: `{tenant}:told:subject:sku`.
    static func appendTold(_ place: CachedPlace, of tenant: TenantID, to command: inout RedisCommand) {
        append(told, place.subject, tenant, then: place.product.text, to: &command)
    }

    /// The mark of a shopper who was forgotten: `{tenant}:forgotten:subject`.
    static func appendForgotten(_ subject: Subject, of tenant: TenantID, to command: inout RedisCommand) {
        append(forgotten, subject, tenant, then: "", to: &command)
    }

    /// How long the longer of the two is, without the SKU.
    static let longest = start.count + 32 + forgotten.count + 32

    private static let start = Array("{\(Tenant.identifierPrefix)_".utf8)
    private static let told = Array("}:told:".utf8)
    private static let forgotten = Array("}:forgotten:".utf8)

    private static func append(
        _ kind: [UInt8], _ subject: Subject, _ tenant: TenantID, then product: String, to command: inout RedisCommand
    ) {
        let product = product.utf8
        let length = start.count + 32 + kind.count + 32 + (product.isEmpty ? 0 : 1 + product.count)
        command.append(count: length) { out in
            out.append(contentsOf: start)
            tenant.bits.appendHex(to: &out)
            out.append(contentsOf: kind)
            subject.appendHex(to: &out)
            if product.isEmpty { return }
            out.append(UInt8(ascii: ":"))
            out.append(contentsOf: product)
        }
    }

    /// Where programs before migration 0022 of PostgreSQL keep what they told.
    static func toldBefore(_ subject: Subject, _ tenant: TenantID) -> String { "{\(tenant)}:offers:\(subject.hex)" }

    /// The newest version of the configuration that the store was seen to have.
    static func version(_ tenant: TenantID) -> String { "{\(tenant)}:version" }

    /// There while the configuration may be changing.
    static func change(_ tenant: TenantID) -> String { "{\(tenant)}:change" }
}
