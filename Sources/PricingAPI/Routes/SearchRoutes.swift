internal import AgentRuntime
internal import Experiments
internal import HTTPServer
internal import JSON

extension PricingAPI {
    /// Products by words. List prices alone: a search is no quote, and tells no shopper's price.
    func searchProducts(_ context: Context) async throws(Problem) -> Response {
        let snapshot = try context.member.snapshot
        guard let query = try context.query("q") else { throw .parameter("`q` is what to search for.") }
        guard (1...1000).contains(query.unicodeScalars.count) else {
            throw .parameter("`q` has 1 to 1,000 characters.")
        }
        let limit = try context.limit(10, in: 1...100)
        let answer = await search.search(query, in: snapshot, limit: limit)
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("data")
        writer.beginArray()
        for hit in answer.hits { hit.write(into: &writer) }
        writer.endArray()
        writer.field("fit", answer.fit.rawValue)
        writer.endObject()
        return context.representation(writer.bytes)
    }
}

extension SearchHit {
    func write(into writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("sku", product.sku.text)
        writer.field("title", product.title)
        writer.field("description", product.description)
        writer.field("list_price", product.listPrice)
        writer.field("attributes", product.attributes)
        writer.field("score", score)
        writer.endObject()
    }
}
