public import Crypto
internal import Experiments
internal import Synchronization

/// The installation's own keys for signing quotes, where it was given some.
public struct SigningKeys: Sendable {
    /// Signs.
    public let current: ES256.PrivateKey
    /// Keys that signed before, or will: published beside the current one, so that what they sign can be checked.
    public let others: [ES256.PublicKey]

    /// Reads PEM blocks: the first is the private key that signs, the rest, private or public, are published.
    ///
    /// Line breaks may be written as `\n`, as they are where a variable holds one line. Nil unless each block is a key
    /// on P-256 and there are one to eight of them.
    public init?(pem: String) {
        let text = pem.split(separator: "\\n", omittingEmptySubsequences: false).joined(separator: "\n")
        let blocks = Self.blocks(of: text)
        guard (1...8).contains(blocks.count), let first = blocks.first, let current = ES256.PrivateKey(pem: first)
        else { return nil }
        var others: [ES256.PublicKey] = []
        for block in blocks.dropFirst() {
            guard let key = ES256.PublicKey(pem: block) else { return nil }
            if key != current.publicKey, !others.contains(key) { others.append(key) }
        }
        self.current = current
        self.others = others
    }

    private static func blocks(of text: String) -> [String] {
        text.split(separator: "-----BEGIN ").filter { $0.contains("-----END ") }.map { "-----BEGIN " + $0 }
    }
}

/// Who signs for whom: the installation's key for all tenants; without one each tenant's own, which follows from the
/// secret that its quotes are sealed with, so that every replica has it and nothing more is kept.
final class Signers: Sendable {
    private let installation: SigningKeys?
    private let derived = Mutex<[TenantID: ES256.PrivateKey]>([:])

    init(_ installation: SigningKeys?) { self.installation = installation }

    /// The key that signs for a tenant now. The first time it costs a multiplication on the curve.
    func key(for snapshot: TenantSnapshot) -> ES256.PrivateKey { installation?.current ?? own(snapshot) }

    /// The installation's keys, the one that signs first.
    var published: [ES256.PublicKey] { installation.map { [$0.current.publicKey] + $0.others } ?? [] }

    /// The keys that a tenant's quotes may be signed with: its own stays published when the installation is given one.
    func published(for snapshot: TenantSnapshot) -> [ES256.PublicKey] { published + [own(snapshot).publicKey] }

    private func own(_ snapshot: TenantSnapshot) -> ES256.PrivateKey {
        if let key = derived.withLock({ $0[snapshot.tenant.id] }) { return key }
        let key = ES256.PrivateKey.derive(
            from: Secret(snapshot.tenant.secrets.sealKey), info: "cournot quote signature 1")
        derived.withLock { $0[snapshot.tenant.id] = key }
        return key
    }
}
