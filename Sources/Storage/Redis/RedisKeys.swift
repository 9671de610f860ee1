internal import Experiments

/// Names of what a tenant has in Redis, all in one slot of a cluster.
enum RedisKeys {
    /// What a shopper was told: `{tenant}:offers:subject`.
    static func offers(of subject: Subject, _ tenant: TenantID) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(offersLength)
        appendOffers(of: subject, tenant, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The same without text, ``offersLength`` bytes.
    static func appendOffers(of subject: Subject, _ tenant: TenantID, to out: inout [UInt8]) {
        out.append(contentsOf: start)
        tenant.bits.appendHex(to: &out)
        out.append(contentsOf: middle)
        subject.appendHex(to: &out)
    }

    private static let start = Array("{\(Tenant.identifierPrefix)_".utf8)
    private static let middle = Array("}:offers:".utf8)
    static let offersLength = start.count + 32 + middle.count + 32

    /// The newest version of the configuration that the store was seen to have.
    static func version(_ tenant: TenantID) -> String { "{\(tenant)}:version" }

    /// There while the configuration may be changing.
    static func change(_ tenant: TenantID) -> String { "{\(tenant)}:change" }
}
