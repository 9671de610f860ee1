internal import Experiments

/// What one process tells the others: that a tenant's configuration changed, or that ids of its shoppers became one.
///
/// As text: who says so, the tenant, and for shoppers every id in hexadecimal, or a star for more than a notification
/// holds.
struct PostgresNews {
    /// What is listened to.
    static let channel = "cournot_configuration"

    private static let most = 200

    let text: String

    init(author: String, tenant: TenantID, joined: [Subject] = []) {
        var words = [author, tenant.description]
        if joined.count > Self.most { words.append("*") } else { words += joined.map(\.hex) }
        text = words.joined(separator: " ")
    }

    /// Nil for what `own` said of its configuration. Of shoppers whom it made one it may not know itself: where no answer came.
    static func read(_ text: String, own: String) -> (isConfiguration: Bool, shoppers: ChangedShoppers)? {
        let words = text.split(separator: " ")
        guard words.count > 2 else { return words.first.map(String.init) == own ? nil : (true, .none) }
        let subjects = words.dropFirst(2).map { Subject(hex: $0.utf8) }
        guard let tenant = TenantID(words[1]), !subjects.contains(nil) else { return (false, .all) }
        return (false, .some([tenant: subjects.compactMap { $0 }]))
    }
}
