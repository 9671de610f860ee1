internal import Crypto
internal import Experiments
internal import HTTPServer

/// What a request's head says to the API: where it leads, who asks, and how the body is written. All of it follows from
/// the head's bytes, so that requests of a connection that begin with the same are read once.
final class APIHead: HeadReading {
    /// A key as it was sent.
    enum Key: Sendable {
        /// Of a shopper's session.
        case session([UInt8])
        /// Anybody else's, of which nothing is kept but its hash.
        case hash(Digest256)

        init(_ sent: ArraySlice<UInt8>) {
            self =
                sent.starts(with: ShopperSession.prefix.utf8) ? .session(Array(sent)) : .hash(SHA256.hash(sent.span))
        }
    }

    let match: Router.Match
    let key: Key?
    let mediaType: MediaType
    let origin: String?
    /// The client's own name for its request; nil unless it is one.
    let requestID: ArraySlice<UInt8>?

    init(_ head: RequestHead, _ router: Router) {
        match = router.match(head)
        key = PricingAPI.bearerKey(of: head).map(Key.init)
        mediaType = MediaType(head.headerBytes("content-type"))
        origin = head.header("origin")
        requestID = head.headerBytes("x-request-id").flatMap(RequestIDs.given)
    }
}
