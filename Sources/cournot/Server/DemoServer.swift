internal import Demo
internal import Experiments
internal import JSON
internal import PricingAPI
internal import ProcessIO

/// `cournot serve --demo`
enum DemoServer {
    /// Shoppers who have been there before anybody looks, so that there is something to see.
    private static let firstShoppers = 2000

    static func run(
        _ configuration: Configuration, seed: UInt64, rate: Int, until stop: AsyncStream<Void>
    ) async throws {
        guard ["127.0.0.1", "::1"].contains(configuration.host) else {
            throw UsageError("--demo listens on 127.0.0.1 or ::1 only, as its page hands out its keys")
        }
        // A database that nobody named is the demo's own and goes with it.
        let scratch = configuration.origins[.databaseURL] == .standard ? try temporaryDirectory() : nil
        defer { scratch?.remove(files: ["demo.db", "demo.db-wal", "demo.db-shm", "demo.db-server"]) }
        var configuration = configuration
        if let scratch { configuration = configuration.keeping(.sqlite(path: scratch.path + "/demo.db")) }

        var opened: DemoShop?
        let running = try await RunningServer.start(configuration) { service in
            do throws(ConfigurationError) {
                let shop = try await DemoShop.open(in: service)
                opened = shop
                return DemoPages.all(of: shop)
            } catch {
                throw CommandFailure("the demo shop cannot be opened: \(error)")
            }
        }
        guard let shop = opened else { return }
        StandardStream.output.write(welcome(to: shop, at: running.address, rate: rate))
        let run = running.service.clock.now()
        await running.run(until: stop) {
            let shoppers = SimulatedShoppers(of: shop, seed: seed, run: String(run.milliseconds, radix: 36))
            await drive(shoppers, rate: rate, in: running)
        }
    }

    private static func temporaryDirectory() throws(CommandFailure) -> ScratchDirectory {
        do throws(FileError) {
            return try ScratchDirectory(prefix: "cournot-demo")
        } catch {
            throw CommandFailure("\(error)")
        }
    }

    /// Lets shoppers in at a steady rate, and says so, until cancelled.
    private static func drive(_ shoppers: SimulatedShoppers, rate: Int, in running: RunningServer) async {
        var shoppers = shoppers
        var progress = ProgressLine(every: .seconds(10))
        let clock = ContinuousClock()
        do throws(SimulatedShoppers.Failure) {
            var come = 0
            while come < firstShoppers, !Task.isCancelled {
                try await shoppers.visit(100, in: running.service)
                come += 100
            }
            // Ten times a second those come whom the rate has let come by then: no drift, whatever a visit takes.
            let start = clock.now
            var admitted = 0
            while (try? await clock.sleep(for: .milliseconds(100))) != nil {
                let due = Int((clock.now - start) / .seconds(1) * Double(rate))
                if due > admitted { try await shoppers.visit(min(due - admitted, 1000), in: running.service) }
                admitted = due
                progress.show(line(shoppers.tally))
            }
        } catch {
            running.log.write(.error, "the demo's shoppers went home", [(.detail, .string(error.detail))])
        }
        progress.finish()
    }

    private static func line(_ tally: SimulatedShoppers.Tally) -> String {
        "\(tally.shoppers) shoppers, \(tally.sales) sales, \(tally.returns) came again: "
            + "\(tally.changedPrices) heard another price; \(tally.retries) sales told twice: "
            + "\(tally.countedTwice) counted twice"
    }

    private static func welcome(to shop: DemoShop, at address: String, rate: Int) -> String {
        let demand = shop.demand
        let rows = shop.prices.map { variant, price in
            "    \(variant.padded(to: 9)) $\(fixed(Double(price) / 100, 2).leading(6))"
                + "   \(fixed(demand.conversionRate(at: price) * 100, 1).leading(5))% buy"
                + "   $\(fixed(demand.profitPerVisitor(at: price), 2)) profit a visitor\n"
        }
        let best = demand.optimalPrice.map { " The most profit is at $\(fixed($0, 2))." } ?? ""
        return """
            Cournot \(Version.current), demo

              Shop       \(address)/
              Console    \(address)/console
              API        \(address)/api/v1, described at \(address)/openapi.json
              Report     \(address)/api/v1/experiments/\(shop.experiment)/report

              Merchant   \(shop.keys.merchant)
              Agent      \(shop.keys.agent)
              Analyst    \(shop.keys.analyst)

              \(rate) simulated shoppers come a second, after \(firstShoppers) at once. One buys at a price with
              probability 1 / (1 + e^-(\(demand.intercept) \(demand.slope < 0 ? "-" : "+") \(abs(demand.slope)) x price)); an item \
            costs $\(fixed(demand.unitCost, 2)).\(best)
            \(rows.joined())
            Ctrl-C ends it.

            """
    }

    /// With so many decimals, rounded half away from zero.
    private static func fixed(_ value: Double, _ decimals: Int) -> String {
        var scale = 1.0
        for _ in 0..<decimals { scale *= 10 }
        let scaled = Int64((value.magnitude * scale).rounded())
        let digits = String(scaled)
        let padded = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
        return (value < 0 ? "-" : "") + padded.dropLast(decimals) + "." + padded.suffix(decimals)
    }
}
