internal import Assets
internal import Demo
internal import Experiments
internal import JSON
internal import PricingAPI

/// What the demo serves beside the API: the shop's page, and the keys it needs.
enum DemoPages {
    static func all(of shop: DemoShop) -> [String: APIConfiguration.Page] {
        let html = APIConfiguration.Page(contentType: "text/html; charset=utf-8", bytes: ShopAssets.html)
        return [
            "/": html,
            "/demo": html,
            "/demo/shop.css": .init(contentType: "text/css; charset=utf-8", bytes: ShopAssets.css),
            "/demo/icon.svg": .init(contentType: "image/svg+xml", bytes: ShopAssets.icon),
            "/demo/shop.js": .init(contentType: "text/javascript; charset=utf-8", bytes: ShopAssets.script),
            "/demo/config.json": .init(contentType: "application/json", bytes: configuration(of: shop)),
            "/demo/keys": .init(contentType: "text/plain; charset=utf-8", bytes: Array(keys(of: shop).utf8)),
        ]
    }

    /// For the page: it quotes and buys as an agent and reads as an analyst.
    private static func configuration(of shop: DemoShop) -> [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        json.field("agent", shop.keys.agent)
        json.field("analyst", shop.keys.analyst)
        json.field("experiment", shop.experiment.description)
        json.field("product", shop.product.text)
        json.key("prices")
        json.beginObject()
        for (variant, price) in shop.prices {
            json.key(dynamic: variant)
            json.int(price)
        }
        json.endObject()
        json.key("demand")
        json.beginObject()
        json.field("intercept", shop.demand.intercept)
        json.field("slope", shop.demand.slope)
        json.field("unit_cost", shop.demand.unitCost)
        json.endObject()
        json.endObject()
        return json.bytes
    }

    /// For a shell: `eval "$(curl -s http://127.0.0.1:8080/demo/keys)"`.
    private static func keys(of shop: DemoShop) -> String {
        """
        MERCHANT=\(shop.keys.merchant)
        AGENT=\(shop.keys.agent)
        ANALYST=\(shop.keys.analyst)
        EXPERIMENT=\(shop.experiment)

        """
    }
}
