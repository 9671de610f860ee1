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

    /// Whether one script can keep both.
    func isKept(with other: KeptOffer) -> Bool { tenant == other.tenant && version == other.version }

    /// Keys: the version's, then each shopper's. Arguments: the version, then of each shopper the ticket, the product, the
    /// sealed offer, and whether it replaces all else that is kept of the shopper.
    ///
    /// Where nothing is kept of any of them, as of new shoppers nearly always, one question says so for all: each further
    /// call costs Redis as much as what it does.
    private static let script = """
        local call = redis.call
        if tonumber(call('GET', KEYS[1]) or '0') < tonumber(ARGV[1]) then
            call('SET', KEYS[1], ARGV[1], 'EX', 86400)
        end
        local isAnyKnown = call('EXISTS', unpack(KEYS, 2)) > 0
        local seen = {}
        for i = 2, #KEYS do
            local key, a = KEYS[i], 4 * i - 6
            if not isAnyKnown and not seen[key] then
                seen[key] = true
                if ARGV[a] == '' then
                    call('HSET', key, ARGV[a + 1], ARGV[a + 2])
                    call('EXPIRE', key, 300)
                end
            elseif (call('HGET', key, '\(RedisAssignments.mark)') or '') == ARGV[a] then
                if ARGV[a + 3] == '1' then
                    call('DEL', key)
                    if ARGV[a] ~= '' then call('HSET', key, '\(RedisAssignments.mark)', ARGV[a]) end
                end
                call('HSET', key, ARGV[a + 1], ARGV[a + 2])
                if ARGV[a + 3] == '1' or call('TTL', key) < 300 then call('EXPIRE', key, 300) end
            end
        end
        """

    /// Keeps all of them, each unless its shopper was forgotten since its ticket was taken, and notes the version.
    ///
    /// - Parameter offers: at least one, of one tenant and version.
    static func command(_ offers: ArraySlice<KeptOffer>) -> RedisCommand {
        let tenant = offers[offers.startIndex].tenant
        let bytes = offers.reduce(0) { sum, offer in
            let entry = offer.entry
            return sum + RedisKeys.offersLength + entry.ticket.count + entry.place.product.text.utf8.count
                + offer.value.count + 32
        }
        var command = RedisCommand(arguments: 5 + 5 * offers.count, bytes: script.utf8.count + bytes + 128)
        command.append("EVAL")
        command.append(script)
        command.append(String(1 + offers.count))
        command.append(RedisKeys.version(tenant))
        for offer in offers {
            command.append(count: RedisKeys.offersLength) {
                RedisKeys.appendOffers(of: offer.entry.place.subject, tenant, to: &$0)
            }
        }
        command.append(String(offers[offers.startIndex].version))
        for offer in offers {
            command.append(offer.entry.ticket)
            command.append(offer.entry.place.product.text)
            command.append(offer.value)
            command.append(offer.entry.replacesOthers ? "1" : "0")
        }
        return command
    }
}
