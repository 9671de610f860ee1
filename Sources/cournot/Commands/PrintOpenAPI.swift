internal import PricingAPI
internal import ProcessIO

/// `cournot openapi`
enum PrintOpenAPI: Command {
    static let words = ["openapi"]
    static let summary = "Print the description of the HTTP API"
    static let help = """
        Print the description of the HTTP API: OpenAPI 3.1, JSON, the same that a server gives at /openapi.json.

        Usage: cournot openapi > openapi.json

        """

    static func run(_ arguments: Arguments<NoOption>, stop: AsyncStream<Void>) {
        StandardStream.output.write(OpenAPIDocument.bytes)
    }
}
