internal import CWslay
internal import Glibc

/// The server's side of one WebSocket after its handshake: bytes in, messages out, and the bytes to send. It knows no
/// socket and no clock.
///
/// wslay checks what RFC 6455 asks of frames (masks, reserved bits, order of fragments, UTF-8, close codes), answers
/// pings and closings, and holds 9 KB while it does; so it is there only while something is under way. Between frames
/// an idle channel is this object.
///
/// Not thread-safe: it belongs to whoever reads the socket.
@safe public final class WebSocketChannel {
    /// What a client may send.
    public struct Limits: Sendable {
        /// Bytes of a message, 1009 beyond.
        public var messageBytes: Int
        /// Fragments of a message, 1008 beyond.
        public var fragments: Int

        public init(messageBytes: Int = 16 << 10, fragments: Int = 64) {
            precondition(messageBytes > 0 && fragments > 0)
            self.messageBytes = messageBytes
            self.fragments = fragments
        }
    }

    private let limits: Limits
    private var context: wslay_event_context_ptr?
    /// What is being received now.
    private var input = unsafe UnsafeRawBufferPointer(start: nil, count: 0)
    /// Bytes given to wslay that belong to no whole frame yet.
    private var unfinished = 0
    /// Of the present frame, header included.
    private var frameBytes = 0
    private var fragments = 0
    private var isWithinMessage = false
    private var isRefusing = false
    private var texts: [[UInt8]] = []
    private var output: [UInt8] = []

    /// Whether our close has been sent, or stands in what is to be.
    public private(set) var hasSentClose = false
    /// The code in the client's close; 1005 for none. Nil until it comes.
    public private(set) var closeReceived: CloseCode?
    /// Whether nothing more will be read: both have closed, or the client broke the rules and is told so.
    public private(set) var isOver = false

    public init(limits: Limits = Limits()) { self.limits = limits }

    deinit { unsafe wslay_event_context_free(context) }

    // MARK: In

    /// Takes bytes as they came, and returns the text messages that they complete.
    public func receive(_ bytes: UnsafeRawBufferPointer) -> [[UInt8]] {
        guard !isOver, unsafe !bytes.isEmpty, let context = unsafe lease() else { return [] }
        unsafe input = bytes
        let outcome = unsafe wslay_event_recv(context)
        unsafe input = UnsafeRawBufferPointer(start: nil, count: 0)
        defer { texts = [] }
        guard outcome == 0 else {
            // What is no frame at all wslay would close without a code.
            unsafe wslay_event_context_free(context)
            unsafe self.context = nil
            close(.protocolError, reason: "")
            isOver = true
            return texts
        }
        unsafe flush(context)
        if unsafe wslay_event_get_read_enabled(context) == 0 { isOver = true }
        unsafe settle(context)
        return texts
    }

    // MARK: Out

    /// Says a text; nothing once we have closed.
    public func send(_ text: [UInt8]) { queue(WSLAY_TEXT_FRAME, text) }

    /// Asks the client to show that it is there.
    public func ping() { queue(WSLAY_PING, []) }

    /// Says that we have ended, once.
    ///
    /// - Parameter reason: at most 123 bytes of UTF-8 are sent.
    public func close(_ code: CloseCode, reason: String) {
        guard !hasSentClose, let context = unsafe lease() else { return }
        var text = reason
        while text.utf8.count > 123 { text.removeLast() }
        let bytes = Array(text.utf8)
        _ = unsafe wslay_event_queue_close(context, code.rawValue, bytes, bytes.count)
        unsafe flush(context)
    }

    /// What is to be sent, taken.
    public func takeOutput() -> [UInt8] {
        defer { output = [] }
        return output
    }

    private func queue(_ opcode: wslay_opcode, _ bytes: [UInt8]) {
        guard !hasSentClose, !isOver, let context = unsafe lease() else { return }
        unsafe bytes.withUnsafeBufferPointer { buffer in
            var message = unsafe wslay_event_msg(
                opcode: UInt8(truncatingIfNeeded: opcode.rawValue), msg: buffer.baseAddress, msg_length: buffer.count)
            _ = unsafe wslay_event_queue_msg(context, &message)
        }
        unsafe flush(context)
        unsafe settle(context)
    }

    // MARK: wslay

    private func lease() -> wslay_event_context_ptr? {
        if let context = unsafe context { return unsafe context }
        var callbacks = Self.callbacks
        let this = unsafe Unmanaged.passUnretained(self).toOpaque()
        guard unsafe wslay_event_context_server_init(&context, &callbacks, this) == 0, let context = unsafe context
        else {
            // No memory: there is no way to say anything more.
            isOver = true
            return nil
        }
        unsafe wslay_event_config_set_max_recv_msg_length(context, UInt64(limits.messageBytes))
        return unsafe context
    }

    private func flush(_ context: wslay_event_context_ptr) {
        if unsafe wslay_event_send(context) != 0 { isOver = true }
        if unsafe wslay_event_get_close_sent(context) != 0 { hasSentClose = true }
    }

    /// Gives wslay's memory back where it holds nothing that the next frame needs.
    private func settle(_ context: wslay_event_context_ptr) {
        guard unfinished == 0, !isWithinMessage, !hasSentClose, closeReceived == nil, !isOver else { return }
        unsafe wslay_event_context_free(context)
        unsafe self.context = nil
    }

    private static func channel(_ user: UnsafeMutableRawPointer?) -> WebSocketChannel? {
        guard let user = unsafe user else { return nil }
        return unsafe Unmanaged<WebSocketChannel>.fromOpaque(user).takeUnretainedValue()
    }

    private static var callbacks: wslay_event_callbacks {
        unsafe wslay_event_callbacks(
            recv_callback: { context, buffer, count, _, user in
                unsafe WebSocketChannel.channel(user)?.give(buffer, count, context) ?? -1
            },
            send_callback: { _, bytes, count, _, user in
                unsafe WebSocketChannel.channel(user)?.output
                    .append(contentsOf: UnsafeBufferPointer(start: bytes, count: count))
                return count
            },
            genmask_callback: nil,
            on_frame_recv_start_callback: { context, frame, user in
                guard let frame = unsafe frame else { return }
                unsafe WebSocketChannel.channel(user)?.frameBegan(frame.pointee, context)
            },
            on_frame_recv_chunk_callback: nil,
            on_frame_recv_end_callback: { _, user in unsafe WebSocketChannel.channel(user)?.frameEnded() },
            on_msg_recv_callback: { context, message, user in
                guard let message = unsafe message else { return }
                unsafe WebSocketChannel.channel(user)?.received(message.pointee, context)
            })
    }

    /// wslay asks for bytes.
    private func give(
        _ buffer: UnsafeMutablePointer<UInt8>?, _ room: Int, _ context: wslay_event_context_ptr?
    ) -> Int {
        let count = unsafe min(room, input.count)
        guard count > 0, let buffer = unsafe buffer, let start = unsafe input.baseAddress else {
            unsafe wslay_event_set_error(context, Int32(WSLAY_ERR_WOULDBLOCK.rawValue))
            return -1
        }
        unsafe memcpy(buffer, start, count)
        unsafe input = UnsafeRawBufferPointer(rebasing: input[count...])
        unfinished += count
        return count
    }

    /// A frame's header was read, and is one that may stand here.
    private func frameBegan(_ frame: wslay_event_on_frame_recv_start_arg, _ context: wslay_event_context_ptr?) {
        let length = Int(clamping: frame.payload_length)
        let extended = length < 126 ? 0 : length < 65_536 ? 2 : 8
        // What is longer than a message may be was refused before.
        frameBytes = 6 + extended + length
        if frame.opcode == 8, length == 1 { unsafe refuse(.protocolError, "half a code", context) }
        guard frame.opcode < 8 else { return }
        fragments = frame.opcode == 0 ? fragments + 1 : 1
        isWithinMessage = frame.fin == 0
        if fragments > limits.fragments { unsafe refuse(.policy, "too many fragments", context) }
    }

    private func frameEnded() { unfinished -= frameBytes }

    private func received(_ message: wslay_event_on_msg_recv_arg, _ context: wslay_event_context_ptr?) {
        switch unsafe message.opcode {
        case UInt8(truncatingIfNeeded: WSLAY_TEXT_FRAME.rawValue):
            if !isRefusing {
                unsafe texts.append(Array(UnsafeBufferPointer(start: message.msg, count: message.msg_length)))
            }
        case UInt8(truncatingIfNeeded: WSLAY_BINARY_FRAME.rawValue):
            unsafe refuse(.unsupportedData, "messages are text", context)
        case UInt8(truncatingIfNeeded: WSLAY_CONNECTION_CLOSE.rawValue):
            let code = unsafe message.status_code
            closeReceived = CloseCode(rawValue: code == 0 ? 1005 : code)
        default: break
        }
    }

    private func refuse(_ code: CloseCode, _ reason: StaticString, _ context: wslay_event_context_ptr?) {
        isRefusing = true
        _ = unsafe wslay_event_queue_close(context, code.rawValue, reason.utf8Start, reason.utf8CodeUnitCount)
        unsafe wslay_event_shutdown_read(context)
    }
}
