internal import Crypto
internal import Experiments

/// What of a product can be searched: its title, its description, and the texts among its attributes.
///
/// Prices are not in it, so that a new price re-indexes nothing. Texts are a merchant's and only ever compared, never
/// obeyed.
struct ProductText: Sendable {
    /// Values longer than this are no facts to search by, in bytes.
    private static let longestAttribute = 200
    /// How much of a description a vector is made of, in characters: about what a model reads.
    private static let embedded = 600

    /// The shares of a word in each field. Chosen by bench/retrieval.
    private enum Weight {
        static let title = 6
        static let description = 2
        static let attribute = 1
    }

    private let product: Product

    init(_ product: Product) { self.product = product }

    /// Whether both are found by the same words.
    static func isSame(_ a: Product, _ b: Product) -> Bool {
        a.title == b.title && a.description == b.description && a.attributes == b.attributes
    }

    /// Its terms with the weights of where they stand.
    var counts: LexicalIndex.Counts {
        var counts: LexicalIndex.Counts = [:]
        Words(product.title).forEachTerm { counts[$0, default: 0] += Weight.title }
        Words(product.description).forEachTerm { counts[$0, default: 0] += Weight.description }
        for value in product.attributes.values { Self.count(value, into: &counts) }
        return counts
    }

    /// What a vector is made of.
    var embedded: String {
        product.description.isEmpty
            ? product.title : product.title + ". " + product.description.prefix(Self.embedded)
    }

    /// What vectors are kept by, beside the product and the model.
    var contentHash: Bits128 { Bits128(SHA256.hash(embedded)) }

    private static func count(_ value: AttributeValue, into counts: inout LexicalIndex.Counts) {
        switch value {
        case .string(let text):
            guard text.utf8.count <= longestAttribute else { return }
            Words(text).forEachTerm { counts[$0, default: 0] += Weight.attribute }
        case .list(let values): for value in values { count(value, into: &counts) }
        // A number without its name says nothing to search by, and names are the same on every product.
        case .null, .bool, .number, .object: break
        }
    }
}
