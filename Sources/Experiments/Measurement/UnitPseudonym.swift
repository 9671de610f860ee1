internal import Crypto

/// The names that units go by in an export of one experiment.
///
/// A name is 64 hexadecimal digits that only this server makes: whoever holds an export cannot tell from it whether
/// somebody they know is in it, and exports of two experiments cannot be joined. It is the same each time, and the
/// server reads it back: each row says where an export that was cut goes on.
///
/// The names are a deterministic authenticated encryption of the stored subject, SIV of Rogaway and Shrimpton (2006),
/// both of its keyed functions HMAC-SHA-256 cut to 128 bits, under keys that HKDF derives from the tenant's own for
/// this use and experiment.
public struct UnitPseudonym: Sendable {
    private let tag: HMACSHA256
    private let mask: HMACSHA256

    public init(secrets: TenantSecrets, experiment: ExperimentID) {
        let keys = HKDF.derive(
            from: Secret(secrets.subjectKey), info: Array("cournot unit pseudonym 1 \(experiment)".utf8), count: 64
        ).bytes
        tag = HMACSHA256(key: Array(keys[..<32]))
        mask = HMACSHA256(key: Array(keys[32...]))
    }

    /// The name of a subject.
    public func name(of subject: Subject) -> String {
        let code = Self.code(of: subject, under: tag)
        var digits: [UInt8] = []
        digits.reserveCapacity(64)
        code.appendHex(to: &digits)
        masking(subject, by: code).appendHex(to: &digits)
        return String(decoding: digits, as: UTF8.self)
    }

    /// The subject of a name; nil for what is no name that this gave.
    public func subject(named name: String) -> Subject? {
        guard name.utf8.count == 64, let bytes = Hex.decode(name) else { return nil }
        let code = Self.bits(bytes[..<16])
        let subject = masking(Self.bits(bytes[16...]), by: code)
        return self.name(of: subject) == name ? subject : nil
    }

    private func masking(_ bits: Bits128, by code: Bits128) -> Bits128 {
        let pad = Self.code(of: code, under: mask)
        return Bits128(high: bits.high ^ pad.high, low: bits.low ^ pad.low)
    }

    private static func code(of bits: Bits128, under key: HMACSHA256) -> Bits128 {
        var message = key.begin()
        message.update(bits.high)
        message.update(bits.low)
        return Bits128(message.finish())
    }

    private static func bits(_ bytes: ArraySlice<UInt8>) -> Bits128 {
        func word(_ bytes: ArraySlice<UInt8>) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }
        return Bits128(high: word(bytes.prefix(8)), low: word(bytes.dropFirst(8)))
    }
}
