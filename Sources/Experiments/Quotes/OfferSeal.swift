internal import Crypto

/// Offers sealed for keeping where others could write: opened only for the same shopper, product and tenant.
///
/// Layout, big-endian: version 129, tail 8, owner 16, experiment 16 (zero for none), variant 1 (index + 1), price 8,
/// currency 3, told at 8, exposed 1, MAC 16: the first half of HMAC-SHA-256 over all before it, the subject that asks,
/// the tenant and the SKU.
extension QuoteSeal {
    private static let offerVersion: UInt8 = 129
    private static let offerLength = 1 + 8 + 16 + 16 + 1 + 8 + 3 + 8 + 1

    public func seal(_ offer: Offer, for place: CachedPlace, of tenant: TenantID) -> [UInt8] {
        [UInt8](size: Self.offerLength + 16) { out in
            out.append(Self.offerVersion)
            out.append(offer.tail, bytes: 8)
            out.append(offer.subject)
            out.append(offer.placement?.experiment.bits ?? Bits128(high: 0, low: 0))
            out.append(UInt8(clamping: (offer.placement?.variant ?? -1) + 1))
            out.append(UInt64(bitPattern: offer.price), bytes: 8)
            out.append(UInt64(offer.currency.packed), bytes: 3)
            out.append(UInt64(bitPattern: offer.toldAt.milliseconds), bytes: 8)
            out.append(offer.isExposed ? 1 : 0)
            out.append(code(of: out.span, for: place, of: tenant))
        }
    }

    /// Nil for anything that was not sealed for this place.
    public func open(_ bytes: [UInt8], for place: CachedPlace, of tenant: TenantID) -> Offer? {
        guard bytes.count == Self.offerLength + 16, bytes[0] == Self.offerVersion else { return nil }
        let expected = code(of: bytes.span.extracting(..<Self.offerLength), for: place, of: tenant)
        var end = Reader(bytes: bytes, position: Self.offerLength)
        let sealed = end.takeBits()
        // In constant time.
        guard (expected.high ^ sealed.high) | (expected.low ^ sealed.low) == 0 else { return nil }
        var reader = Reader(bytes: bytes, position: 1)
        let tail = reader.take(8)
        let owner = reader.takeBits()
        let experiment = reader.takeBits()
        let variant = Int(reader.take(1)) - 1
        let price = Int64(bitPattern: reader.take(8))
        guard let currency = Currency(packed: UInt32(truncatingIfNeeded: reader.take(3))) else { return nil }
        let toldAt = Timestamp(milliseconds: Int64(bitPattern: reader.take(8)))
        return Offer(
            tail: tail, subject: owner, product: place.product,
            placement: variant >= 0
                ? Offer.Placement(experiment: ExperimentID(bits: experiment), variant: variant) : nil,
            price: price, currency: currency, toldAt: toldAt, isExposed: reader.take(1) == 1)
    }

    private func code(of content: Span<UInt8>, for place: CachedPlace, of tenant: TenantID) -> Bits128 {
        var code = mac.begin()
        code.update(content)
        for bits in [place.subject, tenant.bits] {
            code.update(bits.high)
            code.update(bits.low)
        }
        var product = place.product.text
        product.makeContiguousUTF8()
        code.update(product.utf8.span)
        return half(code.finish())
    }
}
