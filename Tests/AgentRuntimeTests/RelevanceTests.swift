import Experiments
import Testing

@testable import AgentRuntime

@Suite struct RelevanceTests {
    private static let shop = [
        Shelves.product("a", "Stoneware mug", "Holds 300 ml"), Shelves.product("b", "Wireless headphones"),
        Shelves.product("c", "Paper lamp", "A warm light"), Shelves.product("d", "Kaffeetasse mit Deckel"),
        Shelves.product("e", "Doll dress", "A dress for dolls"),
    ]

    private func answer(_ query: String) async -> (Fit, [String]) {
        let answer = await CatalogueSearch().search(query, in: Shelves.snapshot(Self.shop), limit: 5)
        return (answer.fit, answer.hits.map(\.product.sku.text))
    }

    @Test(arguments: [
        "mug", "I am looking for a nice blue mug, please", "the cheapest headphones that you have",
        "una mug azul barata",
        "haben Sie eine schöne Lamp?", "stoneware", "light",
    ])
    func `what is sold is a match, whatever stands around it`(query: String) async {
        let (fit, hits) = await answer(query)
        #expect(fit == .match && !hits.isEmpty, "\(hits)")
    }

    @Test(arguments: [
        "garden gnome", "running shoes", "do you sell life insurance?", "I want a lawn mower with a warm seat",
        "un billet d'avion pour Rome", "Aspirin gegen Kopfschmerzen", "toilet brush with a red handle",
    ])
    func `what is not sold finds nothing, though a product shares a word`(query: String) async {
        let (fit, hits) = await answer(query)
        #expect(fit == .none && hits.isEmpty, "\(hits)")
    }

    @Test(arguments: [("travel mug", "a"), ("wedding dress", "e"), ("paper towels", "c")])
    func `what shares half of what was said comes near, and is said to`(query: String, sku: String) async {
        let (fit, hits) = await answer(query)
        #expect(fit == .near && hits.first == sku, "\(hits)")
    }

    @Test(arguments: [("hedphones", "b"), ("stonware", "a"), ("tasse", "d")])
    func `a word that is misspelt or a part of one is found all the same`(query: String, sku: String) async {
        let (fit, hits) = await answer(query)
        #expect(fit != .none && hits.first == sku, "\(hits)")
    }

    @Test func `what a model knows to mean the same is believed as far as it is near`() {
        let index = CatalogueIndex(Shelves.snapshot(Self.shop))
        for (cosine, fit) in [(0.7, Fit.match), (0.5, .near), (0.3, .none), (nil, .none)] as [(Double?, Fit)] {
            #expect(index.fit(of: [0], to: "beaker", cosine: cosine) == fit)
        }
        #expect(index.fit(of: [], to: "mug", cosine: nil) == .none)
    }
}
