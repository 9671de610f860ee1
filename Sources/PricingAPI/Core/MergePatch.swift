internal import Experiments
internal import HTTPServer
internal import JSON
internal import Synchronization

/// Why a change was not decided on.
enum ChangeRefusal: Error, Sendable {
    case configuration(ConfigurationError)
    case problem(Problem)
}

/// A document that says what shall be different (RFC 7396).
struct MergePatch: Sendable {
    private let changes: JSONObject
    /// Lists whose elements are matched by their `name` and merged one by one, instead of being replaced.
    private let listsByName: [String]

    init(_ context: Context, listsByName: [String] = []) throws(Problem) {
        let root = try context.json().root
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONValue(root)
        } catch {
            throw Problem.invalid([Fault("", "\(error).")])
        }
        guard case .object(let changes) = value else {
            throw .invalid([Fault("", "Expected an object that says what shall change.")])
        }
        self.changes = changes
        self.listsByName = listsByName
    }

    /// The current document with the changes in it.
    ///
    /// - Parameters:
    ///   - current: the document as it is answered; `If-Match` is checked against it.
    ///   - readOnly: keys that may be sent back as they are and not otherwise.
    func merged(
        onto current: [UInt8], _ context: Context, readOnly: [StaticString]
    ) throws(ChangeRefusal) -> Merged {
        guard context.mayChange(current) else { throw .problem(.preconditionFailed) }
        guard let parsed = try? JSONValue(parsing: current), case .object(let before) = parsed else {
            throw .problem(Problem(500, "internal", "The stored document cannot be read."))
        }
        var faults = Faults()
        var plain = changes
        for key in readOnly.map(\.description) {
            if let value = plain[key], value != before[key] {
                faults.add("/\(key)", "Read-only: the server sets this.")
            }
            plain[key] = nil
        }
        var origins: [String: [Int: Int]] = [:]
        var lists: [(key: String, value: JSONValue)] = []
        for key in listsByName {
            guard let elements = plain[key]?.array, elements.allSatisfy({ $0["name"]?.string != nil }) else { continue }
            plain[key] = nil
            let (list, places) = Self.merge(elements, into: before[key]?.array ?? [], at: "/\(key)", &faults)
            lists.append((key, .array(list)))
            origins[key] = places
        }
        guard case .object(var document) = parsed.merging(patch: .object(plain)) else {
            throw .problem(Problem(500, "internal", "The documents cannot be merged."))
        }
        // A null removes what is there; of a key that nobody knows it still is a mistake.
        for member in plain.members where member.value == .null && before[member.key] == nil {
            document[member.key] = .null
        }
        for list in lists { document[list.key] = list.value }
        return Merged(document: .object(document), faults: faults, origins: origins)
    }

    /// A null stays, for whoever reads it to say whether there may be nothing.
    private static func merged(_ current: JSONValue, _ patch: JSONValue) -> JSONValue {
        guard case .object(var object) = current.merging(patch: patch), case .object(let changes) = patch else {
            return current
        }
        for member in changes.members where member.value == .null { object[member.key] = .null }
        return .object(object)
    }

    /// Elements of the same name merged in place, others appended; and where in the patch each came from.
    private static func merge(
        _ patch: [JSONValue], into current: [JSONValue], at pointer: String, _ faults: inout Faults
    ) -> ([JSONValue], [Int: Int]) {
        var list = current
        var origins: [Int: Int] = [:]
        for (place, element) in patch.enumerated() {
            let name = element["name"]?.string
            if let index = list.firstIndex(where: { $0["name"]?.string == name }) {
                if origins[index] != nil {
                    faults.add("\(pointer)/\(place)/name", "This name stands here twice.")
                    continue
                }
                list[index] = merged(list[index], element)
                origins[index] = place
            } else {
                origins[list.count] = place
                list.append(element)
            }
        }
        return (list, origins)
    }
}

/// A patched document, read like one that was sent whole.
struct Merged {
    let document: JSONValue
    let faults: Faults
    /// For lists merged by name: which element of the patch an element came from.
    let origins: [String: [Int: Int]]

    /// Reads the document; all faults, at their places in the patch, are thrown together.
    func read<Value>(
        _ keys: [StaticString], _ body: (ObjectReader) throws(Faults) -> Value
    ) throws(ChangeRefusal) -> Value {
        let collector = FaultCollector()
        for fault in faults.list { collector.add(at: fault.pointer, fault.detail) }
        do throws(Faults) {
            let parsed = try? JSONDocument(parsing: document.serialized())
            guard let root = parsed?.root, let reader = ObjectReader(root, keys: keys, collector) else {
                throw collector.faults
            }
            let value = try body(reader)
            try collector.faults.check()
            return value
        } catch {
            throw .problem(.invalid(error.list.map(placed)))
        }
    }

    /// A fault's place in the merged document, said as a place in the patch.
    private func placed(_ fault: Fault) -> Fault {
        let steps = fault.pointer.split(separator: "/", maxSplits: 2)
        guard steps.count >= 2, let places = origins[String(steps[0])], let index = Int(steps[1]),
            let place = places[index]
        else { return fault }
        let rest = steps.count == 3 ? "/" + steps[2] : ""
        return Fault("/\(steps[0])/\(place)\(rest)", fault.detail)
    }
}

extension PricingAPI {
    /// Decides a change against the newest configuration, with whatever may be wrong with it.
    func change(
        _ context: Context, _ tenant: TenantID,
        _ decide: @escaping @Sendable (TenantSnapshot, Timestamp) throws(ChangeRefusal) -> Decided<Outcome>
    ) async throws(Problem) -> Response {
        let refusal = Mutex<Problem?>(nil)
        do throws(ConfigurationError) {
            return try await service.change(tenant, actor: context.caller.actor, requestID: context.requestID) {
                snapshot, now throws(ConfigurationError) in
                // It may be decided again, and then otherwise.
                refusal.withLock { $0 = nil }
                do throws(ChangeRefusal) {
                    return try decide(snapshot, now)
                } catch {
                    switch error {
                    case .configuration(let error): throw error
                    case .problem(let problem):
                        refusal.withLock { $0 = problem }
                        throw .notFound
                    }
                }
            }.response
        } catch {
            throw refusal.withLock(\.self) ?? Problem(error)
        }
    }

    /// Says a part of the tenant's settings anew, unless it is no longer what the caller read.
    ///
    /// - Parameters:
    ///   - wire: that part as it is told.
    ///   - put: says it.
    func setSettings(
        _ context: Context, action: String, wire: @escaping @Sendable (Tenant) -> [UInt8],
        _ put: @escaping @Sendable (inout Tenant) -> Void
    ) async throws(Problem) -> Response {
        let id = try context.member.snapshot.tenant.id
        return try await change(context, id) { snapshot, now throws(ChangeRefusal) in
            var tenant = snapshot.tenant
            guard context.mayChange(wire(tenant)) else { throw .problem(.preconditionFailed) }
            put(&tenant)
            return Decided(
                [.tenant(tenant)], action: action, target: id.description,
                answer: Outcome(status: 200, body: wire(tenant)))
        }
    }
}
