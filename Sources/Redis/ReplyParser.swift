internal import CHiredis

/// Bytes in, replies out, by hiredis' reader, which keeps what is not whole yet.
@safe final class ReplyParser {
    private let reader: UnsafeMutablePointer<redisReader>

    /// Nil without memory.
    init?() {
        guard let reader = unsafe redisReaderCreate() else { return nil }
        unsafe self.reader = unsafe reader
    }

    deinit { unsafe redisReaderFree(reader) }

    func feed(_ bytes: Span<UInt8>) throws(RedisError) {
        let code = unsafe bytes.withUnsafeBytes { buffer in
            unsafe redisReaderFeed(reader, buffer.baseAddress?.assumingMemoryBound(to: CChar.self), buffer.count)
        }
        if code != REDIS_OK { throw .garbled(message) }
    }

    /// The next whole reply; nil until more comes.
    func next() throws(RedisError) -> RedisValue? {
        var reply: UnsafeMutableRawPointer?
        guard unsafe redisReaderGetReply(reader, &reply) == REDIS_OK else { throw .garbled(message) }
        guard let reply = unsafe reply else { return nil }
        defer { unsafe freeReplyObject(reply) }
        return unsafe Self.value(reply.assumingMemoryBound(to: redisReply.self))
    }

    private var message: String {
        unsafe withUnsafePointer(to: &reader.pointee.errstr) { text in
            unsafe text.withMemoryRebound(to: CChar.self, capacity: 128) { unsafe String(cString: $0) }
        }
    }

    /// hiredis bounds the depth of nesting itself.
    private static func value(_ reply: UnsafeMutablePointer<redisReply>) -> RedisValue {
        switch unsafe reply.pointee.type {
        case REDIS_REPLY_INTEGER: return unsafe .integer(reply.pointee.integer)
        case REDIS_REPLY_NIL: return .null
        case REDIS_REPLY_STATUS: return unsafe .status(String(decoding: bytes(reply), as: UTF8.self))
        case REDIS_REPLY_ERROR: return unsafe .error(String(decoding: bytes(reply), as: UTF8.self))
        case REDIS_REPLY_ARRAY:
            var values: [RedisValue] = []
            unsafe values.reserveCapacity(reply.pointee.elements)
            for index in unsafe 0..<reply.pointee.elements {
                guard let element = unsafe reply.pointee.element[index] else { continue }
                unsafe values.append(value(element))
            }
            return .array(values)
        default: return unsafe .bulk(bytes(reply))
        }
    }

    private static func bytes(_ reply: UnsafeMutablePointer<redisReply>) -> [UInt8] {
        guard let text = unsafe reply.pointee.str else { return [] }
        return unsafe Array(UnsafeRawBufferPointer(start: text, count: reply.pointee.len))
    }
}
