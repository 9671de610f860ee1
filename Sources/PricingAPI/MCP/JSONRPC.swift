internal import JSON

// JSON-RPC 2.0 as the Model Context Protocol uses it: ids are strings or whole numbers, parameters objects. Knows no
// method, no tool and no HTTP.

/// What a message is called by whoever sent it; given back as it came.
enum RPCID: Sendable, Hashable {
    case string(String)
    case integer(Int64)

    /// Nil for null, fractions and all else.
    init?(_ node: JSONNode) {
        if let text = node.string, text.utf8.count <= 256 {
            self = .string(text)
        } else if let number = node.int64 {
            self = .integer(number)
        } else {
            return nil
        }
    }
}

/// Why a message was not carried out as asked.
struct RPCError: Error, Sendable, Equatable {
    var code: Int
    /// One sentence.
    var message: String
    /// More for programs: JSON.
    var data: JSONValue?

    static let parseCode = -32700
    static let invalidRequestCode = -32600
    static let methodNotFoundCode = -32601
    static let invalidParametersCode = -32602
    static let internalCode = -32603

    static func parse(_ detail: String) -> RPCError { RPCError(code: parseCode, message: detail) }
    static func invalidRequest(_ detail: String) -> RPCError { RPCError(code: invalidRequestCode, message: detail) }
    static func invalidParameters(_ detail: String) -> RPCError {
        RPCError(code: invalidParametersCode, message: detail)
    }
    static func methodNotFound(_ method: String) -> RPCError {
        RPCError(code: methodNotFoundCode, message: "There is no method \"\(method.prefix(64))\" here.")
    }
}

/// A message that wants an answer.
struct RPCRequest: Sendable {
    let id: RPCID
    let method: String
    /// An object, or nil.
    let parameters: JSONNode?
}

/// One message as it came.
enum RPCMessage: Sendable {
    case request(RPCRequest)
    /// Wants no answer, not even where it is wrong.
    case notification(method: String)
    /// An answer to something that was never asked.
    case response
    /// None of these. The id where it can be read.
    case invalid(RPCID?, RPCError)

    init(_ node: JSONNode) {
        guard node.members != nil else {
            self = .invalid(nil, .invalidRequest("A message is a JSON object."))
            return
        }
        do throws(JSONError) {
            try node.requireUniqueKeys()
        } catch {
            // Two readers could take it for two messages.
            self = .invalid(nil, .invalidRequest("\(error)."))
            return
        }
        let idNode = node["id"]
        let id = idNode.flatMap(RPCID.init)
        func refused(_ detail: String) -> RPCMessage { .invalid(id, .invalidRequest(detail)) }
        if idNode != nil, id == nil {
            self = refused("An `id` is a whole number, or a string of at most 256 bytes.")
        } else if node["jsonrpc"]?.string != "2.0" {
            self = refused("`jsonrpc` is \"2.0\".")
        } else if let methodNode = node["method"] {
            guard let method = methodNode.string else {
                self = refused("`method` is a string.")
                return
            }
            let parameters = node["params"]
            guard parameters == nil || parameters?.members != nil else {
                self = refused("`params` is an object.")
                return
            }
            self =
                if let id { .request(RPCRequest(id: id, method: method, parameters: parameters)) } else {
                    .notification(method: method)
                }
        } else if id != nil, node["result"] != nil || node["error"] != nil {
            self = .response
        } else {
            self = refused("A message has a `method`.")
        }
    }
}

/// The messages of one body.
enum RPCBody: Sendable {
    case one(RPCMessage)
    /// Not empty.
    case batch([RPCMessage])

    /// The most messages a batch may have.
    static let largestBatch = 50
    /// How deep arrays and objects may be nested.
    static let deepest = 32

    init(parsing bytes: [UInt8]) throws(RPCError) {
        let document: JSONDocument
        do throws(JSONError) {
            document = try JSONDocument(parsing: bytes, maximumDepth: Self.deepest)
        } catch {
            throw .parse("\(error).")
        }
        guard let elements = document.root.elements else {
            self = .one(RPCMessage(document.root))
            return
        }
        var messages: [RPCMessage] = []
        var seen: Set<RPCID> = []
        for element in elements {
            guard messages.count < Self.largestBatch else {
                throw .invalidRequest("A batch has at most \(Self.largestBatch) messages.")
            }
            let message = RPCMessage(element)
            if case .request(let request) = message, !seen.insert(request.id).inserted {
                messages.append(.invalid(request.id, .invalidRequest("This `id` stands in the batch twice.")))
            } else {
                messages.append(message)
            }
        }
        if messages.isEmpty { throw .invalidRequest("A batch has messages.") }
        self = .batch(messages)
    }
}

extension JSONWriter {
    /// An answer with a result that is JSON already.
    mutating func answer(_ id: RPCID, result: [UInt8]) {
        beginAnswer(id)
        key("result")
        raw(result)
        endObject()
    }

    /// An answer that says no. Without an id it says null, as of a message that could not be read.
    mutating func answer(_ id: RPCID?, error: RPCError) {
        beginAnswer(id)
        key("error")
        beginObject()
        field("code", error.code)
        field("message", error.message)
        if let data = error.data { field("data", data) }
        endObject()
        endObject()
    }

    private mutating func beginAnswer(_ id: RPCID?) {
        beginObject()
        field("jsonrpc", "2.0")
        key("id")
        switch id {
        case .string(let text): string(text)
        case .integer(let number): int(number)
        case nil: null()
        }
    }
}
