internal import Experiments
internal import Redis

/// An offer on its way to Redis, sealed for its place.
struct KeptOffer: Sendable {
    private let tenant: TenantID
    /// Of the configuration that the store knew.
    private let version: Int
    private let entry: CacheEntry
    private let value: [UInt8]

    init(_ entry: CacheEntry, in snapshot: TenantSnapshot) {
        tenant = snapshot.tenant.id
        version = snapshot.version
        self.entry = entry
        value = snapshot.seal.seal(entry.offer, for: entry.place, of: tenant)
    }

    private var subject: Subject { entry.place.subject }

    /// Whether nothing was kept of the shopper when its ticket was taken.
    var isFirst: Bool { entry.ticket == KeptPlaces.nothing }

    /// Whether both are kept in the name of one configuration.
    func isAlike(_ other: KeptOffer) -> Bool { tenant == other.tenant && version == other.version }

    func isOfSameShopper(_ other: KeptOffer) -> Bool { subject == other.subject && tenant == other.tenant }

    /// Notes the version of these.
    var note: RedisCommand {
        RedisCommand("EVAL", Self.noteScript, "1", RedisKeys.version(tenant), String(version))
    }

    /// Keeps what a shopper was told, if nothing is kept of it: of who is new, nearly always. Answers null where something is.
    ///
    /// - Parameter offers: at least one, of one shopper, each its first.
    static func first(_ offers: ArraySlice<KeptOffer>) -> RedisCommand {
        let (tenant, subject) = (offers[offers.startIndex].tenant, offers[offers.startIndex].subject)
        var value: [UInt8] = []
        value.reserveCapacity(128 * offers.count)
        KeptPlaces.append([], to: &value)
        let valid = offers[(offers.lastIndex(where: \.entry.replacesOthers) ?? offers.startIndex)...]
        for (index, offer) in zip(valid.indices, valid) {
            let product = offer.entry.place.product
            if valid[(index + 1)...].contains(where: { $0.entry.place.product == product }) { continue }
            KeptPlaces.append(product.text.utf8, to: &value)
            KeptPlaces.append(offer.value, to: &value)
        }
        var command = RedisCommand(arguments: 6, bytes: RedisKeys.offersLength + value.count + 16)
        command.append("SET")
        command.append(count: RedisKeys.offersLength) { RedisKeys.appendOffers(of: subject, tenant, to: &$0) }
        command.append(value)
        command.append("EX")
        command.append(seconds)
        command.append("NX")
        return command
    }

    private static let seconds = "300"

    /// What is noted only rises.
    private static let noteScript = """
        if tonumber(redis.call('GET', KEYS[1]) or '0') < tonumber(ARGV[1]) then
            redis.call('SET', KEYS[1], ARGV[1], 'EX', 86400)
        end
        """

    /// Keys: each shopper's. Arguments, of each: the mark, the product, the sealed offer, and whether it replaces all else
    /// that is kept of the shopper; so does what would become too long to be sent with every answer.
    private static let script =
        KeptPlaces.script + """
            local call = redis.call
            for i, key in ipairs(KEYS) do
                local a = 4 * i - 3
                local kept = parts(call('GET', key) or part('')) or { '' }
                if kept[1] == ARGV[a] then
                    local text, seconds = part(kept[1]), \(seconds)
                    if ARGV[a + 3] ~= '1' then
                        for n = 2, #kept, 2 do
                            if kept[n] ~= ARGV[a + 1] then text = text .. part(kept[n]) .. part(kept[n + 1]) end
                        end
                        if #text > 16384 then text = part(kept[1]) end
                        seconds = math.max(seconds, call('TTL', key))
                    end
                    call('SET', key, text .. part(ARGV[a + 1]) .. part(ARGV[a + 2]), 'EX', seconds)
                end
            end
            """

    /// Keeps all of them beside what is kept, each unless its shopper was forgotten since its ticket was taken.
    ///
    /// - Parameter offers: at least one, of one tenant.
    static func further(_ offers: ArraySlice<KeptOffer>) -> RedisCommand {
        let bytes = offers.reduce(0) { sum, offer in
            let entry = offer.entry
            return sum + RedisKeys.offersLength + entry.ticket.count + entry.place.product.text.utf8.count
                + offer.value.count + 32
        }
        var command = RedisCommand(arguments: 3 + 5 * offers.count, bytes: script.utf8.count + bytes + 128)
        command.append("EVAL")
        command.append(script)
        command.append(String(offers.count))
        for offer in offers {
            command.append(count: RedisKeys.offersLength) {
                RedisKeys.appendOffers(of: offer.subject, offer.tenant, to: &$0)
            }
        }
        for offer in offers {
            command.append(KeptPlaces.mark(offer.entry.ticket))
            command.append(offer.entry.place.product.text)
            command.append(offer.value)
            command.append(offer.entry.replacesOthers ? "1" : "0")
        }
        return command
    }
}
