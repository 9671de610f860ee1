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
        let out = [UInt8](size: Self.fixed + quote.product.text.utf8.count + 16) { out in
            out.append(Self.version)
            out.append(quote.tenant.bits)
            out.append(quote.quote.bits)
            out.append(quote.subject)
            out.append(quote.placement?.experiment.bits ?? Bits128(high: 0, low: 0))
            out.append(UInt8(clamping: (quote.placement?.variant ?? -1) + 1))
            out.append(UInt64(bitPattern: quote.price.amount), bytes: 8)
            out.append(UInt64(quote.price.currency.packed), bytes: 3)
            out.append(UInt64(clamping: quote.maximumQuantity), bytes: 4)
            out.append(UInt64(bitPattern: quote.expiresAt.milliseconds), bytes: 8)
            out.append(utf8: quote.product.text)
            out.append(half(mac.authenticationCode(for: out.span)))
        }
        return Base64URL.encode(out)
    }

    /// Reads a token.
    ///
    /// - Throws: `broken` for anything we did not seal; `expired` more than `QuoteWindow.grace` after its expiry.
    public func open(_ token: String, at now: Timestamp) throws(SealError) -> SealedQuote {
        guard token.utf8.count <= 2048, let bytes = Base64URL.decode(token), bytes.count > Self.fixed + 16
        else { throw .broken }
        let content = Array(bytes[..<(bytes.count - 16)])
        let sealedMAC = [UInt8](size: 16) { out in
            out.append(half(mac.authenticationCode(for: content)))
        }
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
