import Testing

@testable import Experiments

@Suite(.enabled(if: AssignmentCases.arePresent, Comment(rawValue: AssignmentCases.absent)))
struct AssignmentConformanceTests {
    @Test func `hash`() throws {
        let cases = AssignmentCases.section("hash")
        #expect(cases.count == 15)
        for row in cases {
            let version = HashVersion(rawValue: Int(try #require(row[2].double)))
            let hash = version.map { Bucketing.hash(seed: row[0].text, value: row[1].text, version: $0) }
            #expect(hash == row[3].double, "\(row)")
        }
    }

    @Test func `getBucketRange`() throws {
        let cases = AssignmentCases.section("getBucketRange")
        #expect(cases.count == 13)
        for row in cases {
            let input = row[1].elements
            let ranges = BucketRange.ranges(
                variants: Int(try #require(input[0].double)), coverage: try #require(input[1].double),
                weights: input[2] == .null ? nil : input[2].elements.compactMap(\.double))
            let expected = row[2].elements.compactMap(\.range)
            #expect(ranges.count == expected.count)
            for (range, expectation) in zip(ranges, expected) {
                // The published values are rounded; the SDKs' own suites round too.
                #expect(
                    abs(range.start - expectation.start) < 1e-9 && abs(range.end - expectation.end) < 1e-9, "\(row)")
            }
        }
    }

    @Test func `chooseVariation`() throws {
        let cases = AssignmentCases.section("chooseVariation")
        #expect(cases.count == 13)
        for row in cases {
            let ranges = row[2].elements.compactMap(\.range)
            let place = try #require(row[1].double)
            #expect(Double(BucketRange.choose(at: place, from: ranges) ?? -1) == row[3].double, "\(row)")
            #expect(Double(Allocation(ranges: ranges).variant(at: place) ?? -1) == row[3].double, "\(row)")
        }
    }

    @Test func `inNamespace`() throws {
        let cases = AssignmentCases.section("inNamespace")
        #expect(cases.count == 16)
        for row in cases {
            let space = row[2].elements
            let namespace = Namespace(
                space[0].text, from: try #require(space[1].double), to: try #require(space[2].double))
            #expect(namespace.contains(row[1].text) == row[3].bool, "\(row)")
        }
    }

    @Test func `getEqualWeights`() throws {
        let cases = AssignmentCases.section("getEqualWeights")
        #expect(cases.count == 6)
        for row in cases {
            let weights = BucketRange.equalWeights(Int(try #require(row[0].double)))
            let expected = row[1].elements.compactMap(\.double)
            #expect(weights.count == expected.count)
            #expect(zip(weights, expected).allSatisfy { abs($0 - $1) < 1e-8 }, "\(row)")
        }
    }

    /// What of `run` no price experiment can say, and why.
    static let inexpressibleRuns = [
        "negative forced variation": "no variant is forced",
        "high forced variation": "no variant is forced",
        "coverage take precendence over forced": "no variant is forced",
        "querystring force": "no variant is forced by a query string",
        "querystring force with inactive": "no variant is forced by a query string",
        "Force variation from context": "no variant is forced by developer tools",
        "Works in QA mode if forced in context": "no variant is forced by developer tools",
        "Skips experiments in QA mode": "there is no QA mode",
        "Works in QA mode if forced in experiment": "there is no QA mode",
        "Prerequisite condition passes": "no prerequisite on other flags",
        "Prerequisite condition fails": "no prerequisite on other flags",
        "Filtered, included": "a layer is split by the experiment's own unit",
        "Filtered, excluded": "a layer is split by the experiment's own unit",
    ]

    @Test func `run`() throws {
        let cases = AssignmentCases.section("run")
        #expect(cases.count == 73)
        var refused: [String: String] = [:]
        for row in cases {
            let experiment: ImportedExperiment
            do throws(ImportedExperiment.Inexpressible) {
                experiment = try ImportedExperiment(row[2], key: row[2]["key"].text, context: row[1])
            } catch {
                refused[row[0].text] = error.reason
                continue
            }
            switch experiment.assignment() {
            case .variant(let variant, _, isRemembered: false):
                #expect(row[4] == .bool(true) && row[5] == .bool(true), "\(row[0])")
                #expect(experiment.values[variant].isSame(as: row[3]), "\(row[0])")
            case .variant:
                Issue.record("remembered without a memory: \(row[0])")
            case .excluded:
                #expect(row[4] == .bool(false) && row[5] == .bool(false), "\(row[0])")
                #expect(experiment.values[0].isSame(as: row[3]), "\(row[0])")
            }
        }
        #expect(refused == Self.inexpressibleRuns)
        #expect(cases.count - refused.count == 60)
    }

    /// Features of which a rule is an experiment, with the list price as the default value. Everything
    /// else in `feature` is about flags; by name, so that none goes unseen.
    static let expressibleFeatures: Set<String> = [
        "uses defaultValue - number", "uses custom values - string",
        "empty experiment rule - c", "empty experiment rule - a", "empty experiment rule - b",
        "creates experiments properly", "handles integer hashAttribute",
        "SavedGroups correctly pulled from context for experiment rule",
        "multi-armed-bandit type is treated as a standard experiment",
        "standard type is treated as a standard experiment",
        "unknown bandit fields on a non-CB rule are ignored",
    ]

    /// What of `feature` is out of reach, by reason and name.
    static let inexpressibleFeatures: [String: Set<String>] = [
        "an experiment followed by a forced value": [
            "skip experiment on missing hashAttribute",
            "skips experiment on coverage",
            "skips experiment on namespace",
        ],
        "no contextual bandit": [
            "CB rule with empty contexts (explore) buckets on marginal weights with fallback leaf -1",
            "CB rule with empty contexts uses marginal weights (fallback leaf -1)",
            "CB rule with no contexts key falls back to marginal weights (fallback leaf -1)",
        ],
        "no default, which is the list price": [
            "defaults when empty",
            "unknown feature key",
        ],
        "no experiment": [
            "ignores empty rules"
        ],
        "no prerequisite on other flags": [
            "Multiple nested prerequisite flags on, evaluate dependent flag",
            "Multiple parallel prerequisite flags on, evaluate dependent flag",
            "Multiple references to same prerequisite, do not break",
            "Prerequisite cycle detected, break",
            "Prerequisite experiment flag in target bucket, evaluate dependent flag",
            "Prerequisite experiment flag in target bucket, evaluate skip dependent flag if not bucketed",
            "Prerequisite flag missing, block dependent flag",
            "Prerequisite flag off, block dependent flag",
            "Prerequisite flag on, evaluate dependent flag",
        ],
        "no variant is forced": [
            "Force rule with range, ignores coverage",
            "Force rule, hash version 2",
            "Force rule, skip due to filter",
            "Force rule, skip due to range",
            "Force rule, use seed with range",
            "SavedGroups correctly pulled from context for force rule",
            "force rule - coverage with integer hash attribute",
            "force rule with rule id",
            "force rules",
            "force rules - condition fail",
            "force rules - condition pass",
            "force rules - coverage 0",
            "force rules - coverage excluded",
            "force rules - coverage included",
            "force rules - coverage missing hashAttribute",
            "force rules - coverage with bad hash version",
            "force rules - force false",
            "force rules - hashVersion 2 excludes user that v1 would include",
            "force rules - hashVersion 2 includes user",
            "rule orders - skip 1",
            "rule orders - skip 1,2",
            "rule orders - skip all",
        ],
        "no variant is forced by developer tools": [
            "CB rule with empty contexts is overridden by forced variation like a normal experiment",
            "include experiments when forced",
        ],
        "no variant that passes through": [
            "Support holdout groups",
            "Support passthrough variations",
        ],
    ]

    @Test func `feature`() throws {
        let cases = AssignmentCases.section("feature")
        #expect(cases.count == 55)
        var passed: Set<String> = []
        var refused: [String: Set<String>] = [:]
        for row in cases {
            let feature = row[1]["features"][row[2].text]
            do throws(ImportedExperiment.Inexpressible) {
                let outcome = try Self.evaluate(feature, key: row[2].text, context: row[1])
                #expect(outcome.value.isSame(as: row[3]["value"]), "\(row[0])")
                #expect((outcome.variant == nil) == (row[3]["source"] == .string("defaultValue")), "\(row[0])")
                #expect(
                    outcome.variant.map(Double.init) == row[3]["experimentResult"]["variationId"].double, "\(row[0])")
                #expect(outcome.place == row[3]["experimentResult"]["bucket"].double, "\(row[0])")
                passed.insert(row[0].text)
            } catch {
                refused[error.reason, default: []].insert(row[0].text)
            }
        }
        #expect(passed == Self.expressibleFeatures)
        #expect(refused == Self.inexpressibleFeatures)
    }

    private static func evaluate(
        _ feature: AttributeValue, key: String, context: AttributeValue
    ) throws(ImportedExperiment.Inexpressible) -> (value: AttributeValue, variant: Int?, place: Double?) {
        let rules = feature["rules"].elements
        if rules.isEmpty, feature["defaultValue"] == .null {
            throw .init(reason: "no default, which is the list price")
        }
        if rules.count > 1, rules[0]["variations"] != .null,
            rules.dropFirst().contains(where: { $0["force"] != .null }),
            context["forcedVariations"] == .null
        {
            throw .init(reason: "an experiment followed by a forced value")
        }
        for rule in rules {
            let experiment = try ImportedExperiment(rule, key: rule["key"].string ?? key, context: context)
            if case .variant(let variant, let place, _) = experiment.assignment() {
                return (experiment.values[variant], variant, place)
            }
        }
        return (feature["defaultValue"], nil, nil)
    }

    @Test func `stickyBucket`() throws {
        let cases = AssignmentCases.section("stickyBucket")
        #expect(cases.count == 13)
        for row in cases {
            let name = row[0].text
            let rule = row[1]["features"][row[3].text]["rules"].elements[0]
            let key = rule["key"].string ?? row[3].text
            let experiment = try ImportedExperiment(rule, key: key, context: row[1])

            // The unit's own memory first, then that of its fallback attribute.
            var memory: [StickyAssignment] = []
            for attribute in [rule["hashAttribute"].string ?? "id", rule["fallbackAttribute"].string ?? "id"] {
                guard let value = experiment.attributes[attribute] else { continue }
                for document in row[2].elements
                where document["attributeName"].string == attribute && document["attributeValue"].isSame(as: value) {
                    for (experimentVersion, variant) in document["assignments"].members {
                        let version = try #require(experimentVersion.split(separator: "_").last.flatMap { Int($0) })
                        memory.append(StickyAssignment(variant: variant.text, version: version))
                    }
                }
            }

            let assignment = experiment.assignment(memory: memory)
            let kept = row[5]["\(experiment.unitAttribute)||\(experiment.unit)"]["assignments"]
            switch assignment {
            case .excluded(let reason):
                #expect(row[4] == .null && reason == .blockedByVersion, "\(name)")
            case .variant(let variant, let place, let isRemembered):
                #expect(row[4]["variationId"].double == Double(variant), "\(name)")
                #expect(row[4]["bucket"].double == place, "\(name)")
                #expect(row[4]["stickyBucketUsed"].bool == isRemembered, "\(name)")
                #expect(row[4]["hashAttribute"].string == experiment.unitAttribute, "\(name)")
                #expect(row[4]["hashValue"].string == experiment.unit, "\(name)")
                if let rule = experiment.plan.stickiness {
                    #expect(kept["\(key)__\(rule.version)"].string == experiment.plan.variants[variant], "\(name)")
                }
            }
        }
    }
}
