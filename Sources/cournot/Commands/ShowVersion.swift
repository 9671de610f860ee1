internal import JSON
internal import ProcessIO

/// `cournot version`
enum ShowVersion: Command {
    static let words = ["version"]
    static let summary = "Print the version"
    static let help = """
        Print the version.

        Usage: cournot version [--json]

          --json   {"version":"…"}

        """

    static func run(_ arguments: Arguments<JSONOption>, stop: AsyncStream<Void>) {
        guard arguments.has(.json) else { return StandardStream.output.line("cournot \(Version.current)") }
        var json = JSONWriter()
        json.beginObject()
        json.field("version", Version.current)
        json.endObject()
        json.newline()
        StandardStream.output.write(json.bytes)
    }
}
