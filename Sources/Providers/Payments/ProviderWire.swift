public import HTTPClient
internal import JSON

/// Asks a payment provider over HTTP, and tells answers from what leaves it open whether anything was done.
public struct ProviderWire: Sendable {
    /// What an HTTP client does: it answers with the status and the body.
    public typealias Send = @Sendable (HTTPRequest) async throws(HTTPClientError) -> (status: Int, body: [UInt8])

    /// What came back.
    enum Answer {
        /// 2xx.
        case done(JSONValue)
        /// 4xx: it was understood and not done.
        case refused(status: Int, JSONValue)
        /// No answer, or one that says nothing of what was done: 5xx, 409 and 429, keys that do not open, no JSON.
        case lost
    }

    enum Body {
        case none
        case form(FormBody)
        case json(JSONValue)
    }

    /// Without a slash at the end.
    let base: String
    private let provider: String
    private let send: Send
    private let trouble: @Sendable (String) -> Void

    /// - Parameters:
    ///   - base: such as `https://api.stripe.com`.
    ///   - trouble: hears, in a sentence, of what the operator has to look at.
    init(_ provider: String, base: String, send: @escaping Send, trouble: @escaping @Sendable (String) -> Void) {
        self.provider = provider
        self.base = base.hasSuffix("/") ? String(base.dropLast()) : base
        self.send = send
        self.trouble = trouble
    }

    func ask(
        _ method: String, _ path: String, headers: [(name: String, value: String)], _ body: Body = .none
    ) async -> Answer {
        var request = HTTPRequest(
            method, base + path, headers: headers, connectTimeout: .seconds(5), timeout: .seconds(20),
            largestBody: 1 << 20)
        switch body {
        case .none: break
        case .form(let form):
            request.headers.append(("Content-Type", "application/x-www-form-urlencoded"))
            request.body = form.bytes
        case .json(let value):
            request.headers.append(("Content-Type", "application/json"))
            request.body = value.serialized()
        }
        let reply: (status: Int, body: [UInt8])
        do throws(HTTPClientError) {
            reply = try await send(request)
        } catch {
            return .lost
        }
        let value = reply.body.isEmpty ? JSONValue.object(JSONObject()) : try? JSONValue(parsing: reply.body)
        switch reply.status {
        case 200..<300:
            guard let value else { return .lost }
            return .done(value)
        case 401, 403:
            trouble("\(provider) answered \(reply.status): its keys open nothing there")
            return .lost
        case 409, 429: return .lost
        case 400..<500: return .refused(status: reply.status, value ?? .null)
        default: return .lost
        }
    }
}

/// `application/x-www-form-urlencoded`, with brackets in names as Stripe has them.
struct FormBody {
    private(set) var bytes: [UInt8] = []

    mutating func add(_ name: String, _ value: String) {
        if !bytes.isEmpty { bytes.append(UInt8(ascii: "&")) }
        Self.escape(name, into: &bytes)
        bytes.append(UInt8(ascii: "="))
        Self.escape(value, into: &bytes)
    }

    mutating func add(_ name: String, _ value: Int64) { add(name, String(value)) }

    mutating func add(_ name: String, optional value: String?) {
        if let value { add(name, value) }
    }

    /// RFC 3986: all but letters, digits and `-._~` as `%XX`.
    static func escape(_ text: String, into bytes: inout [UInt8]) {
        let digits = Array("0123456789ABCDEF".utf8)
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                bytes.append(byte)
            default: bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
    }

    /// A name of a provider's as part of a path: nothing in it can lead elsewhere.
    static func pathSegment(_ text: String) -> String {
        var bytes: [UInt8] = []
        escape(text, into: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// Where a provider's page sends the buyer back to, with the checkout's id.
enum ReturnAddress {
    static func of(_ address: String, checkout: String, isCanceled: Bool = false) -> String {
        let fragment = address.firstIndex(of: "#") ?? address.endIndex
        let page = address[..<fragment]
        return page + (page.contains("?") ? "&" : "?") + "cournot_checkout=" + checkout
            + (isCanceled ? "&cournot_canceled=1" : "") + address[fragment...]
    }
}

/// Whose payment it is, as it is noted at the provider.
enum PaymentNote {
    static let tenant = "cournot_tenant"
    static let checkout = "cournot_checkout"
    static let attempt = "cournot_attempt"
    static let refund = "cournot_refund"
}
