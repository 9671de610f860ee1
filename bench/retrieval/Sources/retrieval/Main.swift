import AgentRuntime
import Experiments
import Foundation
import MiniLM
import Stats

func seconds(_ body: () throws -> Void) rethrows -> Double {
    let duration = try ContinuousClock().measure(body)
    return Double(duration.components.seconds) + Double(duration.components.attoseconds) * 1e-18
}

func text(_ value: Double, _ digits: Int = 3) -> String { String(format: "%.\(digits)f", value) }

func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }

/// Best and median time of one search, over all queries, in milliseconds.
func time(_ queries: [String], rounds: Int = 5, _ body: (String) -> Void) -> String {
    var medians: [Double] = []
    var worst = 0.0
    for _ in 0..<rounds {
        let times = queries.map { query in seconds { body(query) } * 1e3 }
        medians.append(median(times))
        worst = max(worst, times.sorted()[times.count * 99 / 100])
    }
    return "\(text(medians.min() ?? 0)) ms median, \(text(worst)) p99"
}

/// How good rankings are, and what a search costs.
func quality(_ catalogue: Catalogue, _ weights: String, _ cache: String, _ unsold: String) async throws {
    var index: CatalogueIndex?
    print("index of \(catalogue.snapshot.catalogue.count) products: \(text(seconds { index = CatalogueIndex(catalogue.snapshot) })) s")
    guard let hashed = index else { return }
    let kept = try KeptEmbedder(MiniLM(directory: weights), folder: cache)
    let search = CatalogueSearch(embedder: kept)
    let start = ContinuousClock().now
    _ = await search.search("laptop", in: catalogue.snapshot)
    await search.settle(catalogue.snapshot.tenant.id)
    print("embedded \(kept.count) texts in \(start.duration(to: .now))")
    let model = await search.index(at: catalogue.snapshot)
    guard model.model == kept.model else { throw Failure("the model did not take over") }
    var vectors: [String: [Float]] = [:]
    for query in catalogue.queries { vectors[query] = try await kept.embed([query]).first }
    func line(_ name: String, _ index: CatalogueIndex, _ vectors: [String: [Float]]?, _ mixture: CatalogueIndex.Mixture?) {
        let quality = catalogue.quality { query in
            index.search(query, vector: vectors?[query], limit: 100, mixture: mixture).map(\.product.sku.text)
        }
        let cost = time(catalogue.queries) { query in
            _ = index.search(query, vector: vectors?[query], limit: 10, mixture: mixture)
        }
        let label = name.padding(toLength: 28, withPad: " ", startingAt: 0)
        print("\(label)nDCG@10 \(text(quality.ndcg))  recall@100 \(text(quality.recall))  MRR \(text(quality.reciprocal))  \(cost)")
    }
    line("BM25", hashed, nil, .init(lexical: 1))
    line("hashed pieces", hashed, nil, .init(lexical: 0))
    line("BM25 and hashed, as served", hashed, nil, nil)
    line("MiniLM", model, vectors, .init(lexical: 0))
    line("BM25 and MiniLM, as served", model, vectors, nil)
    for share in [0.5, 0.6, 0.65, 0.7, 0.8, 0.9] {
        line("words \(text(share, 2)), hashed", hashed, nil, .init(lexical: share))
        line("words \(text(share, 2)), MiniLM", model, vectors, .init(lexical: share))
    }
    try overlap(catalogue, kept, vectors)
    try await floors(catalogue, unsold, search, "MiniLM")
}

/// What the floor lets through: of judged queries that have an answer none may fall, of unsold things few may pass; and
/// how good rankings are by the door that shoppers use, floor and all.
func floors(_ catalogue: Catalogue, _ unsold: String, _ search: CatalogueSearch, _ name: String) async throws {
    func counts(_ queries: [String]) async -> String {
        var counts: [Fit: Int] = [:]
        for query in queries {
            counts[await search.search(query, in: catalogue.snapshot).fit, default: 0] += 1
        }
        return Fit.allCases.map { "\($0.rawValue) \(counts[$0] ?? 0)" }.joined(separator: "  ")
    }
    let answered = catalogue.queries.filter { catalogue.ratings[$0]?.values.contains { $0 > 0 } == true }
    print("\(name), judged queries with an answer: \(await counts(answered))")
    let lists = try String(contentsOf: URL(fileURLWithPath: unsold), encoding: .utf8).components(separatedBy: "\n\n")
    for list in lists {
        let queries = list.split(separator: "\n").map(String.init).filter { !$0.hasPrefix("#") }
        print("\(name), \(queries.count) unsold things: \(await counts(queries))")
    }
    var served: [String: [String]] = [:]
    for query in catalogue.queries {
        served[query] = await search.search(query, in: catalogue.snapshot, limit: 100).hits.map(\.product.sku.text)
    }
    let quality = catalogue.quality { served[$0] ?? [] }
    print("\(name), served with the floor: nDCG@10 \(text(quality.ndcg))  recall@100 \(text(quality.recall))")
}

/// How many of the ten nearest rows of single precision are among those of bytes.
func overlap(_ catalogue: Catalogue, _ kept: KeptEmbedder, _ queries: [String: [Float]]) throws {
    var exact = try VectorIndex(dimension: kept.dimensions, metric: .dot)
    var coded = try VectorIndex(dimension: kept.dimensions, metric: .dot, encoding: .int8)
    for (row, vector) in kept.all.enumerated() {
        try exact.add(vector, id: row)
        try coded.add(vector, id: row)
    }
    var same = 0
    for query in queries.values {
        same += Set(try exact.nearest(10, to: query).map(\.id)).intersection(try coded.nearest(10, to: query).map(\.id)).count
    }
    print("int8 overlap@10 over \(coded.count) vectors: \(text(Double(same) / Double(10 * queries.count), 4))")
}

/// What changes cost: one product, and a hundred at once.
func changes(_ catalogue: Catalogue) {
    var index = CatalogueIndex(catalogue.snapshot)
    let products = catalogue.snapshot.catalogue.values.map(\.product).sorted { $0.sku < $1.sku }
    var version = 1
    for count in [0, 1, 100] {
        var times: [Double] = []
        for _ in 0..<9 {
            version += 1
            var changed = products
            for i in 0..<count { changed[i * 190].title += " \(version)" }
            let snapshot = Catalogue.snapshot(changed, version: version)
            times.append(seconds { index.update(to: snapshot) } * 1e3)
        }
        print("update with \(count) of \(products.count) products changed: \(text(median(times), 1)) ms")
    }
}

/// MiniLM alone: one query at a time, and many texts.
func speed(_ weights: String, _ file: String) throws {
    var model: MiniLM?
    print("load \(text(try seconds { model = try MiniLM(directory: weights) })) s")
    guard let model else { return }
    let texts = try String(contentsOf: URL(fileURLWithPath: file), encoding: .utf8).split(separator: "\n").map(String.init)
    let queries = ["laptop", "wireless headphones for running", "usb c charger 65w fast charging"]
    _ = model.embed(queries)
    var times: [Double] = []
    for _ in 0..<30 { for query in queries { times.append(seconds { _ = model.embed([query]) } * 1e3) } }
    print("query ms \(text(median(times), 2))")
    var rates: [Double] = []
    for _ in 0..<3 { rates.append(Double(texts.count) / seconds { _ = model.embed(texts) }) }
    print("texts/s \(text(rates.max() ?? 0, 1))")
}

@main enum Main {
    static func main() async throws {
        let arguments = CommandLine.arguments
        // One core is measured.
        Layers.useThreads(1)
        switch (arguments.dropFirst().first, arguments.count) {
        case ("quality", 6):
            try await quality(Catalogue(folder: arguments[2]), arguments[3], arguments[4], arguments[5])
        case ("floors", 4):
            try await floors(Catalogue(folder: arguments[2]), arguments[3], CatalogueSearch(), "built in")
        case ("changes", 3): changes(try Catalogue(folder: arguments[2]))
        case ("speed", 4): try speed(arguments[2], arguments[3])
        default:
            print("retrieval quality DATA WEIGHTS CACHE UNSOLD | floors DATA UNSOLD | changes DATA | speed WEIGHTS TEXTS")
            exit(2)
        }
    }
}
