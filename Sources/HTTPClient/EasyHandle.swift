internal import CCurl

/// libcurl's side of one transfer. Belongs to the engine's thread.
@safe final class EasyHandle {
    let transfer: Transfer
    fileprivate let pointer: UnsafeMutableRawPointer
    private let headers: UnsafeMutablePointer<curl_slist>?
    private let message: UnsafeMutablePointer<CChar>

    /// Nil where libcurl refuses the address, or has no memory.
    init?(_ transfer: Transfer, userAgent: String, trust: String?) {
        guard let pointer = unsafe curl_easy_init() else { return nil }
        self.transfer = transfer
        unsafe self.pointer = unsafe pointer
        unsafe headers = unsafe Self.lines(of: transfer.request)
        unsafe message = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))
        unsafe message.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        guard setUp(userAgent: userAgent, trust: trust) else { return nil }
    }

    deinit {
        unsafe curl_easy_cleanup(pointer)
        unsafe curl_slist_free_all(headers)
        unsafe message.deallocate()
    }

    /// Tells it from others.
    var name: Int { unsafe Int(bitPattern: pointer) }

    /// Reads on after a pause.
    func goOn() { _ = unsafe curl_easy_pause(pointer, CURLPAUSE_CONT) }

    private static func lines(of request: HTTPRequest) -> UnsafeMutablePointer<curl_slist>? {
        // An empty one takes libcurl's own away: it would wait for a "100 Continue", and names a content type.
        var texts = ["Expect:"]
        if !request.headers.contains(where: { $0.name.lowercased() == "content-type" }) {
            texts.append("Content-Type:")
        }
        texts += request.headers.map { $0.value.isEmpty ? "\($0.name);" : "\($0.name): \($0.value)" }
        var list: UnsafeMutablePointer<curl_slist>?
        for text in texts {
            if let longer = unsafe curl_slist_append(list, text) { unsafe list = longer }
        }
        return unsafe list
    }

    private func setUp(userAgent: String, trust: String?) -> Bool {
        let request = transfer.request
        var codes = unsafe [
            ccurl_set_text(pointer, CURLOPT_URL, request.url),
            ccurl_set_text(pointer, CURLOPT_PROTOCOLS_STR, "http,https"),
            ccurl_set_text(pointer, CURLOPT_USERAGENT, userAgent),
            ccurl_set_pointer(pointer, CURLOPT_HTTPHEADER, headers),
            ccurl_set_pointer(pointer, CURLOPT_ERRORBUFFER, message),
            ccurl_set_long(pointer, CURLOPT_NOSIGNAL, 1),
            ccurl_set_long(pointer, CURLOPT_CONNECTTIMEOUT_MS, request.connectTimeout.milliseconds),
            ccurl_set_long(pointer, CURLOPT_TIMEOUT_MS, request.timeout.milliseconds),
        ]
        if let trust { unsafe codes.append(ccurl_set_text(pointer, CURLOPT_CAINFO, trust)) }
        switch request.method {
        case "GET" where request.body.isEmpty: break
        case "HEAD": unsafe codes.append(ccurl_set_long(pointer, CURLOPT_NOBODY, 1))
        default:
            if !request.body.isEmpty || ["POST", "PUT", "PATCH"].contains(request.method) {
                codes.append(unsafe ccurl_set_size(pointer, CURLOPT_POSTFIELDSIZE_LARGE, request.body.count))
                codes.append(copy(request.body))
            }
            unsafe codes.append(ccurl_set_text(pointer, CURLOPT_CUSTOMREQUEST, request.method))
        }
        // It is in `running` for as long as libcurl can call back.
        let context = unsafe Unmanaged.passUnretained(transfer).toOpaque()
        unsafe codes += [
            ccurl_set_pointer(pointer, CURLOPT_HEADERDATA, context),
            ccurl_set_pointer(pointer, CURLOPT_WRITEDATA, context),
            ccurl_set_callback(pointer, CURLOPT_HEADERFUNCTION) { unsafe EasyHandle.receiveHead($0, $1, $2, $3) },
            ccurl_set_callback(pointer, CURLOPT_WRITEFUNCTION) { unsafe EasyHandle.receiveBody($0, $1, $2, $3) },
        ]
        return codes.allSatisfy { $0 == CURLE_OK }
    }

    private func copy(_ body: [UInt8]) -> CURLcode {
        // A null pointer would mean to read the body from elsewhere.
        guard !body.isEmpty else { return unsafe ccurl_set_text(pointer, CURLOPT_COPYPOSTFIELDS, "") }
        return unsafe body.withUnsafeBytes { bytes in
            unsafe ccurl_set_pointer(pointer, CURLOPT_COPYPOSTFIELDS, bytes.baseAddress)
        }
    }

    private static func receiveHead(
        _ bytes: UnsafeMutablePointer<CChar>?, _ one: Int, _ count: Int, _ context: UnsafeMutableRawPointer?
    ) -> Int {
        guard let bytes = unsafe bytes, let context = unsafe context else { return 0 }
        let transfer = unsafe Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
        let line = unsafe Array(UnsafeRawBufferPointer(start: bytes, count: one * count))
        return transfer.receive(headLine: line) ? one * count : 0
    }

    private static func receiveBody(
        _ bytes: UnsafeMutablePointer<CChar>?, _ one: Int, _ count: Int, _ context: UnsafeMutableRawPointer?
    ) -> Int {
        guard let bytes = unsafe bytes, let context = unsafe context else { return 0 }
        let transfer = unsafe Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
        switch transfer.receive(unsafe Array(UnsafeRawBufferPointer(start: bytes, count: one * count))) {
        case .taken: return one * count
        case .pause: return Int(CURL_WRITEFUNC_PAUSE)
        case .tooLarge:
            transfer.end(.failure(.tooLarge))
            return 0
        }
    }

    /// What became of it, given how libcurl ended.
    func outcome(_ code: CURLcode) -> Result<Void, HTTPClientError> {
        let said = unsafe String(cString: message)
        let text = unsafe said.isEmpty ? String(cString: curl_easy_strerror(code)) : said
        return switch code {
        case CURLE_OK: .success(())
        case CURLE_OPERATION_TIMEDOUT: .failure(.timedOut)
        case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL: .failure(.invalid(text))
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY, CURLE_COULDNT_CONNECT:
            .failure(.unreachable(text))
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CONNECT_ERROR, CURLE_SSL_CACERT_BADFILE:
            .failure(.untrusted(text))
        default: .failure(.cutOff(text))
        }
    }
}

/// libcurl's set of transfers. It may be woken from any thread, as `curl_multi_wakeup` allows; all else belongs to the
/// engine's.
@safe final class MultiHandle: @unchecked Sendable {
    private let pointer: UnsafeMutableRawPointer

    init?(mostConnections: Int) {
        guard let pointer = unsafe curl_multi_init() else { return nil }
        unsafe self.pointer = unsafe pointer
        _ = unsafe ccurl_limit(pointer, CURLMOPT_MAX_TOTAL_CONNECTIONS, mostConnections)
    }

    deinit { _ = unsafe curl_multi_cleanup(pointer) }

    func wake() { _ = unsafe curl_multi_wakeup(pointer) }

    func add(_ easy: EasyHandle) -> Bool { unsafe curl_multi_add_handle(pointer, easy.pointer) == CURLM_OK }

    func remove(_ easy: EasyHandle) { _ = unsafe curl_multi_remove_handle(pointer, easy.pointer) }

    func perform() {
        var count: Int32 = 0
        _ = unsafe curl_multi_perform(pointer, &count)
    }

    /// Until something can be read or written, time is up somewhere, or it is woken.
    func wait() { _ = unsafe curl_multi_poll(pointer, nil, 0, 60_000, nil) }

    func nextEnded() -> (name: Int, CURLcode)? {
        var code = CURLE_OK
        guard let easy = unsafe ccurl_next_ended(pointer, &code) else { return nil }
        return (Int(bitPattern: easy), code)
    }
}

extension Duration {
    /// Whole milliseconds, at least one: libcurl takes zero for no limit.
    fileprivate var milliseconds: Int {
        let (seconds, attoseconds) = components
        return max(1, Int(clamping: seconds.clamped(to: 0...1_000_000) * 1000 + attoseconds / 1_000_000_000_000_000))
    }
}

extension Comparable {
    fileprivate func clamped(to range: ClosedRange<Self>) -> Self { min(max(self, range.lowerBound), range.upperBound) }
}
