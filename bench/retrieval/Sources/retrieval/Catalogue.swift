import AgentRuntime
import Crypto
import Experiments
import Foundation
import JSON

/// The catalogue and the judgements, as the data folder has them.
struct Catalogue {
    let snapshot: TenantSnapshot
    /// In the order of the file.
    let queries: [String]
    /// By query and SKU, 0 to 3.
    let ratings: [String: [String: Double]]

    init(folder: String) throws {
        var products: [Product] = []
        let lines = try Data(contentsOf: URL(fileURLWithPath: folder + "/products.ndjson"))
        for line in lines.split(separator: 0x0a) {
            let json = try JSONValue(parsing: Array(line))
            guard let sku = json["sku"]?.string.flatMap(TenantKey.init), let title = json["title"]?.string,
                let price = json["price"]?.int64, let currency = Currency("USD")
            else { throw Failure("a product is none") }
            var attributes: Attributes = [:]
            for member in json["attributes"]?.object?.members ?? [] {
                attributes[member.key] =
                    member.value.string.map { .string($0) } ?? member.value.double.map { .number($0) }
                    ?? member.value.bool.map { .bool($0) }
            }
            products.append(
                Product(
                    sku: sku, title: title, description: json["description"]?.string ?? "",
                    listPrice: Money(amount: price, currency: currency), attributes: attributes))
        }
        snapshot = Self.snapshot(products, version: 1)
        var queries: [String] = []
        var ratings: [String: [String: Double]] = [:]
        let table = try String(contentsOf: URL(fileURLWithPath: folder + "/ratings.csv"), encoding: .utf8)
        for line in table.split(whereSeparator: \.isNewline).dropFirst() {
            // No query has a comma or a quotation mark.
            let fields = line.split(separator: ",").map(String.init)
            guard fields.count == 3, let rating = Double(fields[2]) else { throw Failure("a judgement is none: \(line)") }
            if ratings[fields[0]] == nil { queries.append(fields[0]) }
            ratings[fields[0], default: [:]][fields[1]] = rating
        }
        self.queries = queries
        self.ratings = ratings
    }

    static func snapshot(_ products: [Product], version: Int) -> TenantSnapshot {
        TenantSnapshot(
            TenantConfiguration(
                tenant: Tenant(
                    id: TenantID(bits: Bits128(high: 1, low: 1)), name: "Bench", createdAt: Timestamp(milliseconds: 0),
                    secrets: TenantSecrets(
                        subjectKey: [UInt8](repeating: 1, count: 32), sealKey: [UInt8](repeating: 2, count: 32))),
                version: version, products: products, experiments: [], keys: []))
    }

    /// nDCG@10 with gain 2^rating − 1, recall@100 and the mean reciprocal rank of ratings from 2 on; queries without
    /// such a rating do not count.
    func quality(of ranking: (String) -> [String]) -> (ndcg: Double, recall: Double, reciprocal: Double) {
        var (ndcg, recall, reciprocal) = ([Double](), [Double](), [Double]())
        for query in queries {
            let judged = ratings[query] ?? [:]
            let found = ranking(query)
            func gain(_ rating: Double, _ place: Int) -> Double { (pow(2, rating) - 1) / log2(Double(place + 2)) }
            let ideal = judged.values.sorted(by: >).prefix(10).enumerated().reduce(0) { $0 + gain($1.1, $1.0) }
            if ideal > 0 {
                let seen = found.prefix(10).enumerated().reduce(0) { $0 + gain(judged[$1.1] ?? 0, $1.0) }
                ndcg.append(seen / ideal)
            }
            let relevant = Set(judged.filter { $0.value >= 2 }.keys)
            if relevant.isEmpty { continue }
            recall.append(Double(relevant.intersection(found.prefix(100)).count) / Double(relevant.count))
            reciprocal.append(found.firstIndex { relevant.contains($0) }.map { 1 / Double($0 + 1) } ?? 0)
        }
        func mean(_ x: [Double]) -> Double { x.reduce(0, +) / Double(x.count) }
        return (mean(ndcg), mean(recall), mean(reciprocal))
    }
}

struct Failure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
