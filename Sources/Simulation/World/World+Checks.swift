internal import Crypto
internal import Experiments

extension World {
    /// Holds everything against the ledger. No fault is pending while it looks.
    func check() async throws(Stuck) {
        calm()
        findings.report.checks += 1
        for tenant in books.indices {
            try checkConfiguration(tenant)
            try await checkCounts(tenant)
            try await checkAudit(tenant)
            try await checkUse(tenant)
        }
        checkDraws()
    }

    /// What was acknowledged is there after a crash.
    func checkAcknowledged() async throws(Stuck) {
        calm()
        try await resend(40, afterCrash: true)
        for one in given.suffix(25) { try await read(one, afterCrash: true) }
        for tenant in books.indices {
            let version = try snapshot(tenant).version
            findings.expect(
                version == books[tenant].version, .durability,
                "tenant \(tenant) has version \(version) after \(books[tenant].version) acknowledged changes")
        }
    }

    private func checkConfiguration(_ tenant: Int) throws(Stuck) {
        let (book, snapshot) = (books[tenant], try snapshot(tenant))
        findings.expect(
            snapshot.version == book.version, .stateMachine,
            "tenant \(tenant) has version \(snapshot.version), due is \(book.version)")
        findings.expect(
            snapshot.experiments.count == book.trials.count && snapshot.catalogue.count == book.items.count,
            .stateMachine, "tenant \(tenant) has experiments or products nobody made, or lost some")
        for (sku, item) in book.items {
            guard let key = TenantKey(sku), let product = snapshot.catalogue[key]?.product else { continue }
            findings.expect(
                product.listPrice.amount == item.price && product.unitCost == item.cost, .stateMachine,
                "\(sku) of tenant \(tenant) costs \(product.listPrice.amount), due is \(item.price)")
        }
        for trial in book.trials {
            guard let found = snapshot.experiments[trial.id] else { continue }
            let holds =
                found.status.rawValue == trial.stage.rawValue && found.version == trial.version
                && found.name == trial.name && found.coverage == trial.coverage
                && found.variants.map(\.weight) == trial.weights && found.variants.map(\.offered) == trial.prices
                && found.phases.map(\.weights) == trial.phases && (found.audience == nil) == (trial.channels == nil)
            findings.expect(holds, .stateMachine, "\(trial.id) is not what its merchant made of it")
        }
    }

    // MARK: Counts

    private func checkCounts(_ tenant: Int) async throws(Stuck) {
        let book = books[tenant]
        let snapshot = try snapshot(tenant)
        var revenue: [String: (counted: Int128, booked: Int128)] = [:]
        for trial in book.trials where trial.stage != .draft {
            let read = try await insist { () throws(StoreError) in
                try await service.store.measurements(of: trial.id, in: book.tenant, asOf: nil)
            }
            guard let measured = read.value else {
                findings.add(.durability, "\(trial.id) has no counts")
                continue
            }
            let counted = Self.tallies(measured.cells)
            let due = trial.tallies(of: book.everyone)
            revenue[trial.currency, default: (0, 0)].counted += counted.values.reduce(0) { $0 + $1.revenue }
            revenue[trial.currency, default: (0, 0)].booked += due.values.reduce(0) { $0 + $1.revenue }
            compare(counted, with: due, in: trial)
            if trial.stage != .archived {
                let recounted = try await insist { () throws(StoreError) in
                    try await service.store.recount(of: trial.id, in: snapshot)
                }
                findings.expect(
                    recounted.value == measured.counts, .exactlyOnce,
                    "the counts of \(trial.id) (\(trial.stage.rawValue)) are not those made anew from the events")
            }
            let again = try await insist { () throws(StoreError) in
                try await service.store.measurements(of: trial.id, in: book.tenant, asOf: measured.asOf)
            }
            findings.expect(
                again.value == measured, .exactlyOnce, "a report of \(trial.id) asked again reads other counts")
            for (cell, tally) in counted.sorted(by: { $0.key < $1.key }) {
                findings.trace("count \(trial.id) \(cell.variant) \(cell.phase) \(cell.day) \(tally.line)")
            }
        }
        for (currency, sums) in revenue.sorted(by: { $0.key < $1.key }) {
            findings.expect(
                sums.counted == sums.booked, .money,
                "tenant \(tenant) earned \(sums.booked) \(currency) minor units, \(sums.counted) are counted")
        }
    }

    private static func tallies(_ cells: [CellKey: UnitSums]) -> [Cell: Tally] {
        var out: [Cell: Tally] = [:]
        for (key, sums) in cells {
            out[Cell(variant: key.variant, phase: key.phase, day: Int64(key.day))] = Tally(sums)
        }
        return out
    }

    private func compare(_ counted: [Cell: Tally], with due: [Cell: Tally], in trial: Trial) {
        for cell in Set(counted.keys).union(due.keys).sorted() {
            let (found, wanted) = (counted[cell] ?? Tally(), due[cell] ?? Tally())
            if found == wanted { continue }
            findings.add(
                found.equalsInCounts(wanted) ? .money : .exactlyOnce,
                "\(trial.id) (\(trial.stage.rawValue)), variant \(cell.variant), phase \(cell.phase), day \(cell.day): "
                    + "counted \(found.line); due \(wanted.line)")
        }
    }

    // MARK: Sample ratio

    /// All fresh draws of all experiments in one chi-square test, so that a world is judged once.
    private func checkDraws() {
        var statistic = 0.0
        var degrees = 0.0
        for trial in books.flatMap(\.trials) {
            for (phase, counts) in trial.draws.enumerated() {
                let total = Double(counts.reduce(0, +))
                let weights = trial.phases[phase]
                let sum = Double(weights.reduce(0, +))
                let due = weights.map { total * Double($0) / sum }
                guard due.allSatisfy({ $0 >= 5 }) else { continue }
                for (count, expected) in zip(counts, due) {
                    statistic += (Double(count) - expected) * (Double(count) - expected) / expected
                }
                degrees += Double(counts.count - 1)
            }
        }
        guard degrees > 0 else { return }
        // Wilson and Hilferty 1931: (χ²/k)^(1/3) is close to normal. 3.719 is the upper 0.0001 point.
        let spread = 2 / (9 * degrees)
        let score = (Self.cubeRoot(statistic / degrees) - (1 - spread)) / spread.squareRoot()
        findings.expect(score < 3.719, .sampleRatio, "chi-square \(statistic) on \(degrees) degrees of freedom")
    }

    /// Newton's iteration, for 0 and up.
    private static func cubeRoot(_ value: Double) -> Double {
        guard value > 0 else { return 0 }
        var root = max(value, 1)
        for _ in 0..<60 { root -= (root * root * root - value) / (3 * root * root) }
        return root
    }

    // MARK: Use

    private func checkUse(_ tenant: Int) async throws(Stuck) {
        let book = books[tenant]
        let read = try await insist { () throws(StoreError) in
            try await service.store.usage(of: book.tenant, on: 0..<Int32.max)
        }
        var found: [Substring: Int] = [:]
        for (key, number) in read.value.counts where key.type == .assignments {
            found[Timestamp(day: key.day).description.prefix(10), default: 0] += Int(number)
        }
        findings.expect(
            found == book.assignments, .quota,
            "tenant \(tenant) is said to have assigned \(found), assigned were \(book.assignments)")
        let events = read.value.used(.events, on: 0..<Int32.max)
        findings.expect(
            events == Int64(book.eventIDs.count), .exactlyOnce,
            "tenant \(tenant) is said to have sent \(events) events, taken were \(book.eventIDs.count)")
    }

    // MARK: Audit

    /// One row for each change, in order, each covering the one before.
    private func checkAudit(_ tenant: Int) async throws(Stuck) {
        let book = books[tenant]
        let read = try await insist { () throws(StoreError) in
            try await service.store.audit(of: book.tenant, below: nil, limit: 100_000)
        }
        let rows = Array(read.value.reversed())
        findings.expect(
            rows.count == book.audit.count, .audit,
            "tenant \(tenant) has \(rows.count) audit rows for \(book.audit.count) changes")
        var head = [UInt8](repeating: 0, count: 32)
        for (place, row) in rows.enumerated() {
            guard place < book.audit.count else { break }
            let due = book.audit[place]
            findings.expect(
                row.sequence == Int64(place + 1) && row.draft.action == due.action
                    && row.draft.requestID == due.request,
                .audit, "audit row \(place + 1) of tenant \(tenant) is number \(row.sequence), \(row.draft.action)")
            var content = head
            for field in [
                "\(row.sequence)", row.draft.at.description, row.draft.actor, row.draft.action, row.draft.target,
                row.draft.requestID,
            ] {
                content += Array("\(field.utf8.count):\(field)".utf8)
            }
            findings.expect(
                row.previous == head && row.hash == SHA256.hash(content).bytes, .audit,
                "audit row \(row.sequence) of tenant \(tenant) breaks the chain")
            head = row.hash
        }
    }
}
