internal import Crypto

/// What a quote's token says.
public struct SealedQuote: Sendable, Equatable {
    public let tenant: TenantID
    public let quote: QuoteID
    public let subject: Subject
    public let product: TenantKey
    public let placement: Offer.Placement?
    public let price: Money
    public let maximumQuantity: Int64
    public let expiresAt: Timestamp

    public init(
        tenant: TenantID, quote: QuoteID, subject: Subject, product: TenantKey, placement: Offer.Placement?,
        price: Money, maximumQuantity: Int64, expiresAt: Timestamp
    ) {
        self.tenant = tenant
        self.quote = quote
        self.subject = subject
        self.product = product
        self.placement = placement
        self.price = price
        self.maximumQuantity = maximumQuantity
        self.expiresAt = expiresAt
    }
}

public enum SealError: Error, Sendable, Equatable {
    /// Not a token, or not as we sealed it.
    case broken
    /// Sealed by us, and expired.
    case expired(at: Timestamp)
}

/// Seals quotes with a MAC keyed per tenant, and opens them again. Whatever a checkout charges comes out of here.
///
/// Layout, big-endian: version 1, tenant 16, quote 16, subject 16, experiment 16 (zero for none), variant 1
/// (index + 1), price 8, currency 3, maximum quantity 4, expiry 8, SKU (rest), MAC 16: the first half of
/// HMAC-SHA-256 over all before it. Written in base64url.
public struct QuoteSeal: Sendable {
    let mac: HMACSHA256
    private static let fixed = 1 + 16 * 4 + 1 + 8 + 3 + 4 + 8
    private static let version: UInt8 = 1

    public init(key: [UInt8]) { mac = HMACSHA256(key: key) }

    public func seal(_ quote: SealedQuote) -> String {
        var out: [UInt8] = []
        out.reserveCapacity(Self.fixed + quote.product.text.utf8.count + 16)
        out.append(Self.version)
        Self.append(quote.tenant.bits, to: &out)
        Self.append(quote.quote.bits, to: &out)
        Self.append(quote.subject, to: &out)
        Self.append(quote.placement?.experiment.bits ?? Bits128(high: 0, low: 0), to: &out)
        out.append(UInt8(clamping: (quote.placement?.variant ?? -1) + 1))
        Self.append(UInt64(bitPattern: quote.price.amount), bytes: 8, to: &out)
        Self.append(UInt64(quote.price.currency.packed), bytes: 3, to: &out)
        Self.append(UInt64(clamping: quote.maximumQuantity), bytes: 4, to: &out)
        Self.append(UInt64(bitPattern: quote.expiresAt.milliseconds), bytes: 8, to: &out)
        out.append(contentsOf: quote.product.text.utf8)
        Self.append(half(mac.authenticationCode(for: out)), to: &out)
        return Base64URL.encode(out)
    }

    /// Reads a token.
    ///
    /// - Throws: `broken` for anything we did not seal; `expired` more than `QuoteWindow.grace` after its expiry.
    public func open(_ token: String, at now: Timestamp) throws(SealError) -> SealedQuote {
        guard token.utf8.count <= 2048, let bytes = Base64URL.decode(token), bytes.count > Self.fixed + 16
        else { throw .broken }
        let content = Array(bytes[..<(bytes.count - 16)])
        var sealedMAC: [UInt8] = []
        Self.append(half(mac.authenticationCode(for: content)), to: &sealedMAC)
        guard constantTimeEquals(sealedMAC, Array(bytes[(bytes.count - 16)...])) else { throw .broken }

        var reader = Reader(bytes: content)
        guard reader.take(1) == UInt64(Self.version) else { throw .broken }
        let tenant = TenantID(bits: reader.takeBits())
        let quote = QuoteID(bits: reader.takeBits())
        let subject = reader.takeBits()
        let experiment = reader.takeBits()
        let variant = Int(reader.take(1)) - 1
        let amount = Int64(bitPattern: reader.take(8))
        let packed = UInt32(truncatingIfNeeded: reader.take(3))
        let quantity = Int64(reader.take(4))
        let expiry = Timestamp(milliseconds: Int64(bitPattern: reader.take(8)))
        guard let currency = Currency(packed: packed),
            let product = TenantKey(String(decoding: content[Self.fixed...], as: UTF8.self))
        else { throw .broken }
        guard now.milliseconds <= expiry.milliseconds + QuoteWindow.grace else { throw .expired(at: expiry) }
        return SealedQuote(
            tenant: tenant, quote: quote, subject: subject, product: product,
            placement: variant >= 0
                ? Offer.Placement(experiment: ExperimentID(bits: experiment), variant: variant) : nil,
            price: Money(amount: amount, currency: currency), maximumQuantity: quantity, expiresAt: expiry)
    }

    func half(_ digest: Digest256) -> Bits128 { Bits128(digest) }

    static func append(_ bits: Bits128, to out: inout [UInt8]) {
        append(bits.high, bytes: 8, to: &out)
        append(bits.low, bytes: 8, to: &out)
    }

    static func append(_ value: UInt64, bytes: Int, to out: inout [UInt8]) {
        var shift = UInt64(bytes) * 8
        while shift > 0 {
            shift -= 8
            out.append(UInt8(truncatingIfNeeded: value >> shift))
        }
    }

    struct Reader {
        let bytes: [UInt8]
        var position = 0

        /// The caller has checked that the fixed part is there.
        mutating func take(_ count: Int) -> UInt64 {
            let end = position + count
            defer { position = end }
            return bytes[position..<end].reduce(0) { $0 << 8 | UInt64($1) }
        }

        mutating func takeBits() -> Bits128 {
            let high = take(8)
            return Bits128(high: high, low: take(8))
        }
    }
}
