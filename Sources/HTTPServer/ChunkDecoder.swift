/// Takes the chunks out of a chunked body (RFC 9112, 7.1), strictly: hexadecimal sizes without sign or space, lines
/// that end with CR LF and nothing else, the two bytes after a chunk exactly CR LF. Extensions and trailers are
/// read over, within a bound.
struct ChunkDecoder {
    enum Outcome: Equatable {
        case more
        case done
        case refused(BadRequest)
    }

    private enum State {
        /// At a size. → `afterSize`, `extensionText`
        case size(value: Int, digits: Int)
        /// In what follows a size and a semicolon. → `afterSize`
        case extensionText(size: Int)
        /// After the CR that ends a size's line. → `data`, `trailerStart`
        case afterSize(size: Int)
        /// In a chunk. → `dataEnd`
        case data(remaining: Int)
        /// After a chunk. → `dataLineFeed`
        case dataEnd
        /// → `size`
        case dataLineFeed
        /// At the start of a line after the last chunk. → `trailerText`, `lastLineFeed`
        case trailerStart
        /// In a trailer. → `trailerLineFeed`
        case trailerText
        /// → `trailerStart`
        case trailerLineFeed
        /// → `ended`
        case lastLineFeed
        case ended
    }

    /// Bytes of extensions and trailers that a body may carry in all.
    static let overheadLimit = 4096

    private var state = State.size(value: 0, digits: 0)
    private var overhead = 0

    /// Decodes `input` from `position` on and moves `position` past what was taken.
    ///
    /// - Parameter limit: bytes that `body` may grow to; a chunk is refused by its size, before its data.
    mutating func decode(
        _ input: UnsafeRawBufferPointer, from position: inout Int, into body: inout [UInt8], limit: Int
    ) -> Outcome {
        while position < input.count {
            if case .data(let remaining) = state {
                let count = min(remaining, input.count - position)
                unsafe body.append(contentsOf: UnsafeRawBufferPointer(rebasing: input[position..<(position + count)]))
                position += count
                state = count == remaining ? .dataEnd : .data(remaining: remaining - count)
                continue
            }
            let byte = unsafe input[position]
            position += 1
            if let refusal = take(byte, room: limit - body.count) { return .refused(refusal) }
            if case .ended = state { return .done }
        }
        return .more
    }

    private mutating func take(_ byte: UInt8, room: Int) -> BadRequest? {
        switch state {
        case .size(let value, let digits):
            if let digit = ASCII.hexValue(byte) {
                // 15 digits stay below Int.max; leading zeros count, so a size's line is bounded too.
                guard digits < 15 else { return .bodyTooLarge }
                state = .size(value: value << 4 | Int(digit), digits: digits + 1)
                return nil
            }
            guard digits > 0 else { return .chunkMalformed }
            guard value <= room else { return .bodyTooLarge }
            if byte == ASCII.carriageReturn {
                state = .afterSize(size: value)
            } else if byte == ASCII.semicolon {
                state = .extensionText(size: value)
            } else {
                return .chunkMalformed
            }
        case .extensionText(let size):
            if byte == ASCII.carriageReturn {
                state = .afterSize(size: size)
            } else if let refusal = skip(byte) {
                return refusal
            }
        case .afterSize(let size):
            guard byte == ASCII.lineFeed else { return .chunkMalformed }
            state = size == 0 ? .trailerStart : .data(remaining: size)
        case .dataEnd:
            guard byte == ASCII.carriageReturn else { return .chunkMalformed }
            state = .dataLineFeed
        case .dataLineFeed:
            guard byte == ASCII.lineFeed else { return .chunkMalformed }
            state = .size(value: 0, digits: 0)
        case .trailerStart:
            if byte == ASCII.carriageReturn {
                state = .lastLineFeed
            } else {
                guard ASCII.isToken(byte) else { return .chunkMalformed }
                state = .trailerText
                return skip(byte)
            }
        case .trailerText:
            if byte == ASCII.carriageReturn {
                state = .trailerLineFeed
            } else {
                return skip(byte)
            }
        case .trailerLineFeed:
            guard byte == ASCII.lineFeed else { return .chunkMalformed }
            state = .trailerStart
        case .lastLineFeed:
            guard byte == ASCII.lineFeed else { return .chunkMalformed }
            state = .ended
        case .data, .ended: return .chunkMalformed
        }
        return nil
    }

    private mutating func skip(_ byte: UInt8) -> BadRequest? {
        guard byte == ASCII.tab || (byte >= ASCII.space && byte != 0x7f) else { return .chunkMalformed }
        overhead += 1
        return overhead > Self.overheadLimit ? .headersTooLarge : nil
    }
}
