internal import Experiments
internal import HTTPServer
internal import JSON

extension PricingAPI {
    func createProduct(_ context: Context) async throws(Problem) -> Response {
        let tenant = try context.member.snapshot.tenant.id
        let read = try context.read(Product.settableKeys, readOnly: Product.readOnlyKeys) { Product.read($0) }
        guard let product = read else { throw .invalid([]) }
        let outcome = Outcome(
            status: 201, location: "/api/v1/products/" + PercentEncoded.segment(product.sku.text),
            body: product.wire(experiments: []))
        return try await once(context) { keeper throws(ConfigurationError) in
            try await service.change(tenant, actor: context.caller.actor, requestID: context.requestID) {
                snapshot, now throws(ConfigurationError) in
                if snapshot.catalogue[product.sku] != nil {
                    throw .conflict(
                        code: "product_exists", detail: "There is a product with this SKU already; PATCH changes it.")
                }
                return Decided(
                    [.product(product)], action: "product.create", target: product.sku.text, answer: outcome,
                    reply: keeper?.keep(outcome, at: now))
            }
        }
    }

    func listProducts(_ context: Context) throws(Problem) -> Response {
        let snapshot = try context.member.snapshot
        return context.representation(
            try Paging(context).page(
                of: snapshot.catalogue.keys, by: <, read: TenantKey.init, text: \.text,
                write: { sku, writer in
                    snapshot.catalogue[sku]?.product.write(
                        experiments: snapshot.liveExperiments(on: sku), into: &writer)
                }))
    }

    func readProduct(_ context: Context) throws(Problem) -> Response {
        let snapshot = try context.member.snapshot
        guard let body = TenantKey(context.parameter(0)).flatMap(snapshot.productWire) else { throw .notFound }
        return context.representation(body)
    }

    func changeProduct(_ context: Context) async throws(Problem) -> Response {
        let tenant = try context.member.snapshot.tenant.id
        guard let sku = TenantKey(context.parameter(0)) else { throw .notFound }
        let patch = try MergePatch(context)
        return try await change(context, tenant) { snapshot, now throws(ChangeRefusal) in
            guard let current = snapshot.productWire(sku) else { throw .configuration(.notFound) }
            let merged = try patch.merged(onto: current, context, readOnly: Product.readOnlyKeys + ["sku"])
            let read = try merged.read(Product.settableKeys + Product.readOnlyKeys) { Product.read($0) }
            guard let product = read else { throw .problem(.invalid([])) }
            do throws(ConfigurationError) {
                try snapshot.checkChange(to: product)
            } catch {
                throw .configuration(error)
            }
            return Decided(
                [.product(product)], action: "product.change", target: sku.text,
                answer: Outcome(
                    status: 200, body: product.wire(experiments: snapshot.liveExperiments(on: product.sku))))
        }
    }

    func removeProduct(_ context: Context) async throws(Problem) -> Response {
        guard let sku = TenantKey(context.parameter(0)) else { throw .notFound }
        return try await remove(context) { snapshot, _ throws(ConfigurationError) in
            try snapshot.checkRemoval(of: sku)
            return Decided([.productRemoved(sku)], action: "product.remove", target: sku.text, answer: ())
        }
    }
}

extension TenantSnapshot {
    /// A product as it is answered; nil when there is none.
    func productWire(_ sku: TenantKey) -> [UInt8]? {
        catalogue[sku]?.product.wire(experiments: liveExperiments(on: sku))
    }
}

/// Text as one segment of a path (RFC 3986).
enum PercentEncoded {
    static func segment(_ text: String) -> String {
        var out: [UInt8] = []
        for byte in text.utf8 {
            let isPlain =
                (0x61...0x7a).contains(byte | 0x20) && byte < 0x80 || (0x30...0x39).contains(byte)
                || "-._~".utf8.contains(byte)
            if isPlain {
                out.append(byte)
            } else {
                out.append(UInt8(ascii: "%"))
                for nibble in [byte >> 4, byte & 0xf] { out.append(nibble < 10 ? 48 + nibble : 55 + nibble) }
            }
        }
        return String(decoding: out, as: UTF8.self)
    }
}
