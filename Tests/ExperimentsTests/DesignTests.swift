import Experiments
import SeedSupport
import Testing

private let now = Timestamp(milliseconds: 1_790_000_000_000)

@Suite struct DesignTests {
    private func product(_ sku: String, floor: Int64? = nil, ceiling: Int64? = nil, code: String = "USD") throws
        -> Product
    {
        Product(
            sku: try #require(TenantKey(sku)), title: sku,
            listPrice: Money(amount: 1999, currency: try #require(Currency(code))), floor: floor, ceiling: ceiling)
    }

    private func draft(_ change: (inout ExperimentDraft) -> Void = { _ in }) -> ExperimentDraft {
        var draft = ExperimentDraft()
        draft.name = "Spring price"
        draft.products = ["sku-1"]
        draft.currency = "USD"
        draft.variants = [
            .init(name: "control", price: 1999, currency: "USD", weight: 50),
            .init(name: "higher", price: 2499, currency: "USD", weight: 50),
        ]
        change(&draft)
        return draft
    }

    private func faults(_ draft: ExperimentDraft, _ product: Product? = nil) throws -> [String] {
        let only = try product ?? self.product("sku-1")
        do throws(Faults) {
            _ = try ExperimentDesign(validating: draft) { $0 == only.sku ? only : nil }
            return []
        } catch {
            return error.list.map(\.pointer).sorted()
        }
    }

    private func running() throws -> Experiment {
        let only = try product("sku-1")
        let design = try ExperimentDesign(validating: draft()) { $0 == only.sku ? only : nil }
        let source = IdentifierSource(random: Seeded(1))
        return try Experiment(design, id: source.next(at: now), at: now).after(.start, at: now)
    }

    @Test func `all that is wrong with a design is said at once`() throws {
        let wrong = draft {
            $0.name = ""
            $0.products = ["sku-1", "nothing", "sku-1"]
            $0.variants?[1] = .init(name: "control", price: -5, currency: "EUR", weight: -1)
            $0.coverage = 1.5
            $0.primaryMetric = "clicks"
            $0.alpha = 0
            $0.attributionDays = 400
            $0.startsAt = now
            $0.endsAt = now
            $0.guardrails = [("conversion_rate", 0)]
            $0.audience = .object(["country": .object(["$inn": .list([])])])
            $0.rounding = "up"
        }
        #expect(
            try faults(wrong) == [
                "/analysis/alpha", "/attribution_days", "/audience/country/$inn", "/coverage", "/ends_at",
                "/guardrails/0/max_drop", "/name", "/price_rules/rounding", "/primary_metric", "/products/1",
                "/products/2", "/variants/1/name", "/variants/1/price/amount", "/variants/1/price/currency",
                "/variants/1/weight",
            ])
    }

    @Test func `floors, ceilings, spread and currency bound the prices`() throws {
        #expect(try faults(draft(), product("sku-1", floor: 2000)) == ["/variants/0/price"])
        #expect(try faults(draft(), product("sku-1", ceiling: 2400)) == ["/variants/1/price"])
        #expect(try faults(draft { $0.maxSpread = 0.2 }) == ["/variants"])
        #expect(try faults(draft { $0.maxSpread = 0.26 }) == [])
        for senseless in [-1e16, -1, 0, 101, .infinity, .nan] {
            #expect(try faults(draft { $0.maxSpread = senseless }) == ["/price_rules/max_spread"])
        }
        let free = draft {
            $0.maxSpread = 100
            $0.variants?[0] = .init(name: "control", price: 0, currency: "USD", weight: 50)
        }
        #expect(try faults(free) == ["/variants"])
        #expect(
            try faults(draft { $0.currency = nil }, product("sku-1", code: "EUR")).contains(
                "/variants/0/price/currency"))
    }

    @Test func `prices are rounded to what the rule admits, the lower of two equally near`() throws {
        let usd = try #require(Currency("USD"))
        let jpy = try #require(Currency("JPY"))
        let cases: [(PriceRules.Rounding, Currency, Int64, Int64)] = [
            (.none, usd, 2050, 2050), (.whole, usd, 2050, 2000), (.whole, usd, 2051, 2100), (.charm99, usd, 2050, 2099),
            (.charm99, usd, 2049, 1999), (.charm99, usd, 1, 99), (.charm95, usd, 2000, 1995),
            (.nearest5, usd, 1998, 2000),
            (.nearest10, usd, 1995, 1990), (.charm99, jpy, 1980, 1999), (.whole, jpy, 1981, 1981),
            (.charm99, usd, 0, 0),
        ]
        for (rounding, currency, price, told) in cases {
            #expect(PriceRules(rounding: rounding).offered(for: price, in: currency) == told, "\(rounding) \(price)")
        }
    }

    @Test func `of all pairs of states only the five legal ways lead anywhere`() throws {
        var legal: [String] = []
        for status in Experiment.Status.allCases {
            for action in ExperimentAction.allCases {
                if let next = Experiment.destination(of: action, from: status) {
                    legal.append("\(status) \(action) \(next)")
                }
            }
        }
        #expect(
            legal == [
                "draft start running", "running pause paused", "running complete completed", "paused resume running",
                "paused complete completed", "completed archive archived",
            ])
    }

    @Test func `once running, weights may change and prices may not`() throws {
        let experiment = try running()
        var design = experiment.design
        design.variants[0].weight = 1
        design.coverage = 0.5
        let revised = try experiment.revised(by: design, at: now)
        #expect(revised.version == experiment.version + 1)
        #expect(revised.phases.map(\.weights) == [[50, 50], [1, 50]])
        var frozen = experiment.design
        frozen.variants[0] = Variant(name: "control", price: 1, offered: 1, weight: 50)
        frozen.attributionDays = 3
        #expect {
            _ = try experiment.revised(by: frozen, at: now)
        } throws: {
            guard case .frozen(.running, let faults) = $0 as? ExperimentError else { return false }
            return faults.map(\.pointer) == ["/variants", "/attribution_days"]
        }
        let done = try experiment.after(.complete, at: now)
        #expect(throws: ExperimentError.wrongState(.completed, action: "change")) {
            try done.revised(by: design, at: now)
        }
    }

    @Test func `a stored experiment is read back as itself`() throws {
        let experiment = try running()
        let stored = try JSONRoundTrip.of(experiment)
        #expect(stored == experiment)
    }
}
