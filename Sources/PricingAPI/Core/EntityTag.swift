internal import Crypto
internal import Experiments
internal import HTTPServer

/// Names a representation by its content.
enum EntityTag {
    /// `"` and 128 bits of SHA-256 in base64url and `"`.
    static func of(_ body: [UInt8]) -> String {
        "\"" + Base64URL.encode(Array(SHA256.hash(body).bytes.prefix(16))) + "\""
    }

    /// Whether a list of tags in a header holds this one. Weak tags count where `weakly`.
    static func list(_ header: String, contains tag: String, weakly: Bool) -> Bool {
        header.split(separator: ",").contains { part in
            var text = part.drop { $0 == " " }
            while text.last == " " { text.removeLast() }
            if text == "*" { return true }
            if weakly, text.hasPrefix("W/") { text = text.dropFirst(2) }
            return text == tag
        }
    }
}

extension Context {
    /// A representation with its tag, or 304 to whom has it already.
    func representation(_ body: [UInt8]) -> Response {
        representation(.bytes(body), "application/json", tag: EntityTag.of(body))
    }

    /// The same of a page.
    func representation(_ page: APIConfiguration.Page) -> Response {
        representation(.shared(page.body), page.contentType, tag: page.tag)
    }

    private func representation(_ body: ResponseBody, _ contentType: String, tag: String) -> Response {
        if let known = request.header("if-none-match"), EntityTag.list(known, contains: tag, weakly: true) {
            return Response(status: 304, headers: [("ETag", tag)])
        }
        return Response(status: 200, headers: [("Content-Type", contentType), ("ETag", tag)], body: body)
    }

    /// For what does not look at `If-Match`: better refused than overlooked.
    func refuseIfMatch() throws(Problem) {
        guard request.header("if-match") != nil else { return }
        throw Problem(
            412, "precondition_unsupported",
            "If-Match is for PATCH; this request has no condition. The state machine refuses what comes too late.")
    }

    /// Whether a change may go ahead: no `If-Match`, or one that names the thing as it is.
    func mayChange(_ current: [UInt8]) -> Bool {
        guard let wanted = request.header("if-match") else { return true }
        return EntityTag.list(wanted, contains: EntityTag.of(current), weakly: false)
    }
}

extension Problem {
    static var preconditionFailed: Problem {
        Problem(412, "precondition_failed", "The thing has changed since it was read; read it again.")
    }
}
