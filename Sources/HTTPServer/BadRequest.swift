/// Why the server itself refuses a request. Each refusal ends the connection: after one, what follows in the
/// stream cannot be trusted to be where it seems.
public enum BadRequest: Int, Error, Sendable, CaseIterable {
    case malformed
    case malformedTarget
    case malformedHeader
    case hostMissing
    case hostRepeated
    case hostInvalid
    case framingAmbiguous
    case contentLengthInvalid
    case transferCodingUnknown
    case chunkMalformed
    case methodUnknown
    case versionUnsupported
    case targetTooLong
    case headersTooLarge
    case bodyTooLarge
    case bodyCompressed
    case expectationUnknown
    case headTooSlow
    case bodyTooSlow

    /// The HTTP status of the answer.
    public var status: Int {
        switch self {
        case .malformed, .malformedTarget, .malformedHeader, .hostMissing, .hostRepeated, .hostInvalid,
            .framingAmbiguous, .contentLengthInvalid, .chunkMalformed:
            400
        case .headTooSlow, .bodyTooSlow: 408
        case .bodyTooLarge: 413
        case .targetTooLong: 414
        case .bodyCompressed: 415
        case .expectationUnknown: 417
        case .headersTooLarge: 431
        case .methodUnknown, .transferCodingUnknown: 501
        case .versionUnsupported: 505
        }
    }

    /// A stable name for programs and metrics.
    public var code: String {
        switch self {
        case .malformed: "malformed_request"
        case .malformedTarget: "malformed_target"
        case .malformedHeader: "malformed_header"
        case .hostMissing: "host_missing"
        case .hostRepeated: "host_repeated"
        case .hostInvalid: "host_invalid"
        case .framingAmbiguous: "framing_ambiguous"
        case .contentLengthInvalid: "content_length_invalid"
        case .transferCodingUnknown: "transfer_coding_unknown"
        case .chunkMalformed: "chunk_malformed"
        case .methodUnknown: "method_unknown"
        case .versionUnsupported: "version_unsupported"
        case .targetTooLong: "target_too_long"
        case .headersTooLarge: "headers_too_large"
        case .bodyTooLarge: "body_too_large"
        case .bodyCompressed: "body_compressed"
        case .expectationUnknown: "expectation_unknown"
        case .headTooSlow: "head_too_slow"
        case .bodyTooSlow: "body_too_slow"
        }
    }

    /// One sentence for a person.
    public var detail: String {
        switch self {
        case .malformed: "This is not an HTTP/1.1 request."
        case .malformedTarget: "The request target is not a well-formed path."
        case .malformedHeader: "A header line is malformed."
        case .hostMissing: "HTTP/1.1 requires a Host header."
        case .hostRepeated: "There is more than one Host header."
        case .hostInvalid: "The Host header is not a host, or not that of the request target."
        case .framingAmbiguous: "Content-Length and Transfer-Encoding contradict each other or themselves."
        case .contentLengthInvalid: "Content-Length must be one decimal number."
        case .transferCodingUnknown: "The only transfer coding understood is chunked."
        case .chunkMalformed: "The chunked body is malformed."
        case .methodUnknown: "This method is not implemented."
        case .versionUnsupported: "Only HTTP/1.1 and HTTP/1.0 are spoken here."
        case .targetTooLong: "The request target is too long."
        case .headersTooLarge: "The headers are too large or too many."
        case .bodyTooLarge: "The body is larger than this resource accepts."
        case .bodyCompressed: "Compressed request bodies are not accepted."
        case .expectationUnknown: "The only expectation understood is 100-continue."
        case .headTooSlow: "The request's head did not arrive in time."
        case .bodyTooSlow: "The request's body arrives too slowly."
        }
    }
}
