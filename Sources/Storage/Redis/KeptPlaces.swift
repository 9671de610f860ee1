internal import Experiments

/// How Redis has what a shopper was told, in one string: the shopper's mark, then of each place its SKU and the sealed offer.
/// Each part stands after its length in two bytes, the larger first.
///
/// The mark is empty until the shopper is forgotten for the first time, and another each time after that.
enum KeptPlaces {
    /// The mark, and the sealed offer for a product, if there is one; nil for what was not written so.
    static func read(_ bytes: [UInt8], _ product: TenantKey) -> (mark: [UInt8], sealed: [UInt8]?)? {
        var rest = bytes[...]
        guard let mark = take(&rest) else { return nil }
        while !rest.isEmpty {
            guard let known = take(&rest), let sealed = take(&rest) else { return nil }
            if known.elementsEqual(product.text.utf8) { return (Array(mark), Array(sealed)) }
        }
        return (Array(mark), nil)
    }

    // MARK: Tickets

    /// Of a shopper of whom nothing is kept, no mark either.
    static let nothing: [UInt8] = []

    static func ticket(_ mark: [UInt8]) -> [UInt8] { [1] + mark }

    static func mark(_ ticket: [UInt8]) -> [UInt8] { Array(ticket.dropFirst()) }

    // MARK: Parts

    private static func take(_ rest: inout ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        guard let high = rest.popFirst(), let low = rest.popFirst() else { return nil }
        let count = Int(high) << 8 | Int(low)
        guard count <= rest.count else { return nil }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }

    /// - Parameter part: up to 65,535 bytes.
    static func append(_ part: some Collection<UInt8>, to out: inout [UInt8]) {
        out.append(UInt8(truncatingIfNeeded: part.count >> 8))
        out.append(UInt8(truncatingIfNeeded: part.count))
        out.append(contentsOf: part)
    }

    /// Lua's way to read all parts of such a string, which is nil for any other, and to write one.
    static let script = """
        local function parts(text)
            local found, at = {}, 1
            while at <= #text do
                local high, low = string.byte(text, at, at + 1)
                if not low then return nil end
                local last = at + 1 + high * 256 + low
                if last > #text then return nil end
                found[#found + 1] = string.sub(text, at + 2, last)
                at = last + 1
            end
            return #found % 2 == 1 and found or nil
        end
        local function part(text) return string.char(math.floor(#text / 256), #text % 256) .. text end

        """
}
