import FoundationEssentials

@testable import Experiments

/// GrowthBook's conformance cases, which lie beside a checkout (`../shared/contracts`) and are not ours
/// to copy. Without them the suites that need them are skipped, and say so.
enum AssignmentCases {
    static let absent = "GrowthBook's cases.json is not beside this checkout (../shared/contracts/growthbook)"
    static var arePresent: Bool { !sections.isEmpty }

    private static let sections: [String: AttributeValue] = {
        var path = #filePath.split(separator: "/")
        path.removeLast(3)
        let file = "/" + path.joined(separator: "/") + "/../shared/contracts/growthbook/cases.json"
        guard let data = try? Data(contentsOf: URL(filePath: file)),
            case .object(let all)? = try? JSONDecoder().decode(AttributeValue.self, from: data)
        else { return [:] }
        return all
    }()

    /// The cases of a section, each a list.
    static func section(_ name: String) -> [[AttributeValue]] {
        (sections[name] ?? .null).elements.map(\.elements)
    }
}

extension AttributeValue {
    var elements: [AttributeValue] { if case .list(let value) = self { value } else { [] } }
    var members: [String: AttributeValue] { if case .object(let value) = self { value } else { [:] } }
    var double: Double? { if case .number(let value) = self { value } else { nil } }
    var string: String? { if case .string(let value) = self { value } else { nil } }
    var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
    var range: BucketRange? {
        guard elements.count == 2, let start = elements[0].double, let end = elements[1].double else { return nil }
        return BucketRange(start, end)
    }
    subscript(_ name: String) -> AttributeValue { members[name] ?? .null }
}

/// A GrowthBook experiment, or an experiment rule of a feature, as a price experiment: or why it is none.
struct ImportedExperiment {
    struct Inexpressible: Error, Equatable { let reason: String }

    let plan: AssignmentPlan
    let values: [AttributeValue]
    let unit: String
    let unitAttribute: String
    let groups: [String: [AttributeValue]]
    let attributes: Attributes

    init(_ experiment: AttributeValue, key: String, context: AttributeValue) throws(Inexpressible) {
        let refusals: [(Bool, String)] = [
            (context["url"] != .null, "no variant is forced by a query string"),
            (context["forcedVariations"] != .null, "no variant is forced by developer tools"),
            (context["qaMode"] != .null, "there is no QA mode"),
            (experiment["force"] != .null, "no variant is forced"),
            (experiment["parentConditions"] != .null, "no prerequisite on other flags"),
            (experiment["contextualVariations"] != .null, "no contextual bandit"),
            (
                experiment["meta"].elements.contains { $0["passthrough"] == .bool(true) },
                "no variant that passes through"
            ),
            (experiment["variations"] == .null, "no experiment"),
        ]
        if let refusal = refusals.first(where: \.0) { throw Inexpressible(reason: refusal.1) }

        attributes = context["attributes"].members
        let remembers = experiment["disableStickyBucketing"].bool != true
        var name = experiment["hashAttribute"].string ?? "id"
        if let fallback = experiment["fallbackAttribute"].string, remembers, !(attributes[name] ?? .null).isTruthy {
            name = fallback
        }
        let value = attributes[name] ?? .null
        unitAttribute = name
        unit = value.isTruthy ? value.text : ""
        groups = context["savedGroups"].members.mapValues(\.elements)
        values = experiment["variations"].elements

        var layers: [Namespace] = []
        for filter in experiment["filters"].elements {
            guard (filter["attribute"].string ?? "id") == name else {
                throw Inexpressible(reason: "a layer is split by the experiment's own unit")
            }
            layers.append(
                Namespace(seed: filter["seed"].string ?? "", ranges: filter["ranges"].elements.compactMap(\.range)))
        }
        let namespace = experiment["namespace"].elements
        if experiment["filters"] == .null, namespace.count == 3 {
            layers.append(
                Namespace(namespace[0].text, from: namespace[1].double ?? 0, to: namespace[2].double ?? 0))
        }

        guard let version = HashVersion(rawValue: Int(experiment["hashVersion"].double ?? 1)) else {
            throw Inexpressible(reason: "hash versions are 1 and 2")
        }
        let allocation =
            if experiment["ranges"] != .null {
                Allocation(ranges: experiment["ranges"].elements.compactMap(\.range))
            } else {
                Allocation(
                    ranges: BucketRange.ranges(
                        variants: values.count, coverage: experiment["coverage"].double ?? 1,
                        weights: experiment["weights"] == .null
                            ? nil : experiment["weights"].elements.compactMap(\.double)))
            }
        var audience: Condition?
        if experiment["condition"] != .null {
            do {
                audience = try Condition(parsing: experiment["condition"], reading: .lenient, protected: .none)
            } catch {
                throw Inexpressible(reason: error.sentence)
            }
        }
        let meta = experiment["meta"].elements
        plan = AssignmentPlan(
            variants: values.indices.map { $0 < meta.count ? meta[$0]["key"].string ?? String($0) : String($0) },
            seed: Bucketing.Seed(experiment["seed"].string ?? key, version: version), allocation: allocation,
            audience: audience, layers: layers,
            stickiness: remembers
                ? StickyRule(
                    version: Int(experiment["bucketVersion"].double ?? 0),
                    minimumVersion: Int(experiment["minBucketVersion"].double ?? 0)) : nil,
            intake: experiment["active"].bool ?? true && context["enabled"].bool ?? true ? .open : .closed)
    }

    func assignment(memory: [StickyAssignment] = []) -> AssignmentOutcome {
        plan.assignment(of: unit, attributes: attributes, memory: memory, groups: groups)
    }
}
