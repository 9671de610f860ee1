internal import AgentRuntime
internal import JSON

/// What a provider says went wrong: words of a stranger, shortened, for logs and operators.
struct ProviderError: Error, Equatable {
    /// An HTTP status, or the one that an error in mid-stream stands for.
    let status: Int
    /// `overloaded_error`, `insufficient_quota`; empty where none is given.
    let kind: String
    let message: String
    /// Whether the account has no money or no allowance left, so that asking again does not help.
    let isOutOfMoney: Bool

    /// Long enough that a key stands in it whole or not at all in what is said of it.
    private static let longestMessage = 4096
    private static let longestSaid = 300
    private static let spent: Set<String> = [
        "insufficient_quota", "billing_error", "billing_hard_limit_reached", "enforced_spend_limit_reached",
        "contract_spend_limit_reached", "linked_organization_spend_limit_reached",
    ]
    /// Errors that come without a status of their own.
    private static let statuses: [String: Int] = [
        "invalid_request_error": 400, "authentication_error": 401, "invalid_api_key": 401, "billing_error": 402,
        "permission_error": 403, "not_found_error": 404, "model_not_found": 404, "conflict_error": 409,
        "request_too_large": 413, "rate_limit_error": 429, "rate_limit_exceeded": 429, "insufficient_quota": 429,
        "api_error": 500, "server_error": 500, "timeout_error": 504, "overloaded_error": 529,
    ]

    /// - Parameters:
    ///   - error: the object that says it; nil where there is none.
    ///   - status: of the answer; one that is no error is replaced by what the error stands for.
    init(_ error: JSONNode?, status: Int) {
        let kind = Self.plain(error?["type"]?.string ?? "", 64)
        let code = Self.plain(error?["code"]?.string ?? "", 64)
        let detail = error?["details"]?["error_code"]?.string ?? ""
        self.kind = code.isEmpty ? kind : code
        message = Self.plain(error?["message"]?.string ?? error?.string ?? "", Self.longestMessage)
        if status >= 400 {
            self.status = status
        } else if let number = error?["code"]?.int64, (400...599).contains(number) {
            self.status = Int(number)
        } else {
            self.status = Self.statuses[code] ?? Self.statuses[kind] ?? 500
        }
        isOutOfMoney = self.status == 402 || [kind, code, detail].contains { Self.spent.contains($0) }
    }

    /// Reads the body of an answer that is no stream: `{"error":{…}}` as both providers write it, or anything else.
    init(body: [UInt8], status: Int) {
        guard let document = try? JSONDocument(parsing: body), let error = document.root["error"] else {
            self.init(nil, status: status)
            return
        }
        self.init(error, status: status)
    }

    /// Whether asking again later may help.
    var isPassing: Bool { !isOutOfMoney && ([408, 409, 429].contains(status) || status >= 500) }

    /// Whether nothing was said that could be read.
    var isUnsaid: Bool { kind.isEmpty && message.isEmpty }

    /// As the port says it, without what must not be said.
    func reason(hiding key: String) -> ModelFailure.Reason {
        isPassing ? .overloaded(status: status) : .refused(status: status, said(hiding: key))
    }

    /// In one short line, without the key.
    func said(hiding key: String) -> String {
        let said = [kind, message].filter { !$0.isEmpty }.joined(separator: ": ")
        let hidden = key.isEmpty ? said : said.replacing(key, with: "<secret>")
        return String(hidden.prefix(Self.longestSaid))
    }

    /// One line of at most so many characters.
    private static func plain(_ text: String, _ longest: Int) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.prefix(longest).map { scalar in
                    scalar.properties.generalCategory == .control ? " " : scalar
                }))
    }
}
