internal import Assets
internal import PricingAPI
internal import ProcessIO

/// The console for merchants, at `/console`, and the chat that other pages load, at `/widget.js`.
enum ConsolePages {
    /// Addresses that show a page: each is the same document, whose script reads the address.
    private static let addresses = [
        "/console", "/console/", "/console/experiments", "/console/experiments/new", "/console/experiments/{id}",
        "/console/experiments/{id}/edit", "/console/experiments/{id}/report",
        "/console/experiments/{id}/report/{segment}", "/console/decisions",
        "/console/products", "/console/products/{sku}", "/console/new-product", "/console/conversations",
        "/console/conversations/{id}", "/console/keys", "/console/settings", "/console/audit",
    ]

    /// Where Debian's package `libjs-chart.js` puts it. Without it the console has tables and no curves.
    private static let chartLibrary = "/usr/share/javascript/chart.js/chart.min.js"
    private static let largestLibrary = 1 << 20

    static var all: [String: APIConfiguration.Page] {
        var pages: [String: APIConfiguration.Page] = [:]
        for file in ConsoleAssets.files {
            let type = contentType(of: file.path)
            let page = APIConfiguration.Page(contentType: type, bytes: file.bytes)
            guard file.path == "index.html" else {
                pages["/console/" + file.path] = page
                continue
            }
            for address in addresses { pages[address] = page }
            // The script says that there is no such page.
            pages["/console/{rest...}"] = .init(contentType: type, bytes: file.bytes, status: 404)
        }
        if let library = try? InputFile(path: chartLibrary), let bytes = try? library.rest(limit: largestLibrary) {
            pages["/console/chart.js"] = .init(contentType: contentType(of: "chart.js"), bytes: bytes)
        }
        pages["/widget.js"] = .init(contentType: contentType(of: "widget.js"), bytes: WidgetAssets.script)
        return pages
    }

    private static func contentType(of path: String) -> String {
        switch path.split(separator: ".").last {
        case "html": "text/html; charset=utf-8"
        case "css": "text/css; charset=utf-8"
        case "js": "text/javascript; charset=utf-8"
        case "svg": "image/svg+xml"
        default: "application/octet-stream"
        }
    }
}
