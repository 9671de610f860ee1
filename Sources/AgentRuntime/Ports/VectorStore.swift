public import Experiments

/// A product's vector as it is kept: what a model made of what was said of the product when it was made.
public struct ProductVector: Sendable, Equatable {
    public let sku: TenantKey
    /// Of the text that it was made of: a vector of another text is none of the product's.
    public let content: Bits128
    /// Elements of single precision, little-endian.
    public let bytes: [UInt8]

    public init(sku: TenantKey, content: Bits128, bytes: [UInt8]) {
        self.sku = sku
        self.content = content
        self.bytes = bytes
    }

    init(sku: TenantKey, content: Bits128, elements: [Float]) {
        self.sku = sku
        self.content = content
        var bytes: [UInt8] = []
        bytes.reserveCapacity(4 * elements.count)
        for element in elements {
            let bits = element.bitPattern
            for shift: UInt32 in [0, 8, 16, 24] { bytes.append(UInt8(truncatingIfNeeded: bits >> shift)) }
        }
        self.bytes = bytes
    }

    /// What vectors of a product as it is now are made of.
    public static func content(of product: Product) -> Bits128 { ProductText(product).contentHash }

    /// Nil where it is no vector of so many finite elements.
    func elements(_ count: Int) -> [Float]? {
        guard bytes.count == 4 * count else { return nil }
        var elements: [Float] = []
        elements.reserveCapacity(count)
        var bits: UInt32 = 0
        for (place, byte) in bytes.enumerated() {
            bits |= UInt32(byte) << UInt32(8 * (place % 4))
            if place % 4 == 3 {
                elements.append(Float(bitPattern: bits))
                bits = 0
            }
        }
        return elements.allSatisfy(\.isFinite) ? elements : nil
    }
}

/// Where the vectors of catalogues are kept, beside the catalogues.
///
/// A change of the catalogue takes away, in its own transaction, the vectors of products that are gone and of texts that
/// are no longer said: what is kept is never of another text than the catalogue's. What is lacking is made in the
/// background and kept as it comes.
public protocol VectorStore: Sendable {
    /// Vectors of a model in the order of their SKUs, after one.
    func vectors(
        of model: String, in tenant: TenantID, after sku: TenantKey?, limit: Int
    ) async throws(StoreError) -> [ProductVector]

    /// Keeps vectors of products that there are, in place of those they had of the model; others are not kept. Done twice
    /// it is done once.
    func keep(_ vectors: [ProductVector], of model: String, in tenant: TenantID) async throws(StoreError)

    /// Takes away the vectors of every other model; returns how many there were.
    func forgetVectors(exceptOf model: String, in tenant: TenantID) async throws(StoreError) -> Int
}
