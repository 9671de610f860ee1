public import Experiments
internal import Stats

/// One tenant's products, to be searched: by their words, and by the vectors of one model.
///
/// A value: who holds one searches the catalogue of one version, whatever is committed meanwhile. `update(to:)` takes it
/// to another snapshot and re-indexes what differs, nothing else.
public struct CatalogueIndex: Sendable {
    /// The version of the snapshot it stands at.
    public private(set) var version: Int
    /// By row; nil where there is none now.
    private(set) var rows: [Product?] = []
    private var places: [TenantKey: Int] = [:]
    private var freeRows: [Int] = []
    private(set) var lexical = LexicalIndex()
    /// The vectors that are searched.
    private(set) var shelf: VectorShelf
    /// Those of a model that takes over once it has all.
    private(set) var next: VectorShelf?
    /// Fills the shelf as products change; nil once another model's are in use, which `install` brings.
    private(set) var hashed: HashedEmbedder?

    /// The index of a snapshot, searched by words and by the built-in embedder's vectors.
    public init(_ snapshot: TenantSnapshot, hashed: HashedEmbedder = HashedEmbedder()) {
        self.hashed = hashed
        version = snapshot.version
        shelf = VectorShelf(model: hashed.model, dimensions: hashed.dimensions)
        update(to: snapshot)
    }

    /// How many products there are.
    public var count: Int { places.count }

    /// The model of the vectors in use.
    public var model: String { shelf.model }

    /// Takes what differs between the catalogue it stands at and a snapshot's: also backwards.
    public mutating func update(to snapshot: TenantSnapshot) {
        version = snapshot.version
        if places.count != 0 {
            for (sku, row) in places where snapshot.catalogue[sku] == nil { remove(sku, row) }
        }
        var added: [Product] = []
        for (sku, entry) in snapshot.catalogue {
            guard let row = places[sku], let old = rows[row] else {
                added.append(entry.product)
                continue
            }
            rows[row] = entry.product
            if ProductText.isSame(old, entry.product) { continue }
            lexical.remove(ProductText(old).counts, row: row)
            index(entry.product, row)
        }
        // In the order of keys, so that the same catalogue has the same rows.
        for product in added.sorted(by: { $0.sku < $1.sku }) { add(product) }
    }

    private mutating func add(_ product: Product) {
        guard freeRows.last != nil || rows.count < LexicalIndex.rowLimit else { return }
        let row = freeRows.popLast() ?? rows.count
        if row == rows.count { rows.append(product) } else { rows[row] = product }
        places[product.sku] = row
        index(product, row)
    }

    private mutating func index(_ product: Product, _ row: Int) {
        let text = ProductText(product)
        lexical.add(text.counts, row: row)
        let content = text.contentHash
        next?.keep(only: content, row: row)
        shelf.keep(only: content, row: row)
        if shelf.holds(row: row) { return }
        // Pieces of words say something of a few words, and of many nothing.
        if let hashed { shelf.put(hashed.vector(of: product.title), of: content, row: row) }
    }

    private mutating func remove(_ sku: TenantKey, _ row: Int) {
        guard let old = rows[row] else { return }
        lexical.remove(ProductText(old).counts, row: row)
        shelf.remove(row: row)
        next?.remove(row: row)
        rows[row] = nil
        places[sku] = nil
        freeRows.append(row)
    }
}

// MARK: Vectors of another model

extension CatalogueIndex {
    /// A product without a vector, and what one is made of.
    struct Lacking: Sendable {
        let row: Int
        let text: String
        let content: Bits128
    }

    /// Begins to gather vectors of another model beside those in use, unless it did or they are in use already.
    mutating func gather(_ model: String, dimensions: Int) {
        if shelf.model == model {
            next = nil
        } else if next?.model != model {
            next = VectorShelf(model: model, dimensions: dimensions)
        }
    }

    /// Whether a model's vectors are in use and no product lacks one.
    func isComplete(_ model: String) -> Bool { shelf.model == model && shelf.count == count }

    /// Products from a row on that lack a vector of the model, at most so many.
    func lacking(_ model: String, from row: Int, limit: Int) -> [Lacking] {
        guard let shelf = shelf.model == model ? shelf : next, shelf.model == model else { return [] }
        var found: [Lacking] = []
        for row in row..<max(row, rows.count) {
            guard let product = rows[row], !shelf.holds(row: row) else { continue }
            let text = ProductText(product)
            found.append(Lacking(row: row, text: text.embedded, content: text.contentHash))
            if found.count == limit { break }
        }
        return found
    }

    /// Takes vectors that were kept: those of texts that are still said.
    mutating func recall(_ kept: [ProductVector], of model: String, dimensions: Int) {
        for vector in kept {
            guard let row = places[vector.sku], let product = rows[row],
                ProductText(product).contentHash == vector.content, let elements = vector.elements(dimensions)
            else { continue }
            if shelf.model == model {
                if !shelf.holds(row: row) { shelf.put(elements, of: vector.content, row: row) }
            } else if next?.model == model {
                next?.put(elements, of: vector.content, row: row)
            }
        }
    }

    /// What is kept of vectors that were made.
    func kept(_ vectors: [(of: Lacking, vector: [Float])]) -> [ProductVector] {
        vectors.compactMap { lacking, vector in
            guard rows.indices.contains(lacking.row), let product = rows[lacking.row] else { return nil }
            let content = ProductText(product).contentHash
            return content == lacking.content
                ? ProductVector(sku: product.sku, content: content, elements: vector) : nil
        }
    }

    /// Takes vectors that were made while the catalogue may have gone on: those of texts that changed are dropped. Once
    /// every product has one, the model is the one in use.
    mutating func install(_ vectors: [(of: Lacking, vector: [Float])], of model: String) {
        for (lacking, vector) in vectors {
            guard rows.indices.contains(lacking.row), let product = rows[lacking.row],
                ProductText(product).contentHash == lacking.content
            else { continue }
            if shelf.model == model {
                shelf.put(vector, of: lacking.content, row: lacking.row)
            } else if next?.model == model {
                next?.put(vector, of: lacking.content, row: lacking.row)
            }
        }
        guard let gathered = next, gathered.model == model, gathered.count == count else { return }
        shelf = gathered
        next = nil
        hashed = nil
    }
}
