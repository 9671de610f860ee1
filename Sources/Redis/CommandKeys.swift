/// Which keys a command names, and so where in a cluster it belongs.
///
/// By the command's name. One that is not listed is taken to name one key, its first argument; where that is wrong, the
/// cluster sends the command on to where it belongs.
extension RedisCommand {
    private enum KeyPlace {
        case nowhere, first, everywhere
        /// The first argument, the third and so on.
        case pairs
        /// After their number, which is the second argument.
        case counted
    }

    private static let places: [String: KeyPlace] = {
        var places: [String: KeyPlace] = [:]
        for name in ["EVAL", "EVALSHA", "EVAL_RO", "EVALSHA_RO", "FCALL", "FCALL_RO"] { places[name] = .counted }
        for name in ["DEL", "EXISTS", "MGET", "SDIFF", "SINTER", "SUNION", "TOUCH", "UNLINK", "PFCOUNT"] {
            places[name] = .everywhere
        }
        for name in ["MSET", "MSETNX"] { places[name] = .pairs }
        for name in [
            "ACL", "ASKING", "AUTH", "CLIENT", "CLUSTER", "COMMAND", "CONFIG", "DBSIZE", "ECHO", "FLUSHALL", "FLUSHDB",
            "FUNCTION", "HELLO", "INFO", "KEYS", "PING", "PUBLISH", "ROLE", "SCAN", "SCRIPT", "SELECT", "TIME", "WAIT",
        ] { places[name] = .nowhere }
        return places
    }()

    /// The keys, in the order they are named.
    public var keys: [[UInt8]] {
        guard let name = arguments.first else { return [] }
        let rest = arguments.dropFirst()
        switch Self.places[String(decoding: name, as: UTF8.self).uppercased(), default: .first] {
        case .nowhere: return []
        case .first: return Array(rest.prefix(1))
        case .everywhere: return Array(rest)
        case .pairs: return stride(from: 1, to: arguments.count, by: 2).map { arguments[$0] }
        case .counted:
            guard arguments.count > 3, let count = Int(String(decoding: arguments[2], as: UTF8.self)), count > 0
            else { return [] }
            return Array(arguments[3...].prefix(count))
        }
    }

    /// The one slot of all its keys; nil if it names none and any node will do.
    ///
    /// - Throws: what a server would say to keys in several slots.
    var slot: HashSlot? {
        get throws(RedisError) {
            let keys = keys
            guard let first = keys.first else { return nil }
            let slot = HashSlot(ofKey: first)
            guard keys.dropFirst().allSatisfy({ HashSlot(ofKey: $0) == slot }) else {
                throw .refused("CROSSSLOT Keys in request don't hash to the same slot")
            }
            return slot
        }
    }
}
