internal import JSON

/// The vectors in an answer of the Embeddings API: each as base64 of little-endian floats, or as an array of numbers.
enum EmbeddingsReply {
    /// In the order that was asked, of unit length; nil where they are not as many and as long as they should be.
    static func vectors(_ body: [UInt8], count: Int, dimensions: Int) -> [[Float]]? {
        guard let document = try? JSONDocument(parsing: body), let data = document.root["data"]?.elements else {
            return nil
        }
        var vectors = [[Float]?](repeating: nil, count: count)
        for (place, entry) in data.enumerated() {
            let index = entry["index"]?.int64.flatMap { Int(exactly: $0) } ?? place
            guard vectors.indices.contains(index), vectors[index] == nil, let embedding = entry["embedding"],
                let raw = embedding.utf8.map(floats) ?? embedding.elements.map(numbers), raw.count == dimensions,
                let unit = unit(raw)
            else { return nil }
            vectors[index] = unit
        }
        let found = vectors.compactMap { $0 }
        return found.count == count ? found : nil
    }

    private static func numbers(_ elements: JSONElements) -> [Float] {
        elements.map { Float($0.double ?? .nan) }
    }

    /// Empty for what is not base64 of whole floats.
    private static func floats(_ text: ArraySlice<UInt8>) -> [Float] {
        var floats: [Float] = []
        floats.reserveCapacity(text.count * 3 / 16)
        var bits: UInt32 = 0
        var held = 0
        var word: UInt32 = 0
        var bytes = 0
        var rest = text
        while rest.last == UInt8(ascii: "=") { rest = rest.dropLast() }
        for character in rest {
            let value = alphabet[Int(character)]
            guard value < 64 else { return [] }
            bits = bits << 6 | UInt32(value)
            held += 6
            guard held >= 8 else { continue }
            held -= 8
            word |= (bits >> UInt32(held) & 0xFF) << UInt32(8 * bytes)
            bytes += 1
            guard bytes == 4 else { continue }
            floats.append(Float(bitPattern: word))
            word = 0
            bytes = 0
        }
        return bytes == 0 ? floats : []
    }

    private static let alphabet: [UInt8] = {
        var values = [UInt8](repeating: 255, count: 256)
        for (value, character) in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8.enumerated() {
            values[Int(character)] = UInt8(value)
        }
        return values
    }()

    /// Nil for what has no direction.
    private static func unit(_ vector: [Float]) -> [Float]? {
        let length = vector.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
        guard length.isFinite, length > 0 else { return nil }
        return vector.map { Float(Double($0) / length) }
    }
}
