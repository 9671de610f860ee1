import Experiments
import Storage
import Testing

/// What every engine owes a conversation.
@Suite struct ConversationContract {
    private static let subject = Subject(high: 1, low: 2)

    /// The turn after `version` turns of a conversation, with one message.
    static func turn(
        _ id: ConversationID, after version: Int, of subject: Subject = Self.subject, state: String = "asking",
        saying text: String = "“Größe?” \u{1F600}", reply: SavedReply? = nil
    ) -> ConversationTurn {
        ConversationTurn(
            ConversationRecord(
                id: id, subject: subject, version: version + 1, state: state,
                changedAt: Timestamp(milliseconds: 1_790_000_000_000 + Int64(version)), document: "{\"v\":\(version)}"),
            messages: [MessageRecord(number: version + 1, document: text)], reply: reply)
    }

    private static func begun(in world: World) async throws -> ConversationID {
        let id: ConversationID = world.service.identifiers.next(at: world.clock.now())
        try await world.service.store.append(turn(id, after: 0), in: world.tenant)
        return id
    }

    @Test(arguments: Engine.allCases)
    func `what was said is read as it was said, from any place on, and by its tenant alone`(engine: Engine) async throws
    {
        try await World.with(engine) { world, _ in
            let store = world.service.store
            let id = try await Self.begun(in: world)
            for version in 1...4 { try await store.append(Self.turn(id, after: version), in: world.tenant) }
            #expect(try await store.conversation(id, in: world.tenant) == Self.turn(id, after: 4).conversation)
            let all = try await store.messages(of: id, in: world.tenant, after: 0, limit: 100)
            #expect(all == (0...4).flatMap { Self.turn(id, after: $0).messages })
            #expect(try await store.messages(of: id, in: world.tenant, after: 2, limit: 2) == Array(all[2...3]))
            #expect(
                try await store.versions(of: [id, Self.turn(id, after: 0).conversation.id], in: world.tenant) == [id: 5]
            )
            let nobody: TenantID = world.service.identifiers.next(at: world.clock.now())
            #expect(try await store.conversation(id, in: nobody) == nil)
            #expect(try await store.versions(of: [id], in: nobody) == [:])
            #expect(try await store.messages(of: id, in: nobody, after: 0, limit: 100) == [])
            #expect(try await store.conversations(in: nobody, state: nil, before: nil, limit: 100) == [])
        }
    }

    @Test(arguments: Engine.allCases)
    func `what was silent for long goes with its messages, oldest first and so many at a time`(engine: Engine)
        async throws
    {
        try await World.with(engine) { world, _ in
            let store = world.service.store
            func begun(_ seconds: Int64) async throws -> ConversationID {
                let at = Timestamp(milliseconds: 1_700_000_000_000 + seconds * 1000)
                let id = IdentifierSource(random: SystemRandomNumberGenerator()).next(at: at) as ConversationID
                let turn = ConversationTurn(
                    ConversationRecord(
                        id: id, subject: Self.subject, version: 1, state: "asking", changedAt: at, document: "{}"),
                    messages: [MessageRecord(number: 1, document: "said")])
                try await store.append(turn, in: world.tenant)
                return id
            }
            let old = try await [begun(0), begun(1), begun(2)]
            // Begun long ago, and spoken in since.
            let lively = try await begun(3)
            try await store.append(Self.turn(lively, after: 1), in: world.tenant)
            let young = try await begun(1000)
            let since = Timestamp(milliseconds: 1_700_000_000_000 + 500 * 1000)
            let nobody: TenantID = world.service.identifiers.next(at: world.clock.now())
            #expect(try await store.eraseConversations(silentSince: since, limit: 10, in: nobody) == 0)
            #expect(try await store.eraseConversations(silentSince: since, limit: 2, in: world.tenant) == 2)
            #expect(try await store.conversation(old[0], in: world.tenant) == nil)
            #expect(try await store.messages(of: old[1], in: world.tenant, after: 0, limit: 10) == [])
            #expect(try await store.messages(of: old[2], in: world.tenant, after: 0, limit: 10).count == 1)
            #expect(try await store.eraseConversations(silentSince: since, limit: 2, in: world.tenant) == 1)
            #expect(try await store.eraseConversations(silentSince: since, limit: 2, in: world.tenant) == 0)
            for id in [lively, young] { #expect(try await store.conversation(id, in: world.tenant) != nil) }
            #expect(try await store.messages(of: lively, in: world.tenant, after: 0, limit: 10).count == 2)
        }
    }

    @Test(arguments: Engine.allCases)
    func `of turns decided on the same version one is kept, and the others are told which there is`(
        engine: Engine
    ) async throws {
        try await World.with(engine) { world, _ in
            let store = world.service.store
            let id = try await Self.begun(in: world)
            let tenant = world.tenant
            let kept = await withTaskGroup { group in
                for number in 0..<8 {
                    group.addTask {
                        do throws(StoreError) {
                            try await store.append(Self.turn(id, after: 1, saying: "\(number)"), in: tenant)
                            return true
                        } catch {
                            #expect(error == .outdated(current: 2))
                            return false
                        }
                    }
                }
                return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(kept == 1)
            #expect(try await store.messages(of: id, in: tenant, after: 0, limit: 100).count == 2)
            await #expect(throws: StoreError.outdated(current: 2)) {
                try await store.append(Self.turn(id, after: 0), in: tenant)
            }
            let other: ConversationID = world.service.identifiers.next(at: world.clock.now())
            await #expect(throws: StoreError.outdated(current: 0)) {
                try await store.append(Self.turn(other, after: 1), in: tenant)
            }
        }
    }

    @Test(arguments: Engine.allCases)
    func `a turn asked for twice under one key is kept once, and its answer is there`(engine: Engine) async throws {
        try await World.with(engine) { world, _ in
            let store = world.service.store
            let id = try await Self.begun(in: world)
            let scope = ReplyScope(tenant: world.tenant, hash: Bits128(high: 7, low: 7))
            let reply = SavedReply(
                scope: scope, bodyHash: Bits128(high: 1, low: 1), status: 200, sealedBody: [1, 2, 3],
                at: world.clock.now())
            try await store.append(Self.turn(id, after: 1, reply: reply), in: world.tenant)
            await #expect(throws: StoreError.repeated(reply)) {
                try await store.append(Self.turn(id, after: 2, reply: reply), in: world.tenant)
            }
            #expect(try await store.reply(in: scope, at: world.clock.now()) == reply)
            #expect(try await store.conversation(id, in: world.tenant)?.version == 2)
        }
    }

    @Test(arguments: Engine.allCases)
    func `conversations are listed youngest first, by state, page by page`(engine: Engine) async throws {
        try await World.with(engine) { world, _ in
            let store = world.service.store
            var ids: [ConversationID] = []
            for number in 0..<5 {
                world.clock.advance(by: .seconds(1))
                ids.insert(try await Self.begun(in: world), at: 0)
                if number % 2 == 0 {
                    try await store.append(Self.turn(ids[0], after: 1, state: "handed_off"), in: world.tenant)
                }
            }
            func read(_ state: String?, before: ConversationID? = nil, limit: Int = 50) async throws -> [ConversationID]
            {
                try await store.conversations(in: world.tenant, state: state, before: before, limit: limit).map(\.id)
            }
            #expect(try await read(nil) == ids)
            #expect(try await read(nil, before: ids[1], limit: 2) == Array(ids[2...3]))
            #expect(try await read("handed_off") == [ids[0], ids[2], ids[4]])
            #expect(try await read("handed_off", before: ids[0], limit: 1) == [ids[2]])
            #expect(try await read("paying") == [])
        }
    }

    @Test(arguments: Engine.allCases)
    func `an erased shopper leaves no conversation and no word, and nobody else is touched`(engine: Engine) async throws
    {
        try await World.with(engine) { world, _ in
            let store = world.service.store
            let ids = [try await Self.begun(in: world), try await Self.begun(in: world)]
            let stays: ConversationID = world.service.identifiers.next(at: world.clock.now())
            let other = Subject(high: 9, low: 9)
            try await store.append(Self.turn(stays, after: 0, of: other), in: world.tenant)
            #expect(try await store.eraseConversations(of: Self.subject, in: world.tenant) == 2)
            #expect(try await store.eraseConversations(of: Self.subject, in: world.tenant) == 0)
            for id in ids {
                #expect(try await store.conversation(id, in: world.tenant) == nil)
                #expect(try await store.messages(of: id, in: world.tenant, after: 0, limit: 10) == [])
                // A turn that was decided before finds nothing to go on with.
                await #expect(throws: StoreError.outdated(current: 0)) {
                    try await store.append(Self.turn(id, after: 1), in: world.tenant)
                }
            }
            #expect(try await store.messages(of: stays, in: world.tenant, after: 0, limit: 10).count == 1)
        }
    }

    @Test func `a message is named by its conversation and its number`() throws {
        let id = ConversationID(bits: Bits128(high: 5, low: 0x8000_0000_1234_5678))
        let message = MessageID(42, of: id)
        #expect(message.number(in: id) == 42)
        #expect(MessageID(message.description) == message)
        #expect(message.number(in: ConversationID(bits: Bits128(high: 5, low: 0x8000_0001_1234_5678))) == nil)
        #expect(message.number(in: ConversationID(bits: Bits128(high: 6, low: 0x8000_0000_1234_5678))) == nil)
        #expect(MessageID(1, of: id) < MessageID(2, of: id))
    }
}
