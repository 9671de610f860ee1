internal import Experiments
internal import JSON

extension Conversation: StoredObject {
    init(stored node: JSONNode) throws(StoredFault) {
        let languages: [Language] = try node.value("languages")
        guard !languages.isEmpty else { throw StoredFault("an agent speaks no language") }
        self.init(language: try node.value("language"), languages: languages)
        language = try node.value("language")
        areNear = try node.optional("areNear")
        arms = try node.optional("arms")
        asked = try node.optional("asked")
        awaited = try node.optional("awaited")
        checkout = try node.optional("checkout")
        focus = try node.optional("focus")
        hasAskedModel = try node.optional("hasAskedModel")
        isOneOfSeveral = try node.optional("isOneOfSeveral")
        isOver = try node.optional("isOver")
        message = try node.optional("message")
        misunderstandings = try node.value("misunderstandings")
        paid = try node.optional("paid")
        passed = try node.value("passed")
        proposal = try node.optional("proposal")
        quantity = try node.value("quantity")
        query = try node.value("query")
        shown = try node.value("shown")
        state = try node.value("state")
        wanted = try node.optional("wanted")
        wishes = try node.optional("wishes")
    }

    func storeMembers(into writer: inout JSONWriter) {
        writer.member("areNear", areNear)
        writer.member("arms", arms)
        writer.member("asked", asked)
        writer.member("awaited", awaited)
        writer.member("checkout", checkout)
        writer.member("focus", focus)
        writer.member("hasAskedModel", hasAskedModel)
        writer.member("isOneOfSeveral", isOneOfSeveral)
        writer.member("isOver", isOver)
        writer.member("language", language)
        writer.member("languages", languages)
        writer.member("message", message)
        writer.member("misunderstandings", misunderstandings)
        writer.member("paid", paid)
        writer.member("passed", passed)
        writer.member("proposal", proposal)
        writer.member("quantity", quantity)
        writer.member("query", query)
        writer.member("shown", shown)
        writer.member("state", state)
        writer.member("wanted", wanted)
        writer.member("wishes", wishes)
    }
}

extension Conversation.State: StoredValue {}
extension Language: StoredValue {}
extension Intent: StoredValue {}
extension Line.Topic: StoredValue {}

extension Conversation.Shown: StoredObject {
    init(stored node: JSONNode) throws(StoredFault) {
        self.init(sku: try node.value("sku"), title: try node.value("title"))
    }

    func storeMembers(into writer: inout JSONWriter) {
        writer.member("sku", sku)
        writer.member("title", title)
    }
}

extension Conversation.Proposal: StoredObject {
    init(stored node: JSONNode) throws(StoredFault) {
        self.init(sku: try node.value("sku"), quantity: try node.value("quantity"), tail: try node.value("tail"))
    }

    func storeMembers(into writer: inout JSONWriter) {
        writer.member("quantity", quantity)
        writer.member("sku", sku)
        writer.member("tail", tail)
    }
}

extension Wish: StoredObject {
    init(stored node: JSONNode) throws(StoredFault) {
        self.init(quantity: try node.value("quantity"), words: try node.value("words"))
    }

    func storeMembers(into writer: inout JSONWriter) {
        writer.member("quantity", quantity)
        writer.member("words", words)
    }
}

extension Conversation.Awaited: StoredValue {
    init(stored node: JSONNode) throws(StoredFault) {
        guard let member = node.members?.first(where: { _ in true }) else { throw StoredFault("nothing is awaited") }
        switch member.key {
        case "offer": self = .offer
        case "focus": self = .focus(try member.value.value("_0"))
        case "confirmation": self = .confirmation
        case "checkout": self = .checkout
        case "compare": self = .compare
        case "negotiation": self = .negotiation
        default: throw StoredFault("what is awaited is not known")
        }
    }

    func store(into writer: inout JSONWriter) {
        writer.beginObject()
        switch self {
        case .offer: writer.key("offer")
        case .focus: writer.key("focus")
        case .confirmation: writer.key("confirmation")
        case .checkout: writer.key("checkout")
        case .compare: writer.key("compare")
        case .negotiation: writer.key("negotiation")
        }
        writer.beginObject()
        if case .focus(let topic) = self { writer.member("_0", topic) }
        writer.endObject()
        writer.endObject()
    }
}

extension ModelArm: StoredObject {
    init(stored node: JSONNode) throws(StoredFault) {
        self.init(experiment: try node.value("experiment"), variant: try node.value("variant"))
    }

    func storeMembers(into writer: inout JSONWriter) {
        writer.member("experiment", experiment)
        writer.member("variant", variant)
    }
}

extension Understanding: StoredObject {
    init(stored node: JSONNode) throws(StoredFault) {
        self.init(
            try node.value("intent"), place: try node.optional("place"), pointsBack: try node.value("pointsBack"),
            quantity: try node.optional("quantity"), matter: try node.value("matter"),
            language: try node.optional("language"))
        agrees = try node.value("agrees")
        isGuess = try node.optional("isGuess")
        isUnclearCount = try node.value("isUnclearCount")
        said = try node.value("said")
        step = try node.optional("step")
        wishes = try node.optional("wishes")
    }

    func storeMembers(into writer: inout JSONWriter) {
        writer.member("agrees", agrees)
        writer.member("intent", intent)
        writer.member("isGuess", isGuess)
        writer.member("isUnclearCount", isUnclearCount)
        writer.member("language", language)
        writer.member("matter", matter)
        writer.member("place", place)
        writer.member("pointsBack", pointsBack)
        writer.member("quantity", quantity)
        writer.member("said", said)
        writer.member("step", step)
        writer.member("wishes", wishes)
    }
}
