internal import Experiments
internal import Synchronization

/// Whose the conversations are that were asked for lately, so that each message need not ask the store again: a
/// conversation never changes hands. Whether it is there still is for who reads it to see.
final class ConversationOwners: Sendable {
    private struct Owner {
        let tenant: TenantID
        let subject: Subject
    }

    private let owners = Mutex<[ConversationID: Owner]>([:])
    private static let room = 20_000

    func subject(of conversation: ConversationID, in tenant: TenantID) -> Subject? {
        owners.withLock { owners in
            guard let owner = owners[conversation], owner.tenant == tenant else { return nil }
            return owner.subject
        }
    }

    func remember(_ record: ConversationRecord, in tenant: TenantID) {
        owners.withLock { owners in
            if owners.count >= Self.room { owners = [:] }
            owners[record.id] = Owner(tenant: tenant, subject: record.subject)
        }
    }
}
