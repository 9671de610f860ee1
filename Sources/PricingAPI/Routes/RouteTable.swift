internal import Experiments
internal import HTTPServer

/// Every door there is. The OpenAPI document says the same; a test holds the two together.
enum RouteTable {
    static let quotePath: StaticString = "/api/v1/quotes"
    private static let base = "/api/v1"
    /// What follows names a payment provider, which has no key of ours.
    static let webhooksPath = base + "/payments/webhooks/"
    static let webhookBytes = 256 << 10
    private static let batchBytes = 8 << 20

    private static let merchant: Access = .roles([.merchant])
    private static let readers: Access = .roles([.merchant, .analyst])
    private static let sellers: Access = .roles([.merchant, .agent])
    /// Sellers, and shoppers in a session of their own.
    private static let sellersAndShoppers: Access = .roles([.merchant, .agent, .widget])
    static let sessionsPath = base + "/sessions"
    static let chatMessagesPath = base + "/conversations/{id}/messages"
    private static let everyRole: Access = .roles([.merchant, .agent, .analyst])

    static func routes(pages: [String: APIConfiguration.Page]) -> [Route] {
        var routes = tenancy
        routes += catalogue
        routes += experiments
        routes += actions
        routes += decisions
        routes += prices
        routes += checkouts
        routes += agent
        routes += protocols
        routes += operations
        for path in pages.keys.sorted() {
            routes.append(.now(.get, path, .anyone, isPage: true) { api, context in api.page(context) })
        }
        return routes
    }

    private static var tenancy: [Route] {
        [
            .later(.post, base + "/tenants", .roles([.operator])) { api, context throws(Problem) in
                try await api.createTenant(context)
            },
            .now(.get, base + "/tenant", merchant) { api, context throws(Problem) in try api.readTenant(context) },
            .later(.patch, base + "/tenant", merchant) { api, context throws(Problem) in
                try await api.changeTenant(context)
            },
            .now(.get, base + "/keys", merchant, query: Paging.parameters) { api, context throws(Problem) in
                try api.listKeys(context)
            },
            .later(.post, base + "/keys", merchant) { api, context throws(Problem) in try await api.createKey(context)
            },
            .now(.get, base + "/keys/{id}", merchant) { api, context throws(Problem) in try api.readKey(context) },
            .later(.delete, base + "/keys/{id}", merchant) { api, context throws(Problem) in
                try await api.removeKey(context)
            },
            .later(.get, base + "/usage/current", readers) { api, context throws(Problem) in
                try await api.currentUsage(context)
            },
            .later(.get, base + "/usage/history", readers, query: ["from", "through"]) { api, context throws(Problem) in
                try await api.usageHistory(context)
            },
            .later(.get, base + "/audit", merchant, query: Paging.parameters) { api, context throws(Problem) in
                try await api.listAudit(context)
            },
        ]
    }

    private static var catalogue: [Route] {
        [
            .now(.get, base + "/products", readers, query: Paging.parameters) { api, context throws(Problem) in
                try api.listProducts(context)
            },
            .later(.post, base + "/products", merchant) { api, context throws(Problem) in
                try await api.createProduct(context)
            },
            .later(.post, base + "/products/import", merchant, bodyLimit: batchBytes) { api, context throws(Problem) in
                try await api.importProducts(context)
            },
            .later(.get, base + "/products/search", everyRole, query: ["q", "limit"]) { api, context throws(Problem) in
                try await api.searchProducts(context)
            },
            .now(.get, base + "/products/{sku}", readers) { api, context throws(Problem) in try api.readProduct(context)
            },
            .later(.patch, base + "/products/{sku}", merchant) { api, context throws(Problem) in
                try await api.changeProduct(context)
            },
            .later(.delete, base + "/products/{sku}", merchant) { api, context throws(Problem) in
                try await api.removeProduct(context)
            },
        ]
    }

    private static var experiments: [Route] {
        [
            .now(.get, base + "/experiments", readers, query: Paging.parameters + ["status"]) {
                api, context throws(Problem) in
                try api.listExperiments(context)
            },
            .later(.post, base + "/experiments", merchant) { api, context throws(Problem) in
                try await api.createExperiment(context)
            },
            .now(.get, base + "/experiments/{id}", readers) { api, context throws(Problem) in
                try api.readExperiment(context)
            },
            .later(.put, base + "/experiments/{id}", merchant) { api, context throws(Problem) in
                try await api.replaceExperiment(context)
            },
            .later(.patch, base + "/experiments/{id}", merchant) { api, context throws(Problem) in
                try await api.changeExperiment(context)
            },
            .later(
                .get, base + "/experiments/{id}/report", readers,
                query: ["format", "picture", "scale", "as_of", "watch", "segment"]
            ) { api, context throws(Problem) in
                try await api.report(context)
            },
            .now(.get, base + "/experiments/{id}/live", readers) { api, context throws(Problem) in
                try api.follow(context)
            },
            .later(.get, base + "/experiments/{id}/export", readers, query: ["format", "after"]) {
                api, context throws(Problem) in
                try await api.export(context)
            },
            .now(.post, base + "/power", readers) { api, context throws(Problem) in try api.power(context) },
        ]
    }

    private static var actions: [Route] {
        ExperimentAction.allCases.map { action in
            Route.later(.post, base + "/experiments/{id}/" + action.rawValue, merchant) {
                api, context throws(Problem) in
                try await api.act(action, context)
            }
        }
    }

    private static var decisions: [Route] {
        [
            .later(.post, base + "/experiments/{id}/decision", merchant) { api, context throws(Problem) in
                try await api.decide(context)
            },
            .later(.get, base + "/experiments/{id}/decisions", readers, query: Paging.parameters) {
                api, context throws(Problem) in
                try await api.listDecisions(context)
            },
            .later(.get, base + "/decisions", readers, query: Paging.parameters) { api, context throws(Problem) in
                try await api.listAllDecisions(context)
            },
            .later(.get, base + "/decisions/accuracy", readers) { api, context throws(Problem) in
                try await api.decisionAccuracy(context)
            },
        ]
    }

    private static var prices: [Route] {
        [
            .now(.post, sessionsPath, sellersAndShoppers) { api, context throws(Problem) in
                try api.openSession(context)
            },
            .either(.post, quotePath.description, sellersAndShoppers) { api, context throws(Problem) in
                try api.quote(context)
            },
            .later(.post, base + "/quotes/batch", sellers) { api, context throws(Problem) in
                try await api.quoteBatch(context)
            },
            .later(.get, base + "/quotes/{id}", sellers) { api, context throws(Problem) in
                try await api.readQuote(context)
            },
            .now(.get, base + "/disclosure", merchant) { api, context throws(Problem) in
                try api.readDisclosure(context)
            },
            .later(.put, base + "/disclosure", merchant) { api, context throws(Problem) in
                try await api.setDisclosure(context)
            },
            .later(.get, base + "/quotes/{id}/signature", sellers) { api, context throws(Problem) in
                try await api.signQuote(context)
            },
            .later(
                .get, base + "/prices/{sku}", sellers,
                query: ["shopper", "attributes", "quantity", "currency", "channel"]
            ) { api, context throws(Problem) in
                try await api.peek(context)
            },
            .later(.post, base + "/events", sellers, bodyLimit: batchBytes) { api, context throws(Problem) in
                try await api.ingest(context)
            },
            .later(.post, base + "/identities", sellers) { api, context throws(Problem) in
                try await api.linkIdentities(context)
            },
        ]
    }

    private static var checkouts: [Route] {
        [
            .later(.post, base + "/checkouts", sellers) { api, context throws(Problem) in
                try await api.createCheckout(context)
            },
            .later(.get, base + "/checkouts/{id}", sellersAndShoppers) { api, context throws(Problem) in
                try await api.readCheckout(context)
            },
            .later(.post, base + "/checkouts/{id}/complete", sellersAndShoppers) { api, context throws(Problem) in
                try await api.completeCheckout(context)
            },
            .later(.post, base + "/checkouts/{id}/cancel", sellersAndShoppers) { api, context throws(Problem) in
                try await api.cancelCheckout(context)
            },
            .later(.post, base + "/checkouts/{id}/received", merchant) { api, context throws(Problem) in
                try await api.receivePayment(context)
            },
            .now(.get, base + "/payments", merchant) { api, context throws(Problem) in try api.readPayments(context) },
            .later(.put, base + "/payments", merchant) { api, context throws(Problem) in
                try await api.setPayments(context)
            },
            .now(.get, base + "/taxes", merchant) { api, context throws(Problem) in try api.readTaxes(context) },
            .later(.put, base + "/taxes", merchant) { api, context throws(Problem) in try await api.setTaxes(context) },
            .later(.post, webhooksPath + "{provider}", .anyone, bodyLimit: webhookBytes) {
                api, context throws(Problem) in
                try await api.hearProvider(context)
            },
            .later(.get, base + "/orders", sellers, query: Paging.parameters) { api, context throws(Problem) in
                try await api.listOrders(context)
            },
            .later(.get, base + "/orders/{id}", sellers) { api, context throws(Problem) in
                try await api.readOrder(context)
            },
            .later(.post, base + "/orders/{id}/refunds", merchant) { api, context throws(Problem) in
                try await api.refundOrder(context)
            },
            .later(.delete, base + "/shoppers/{shopper}/buyer", merchant) { api, context throws(Problem) in
                try await api.eraseBuyer(context)
            },
        ]
    }

    private static var agent: [Route] {
        let conversation = base + "/conversations/{id}"
        return [
            .now(.get, base + "/agent", merchant) { api, context throws(Problem) in try api.readAgent(context) },
            .later(.put, base + "/agent", merchant) { api, context throws(Problem) in try await api.setAgent(context) },
            .later(.get, base + "/costs", readers, query: ["day", "from", "through"]) { api, context throws(Problem) in
                try await api.modelCosts(context)
            },
            .later(.post, base + "/agent/test", merchant) { api, context throws(Problem) in
                try await api.testAgent(context)
            },
            .later(.post, base + "/conversations", sellersAndShoppers, bodyLimit: 16 << 10) {
                api, context throws(Problem) in
                try await api.beginConversation(context)
            },
            .later(.get, base + "/conversations", merchant, query: Paging.parameters + ["state"]) {
                api, context throws(Problem) in
                try await api.listConversations(context)
            },
            .later(.get, conversation, sellersAndShoppers) { api, context throws(Problem) in
                try await api.readConversation(context)
            },
            .later(.post, conversation + "/messages", sellersAndShoppers) { api, context throws(Problem) in
                try await api.converse(context)
            },
            .later(.get, conversation + "/messages", sellersAndShoppers, query: ["limit", "after"]) {
                api, context throws(Problem) in
                try await api.listMessages(context)
            },
            .later(.get, conversation + "/stream", sellersAndShoppers, query: ["after"]) {
                api, context throws(Problem) in
                try await api.followConversation(context)
            },
            .later(.post, conversation + "/handoff", sellersAndShoppers) { api, context throws(Problem) in
                try await api.handOffConversation(context)
            },
            .later(.post, conversation + "/reply", merchant) { api, context throws(Problem) in
                try await api.replyInPerson(context)
            },
            .later(.delete, base + "/shoppers/{shopper}/conversations", merchant) { api, context throws(Problem) in
                try await api.eraseConversations(context)
            },
        ]
    }

    private static var protocols: [Route] {
        [
            Route(.post, "/ofrep/v1/evaluate/flags/{key}", sellers, dialect: .openFeature) {
                api, context throws(Problem) in
                try api.evaluateFlag(context)
            },
            Route(
                .post, "/ofrep/v1/evaluate/flags", sellers, query: ["flagConfigEtag", "flagConfigLastModified"],
                dialect: .openFeature
            ) { api, context in
                .later { () async throws(Problem) in try await api.evaluateFlags(context) }
            },
            Route(.post, "/mcp", sellers, bodyLimit: 256 << 10, dialect: .contextProtocol) { api, context in
                .later { () async throws(Problem) in try await api.contextProtocol(context) }
            },
            Route(.get, "/api/features/{sdk_key}", .pathKey([.merchant, .agent]), dialect: .growthBook) {
                api, context throws(Problem) in
                .now(try api.growthBookFeatures(context))
            },
            Route(.post, "/api/eval/{sdk_key}", .pathKey([.merchant, .agent]), dialect: .growthBook) {
                api, context in
                .later { () async throws(Problem) in try await api.growthBookEvaluation(context) }
            },
        ]
    }

    private static var operations: [Route] {
        [
            Route(.get, "/.well-known/jwks.json", .anyone, query: ["tenant"], isPublished: true) { api, context in
                .later { () async throws(Problem) in try await api.publishKeys(context) }
            },
            .now(.get, "/health", .anyone) { api, context in api.health(context) },
            .later(.get, "/ready", .anyone) { api, context in await api.ready(context) },
            .now(.get, "/metrics", .anyone) { api, context throws(Problem) in try api.metricsText(context) },
            .now(.get, "/openapi.json", .anyone) { api, context in api.openAPI(context) },
        ]
    }
}
