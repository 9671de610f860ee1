import Experiments
import SeedSupport
import Synchronization
import Testing

@testable import AgentRuntime

@Suite struct CatalogueSearchTests {
    private static let shop = [
        Shelves.product("a", "Blue ceramic teapot", "Keeps tea warm"),
        Shelves.product("b", "Wireless headphones", "Noise cancelling", colour: "black"),
        Shelves.product("c", "Headphone case", colour: "blue"),
        Shelves.product("d", "Laptop sleeve"),
    ]

    private static func skus(_ answer: SearchAnswer) -> [String] { answer.hits.map(\.product.sku.text) }

    @Test func `what matches best comes first, and scores fall from at most one`() async {
        let search = CatalogueSearch()
        let answer = await search.search("blue teapots", in: Shelves.snapshot(Self.shop))
        #expect(Self.skus(answer).first == "a")
        let scores = answer.hits.map(\.score)
        #expect(scores == scores.sorted(by: >))
        #expect(scores.allSatisfy { $0 > 0 && $0 <= 1 })
    }

    @Test func `a word with a typing error is found by its pieces`() async {
        let answer = await CatalogueSearch().search("hedphones", in: Shelves.snapshot(Self.shop))
        #expect(Self.skus(answer).first == "b")
    }

    @Test func `a word that no product has is looked for by its pieces beside words that some have`() async {
        let others = (0..<40).map { Shelves.product("w\($0)", "Wireless mouse \($0)") }
        let answer = await CatalogueSearch().search(
            "wireless hedphones", in: Shelves.snapshot(Self.shop + others), limit: 5)
        #expect(Self.skus(answer).contains("b"))
    }

    @Test func `equal products come in the order of their SKUs, whenever they came`() async {
        let search = CatalogueSearch()
        let first = ["m", "z"].map { Shelves.product($0, "Mug") }
        _ = await search.search("mug", in: Shelves.snapshot(first))
        let all = first + ["k", "a", "q"].map { Shelves.product($0, "Mug") }
        let answer = await search.search("mug", in: Shelves.snapshot(all, version: 2))
        #expect(Self.skus(answer) == ["a", "k", "m", "q", "z"])
        let some = await search.search("mug", in: Shelves.snapshot(all, version: 2), limit: 2)
        #expect(Self.skus(some) == ["a", "k"])
    }

    @Test func `a filter is asked before ranking, so that a full page is found behind any number of others`() async {
        let many = (0..<600).map { Shelves.product("black-\($0)", "Mug mug", colour: "black") }
        let blue = (0..<5).map { Shelves.product("z-\($0)", "A mug among other things", colour: "blue") }
        let answer = await CatalogueSearch().search("mug", in: Shelves.snapshot(many + blue), limit: 5) {
            $0.attributes["colour"] == .string("blue")
        }
        #expect(Self.skus(answer) == ["z-0", "z-1", "z-2", "z-3", "z-4"])
    }

    @Test func `without a letter or digit, or any products, nothing is found`() async {
        let search = CatalogueSearch()
        #expect(await search.search(" –!?", in: Shelves.snapshot(Self.shop)).hits.isEmpty)
        #expect(await search.search("mug", in: Shelves.snapshot([], version: 2)).hits.isEmpty)
    }

    @Test func `after any commits an answer is that of an index built anew`() {
        var random = Seeded(3)
        let words = ["mug", "lamp", "blue", "red", "desk", "tea", "pot", "case"]
        var products: [String: Product] = [:]
        var index: CatalogueIndex?
        for version in 1...120 {
            for _ in 0..<3 {
                let sku = "s\(Int.random(in: 0..<30, using: &random))"
                let title = (0..<3).compactMap { _ in words.randomElement(using: &random) }.joined(separator: " ")
                products[sku] = Bool.random(using: &random) ? Shelves.product(sku, title) : nil
            }
            let snapshot = Shelves.snapshot(Array(products.values), version: version)
            if index == nil { index = CatalogueIndex(snapshot) } else { index?.update(to: snapshot) }
            let anew = CatalogueIndex(snapshot)
            for query in ["blue mug", "tea pots", "lamp"] {
                let got = index?.search(query, limit: 30) ?? []
                let expected = anew.search(query, limit: 30)
                #expect(Set(got.map(\.product.sku)) == Set(expected.map(\.product.sku)))
                #expect(zip(got, expected).allSatisfy { abs($0.score - $1.score) < 1e-4 })
                #expect(got.allSatisfy { products[$0.product.sku.text] == $0.product })
            }
        }
    }

    @Test func `whoever asks with an older snapshot is answered from the newest`() async {
        let search = CatalogueSearch()
        let old = Shelves.snapshot(Self.shop, version: 4)
        _ = await search.search("teapot", in: Shelves.snapshot(Array(Self.shop.dropFirst()), version: 5))
        let answer = await search.search("teapot", in: old)
        #expect(answer.version == 5)
        #expect(!Self.skus(answer).contains("a"))
    }

    @Test func `hashed vectors are the same everywhere and of unit length`() {
        let embedder = HashedEmbedder(dimensions: 64)
        let vector = embedder.vector(of: "Blue ceramic teapot")
        #expect(abs(vector.reduce(0) { $0 + $1 * $1 } - 1) < 1e-5)
        #expect(vector == embedder.vector(of: "blue CERAMIC teapot!"))
        #expect(embedder.vector(of: "!").allSatisfy { $0 == 0 })
        #expect(embedder.embed(["a", "b"]) == [embedder.vector(of: "a"), embedder.vector(of: "b")])
    }
}

/// Vectors of one element for each word of a list; it can be held back and made to fail.
final class WordEmbedder: Embedder {
    let model: String
    let words = ["tea", "kettle", "sound", "bag"]
    var dimensions: Int { words.count }
    private let state = Mutex((failures: 0, texts: [String]()))

    init(_ model: String, failures: Int = 0) {
        self.model = model
        state.withLock { $0.failures = failures }
    }

    /// Every text it was given.
    var texts: [String] { state.withLock { $0.texts } }

    func embed(_ texts: [String]) async throws(EmbedderError) -> [[Float]] {
        let fails = state.withLock { state in
            state.texts += texts
            state.failures -= 1
            return state.failures >= 0
        }
        if fails { throw .unavailable("told to fail") }
        return texts.map { text in words.map { text.lowercased().contains($0) ? 1 : 0 } }
    }
}

@Suite struct ModelChangeTests {
    private static let shop = [
        Shelves.product("kettle", "Kettle for tea"), Shelves.product("pot", "Ceramic pot", "For tea"),
        Shelves.product("bag", "Leather bag"),
    ]

    @Test func `a model takes over once it has every product, and until then the old one answers`() async throws {
        let snapshot = Shelves.snapshot(Self.shop)
        let id = snapshot.tenant.id
        let search = CatalogueSearch()
        _ = await search.search("tea", in: snapshot)
        #expect(await search.model(of: id) == HashedEmbedder().model)
        let words = WordEmbedder("words-1", failures: 1)
        search.adopt(words)
        #expect(await search.search("tea", in: snapshot).hits.count == 2)
        await search.settle(id)
        #expect(await search.model(of: id) == HashedEmbedder().model, "the model failed")
        #expect(await search.search("tea", in: snapshot).hits.count == 2)
        await search.settle(id)
        #expect(await search.model(of: id) == "words-1")
        // Nothing in the catalogue has this word: only the model knows that it is like another.
        let answer = await search.search("bagpack", in: snapshot)
        #expect(answer.hits.first?.product.sku.text == "bag")
        let other = WordEmbedder("words-2")
        search.adopt(other)
        let count = words.texts.count
        #expect(await search.search("bagpack", in: snapshot).hits.first?.product.sku.text == "bag")
        #expect(words.texts.count == count + 1, "the old model was asked for the query's vector")
        await search.settle(id)
        #expect(await search.model(of: id) == "words-2")
    }

    @Test func `only what changed is embedded again, and a price is no change`() async throws {
        let id = Shelves.snapshot([]).tenant.id
        let words = WordEmbedder("words-1")
        let search = CatalogueSearch(embedder: words)
        _ = await search.search("tea", in: Shelves.snapshot(Self.shop))
        await search.settle(id)
        #expect(words.texts.count == 3)
        var changed = Self.shop
        changed[0].listPrice = Money(amount: 5, currency: changed[0].currency)
        changed[2].title = "Canvas bag"
        changed.append(Shelves.product("new", "Sound system"))
        changed.remove(at: 1)
        let answer = await search.search("ceramic pot", in: Shelves.snapshot(changed, version: 2))
        #expect(!answer.hits.contains { $0.product.sku.text == "pot" })
        await search.settle(id)
        #expect(Set(words.texts.dropFirst(3)) == ["ceramic pot", "Canvas bag", "Sound system"])
        #expect(await search.model(of: id) == "words-1")
    }

    @Test func `a product is found by its words before it has a vector`() async {
        let search = CatalogueSearch(embedder: WordEmbedder("words-1"))
        _ = await search.search("tea", in: Shelves.snapshot(Self.shop))
        await search.settle(Shelves.snapshot([]).tenant.id)
        let more = Self.shop + [Shelves.product("new", "Sound system")]
        let answer = await search.search("system", in: Shelves.snapshot(more, version: 2))
        #expect(answer.hits.first?.product.sku.text == "new")
    }

    @Test func `the tenant searched longest ago is forgotten first, and found again when asked`() async {
        let search = CatalogueSearch(capacity: 6)
        let shops = (1...3).map { Shelves.snapshot(Self.shop, tenant: $0) }
        for shop in shops + [shops[1]] { _ = await search.search("bag", in: shop) }
        var known: [Bool] = []
        for shop in shops { known.append(await search.model(of: shop.tenant.id) != nil) }
        #expect(known == [false, true, true])
        #expect(await search.search("bag", in: shops[0]).hits.first?.product.sku.text == "bag")
    }
}
