public import AgentRuntime
internal import Crypto
internal import Experiments
internal import JSON

extension Stripe {
    public func hear(_ message: ProviderMessage) async -> ProviderHint {
        if let fault = StripeSignature.fault(
            in: message.header("stripe-signature"), of: message.body, configuration.webhookSecrets,
            at: message.receivedAt)
        {
            return .forged(fault)
        }
        guard let event = try? JSONValue(parsing: message.body), let object = event["data"]?["object"] else {
            return .nothing
        }
        let (type, kind) = (event["type"]?.string ?? "", object["object"]?.string)
        let reference: String?
        switch kind {
        case "payment_intent", "checkout.session": reference = object["id"]?.string
        case "charge", "refund", "dispute": reference = object["payment_intent"]?.string
        default: reference = nil
        }
        guard let reference else { return .nothing }
        var metadata = object["metadata"]
        // Money that was given back beside what counts is nothing new.
        if metadata?[PaymentNote.refund]?.string?.hasSuffix("-back") == true { return .nothing }
        let isReturn = kind == "dispute" || kind == "refund" || kind == "charge" && type == "charge.refunded"
        if isReturn, metadata?[PaymentNote.tenant] == nil {
            // Made at Stripe, without a note of ours: the payment has one if it is ours.
            switch await get(Self.path(of: reference)) {
            case .done(let intent): metadata = intent["metadata"]
            case .refused: return .nothing
            case .lost: return .unverified
            }
        }
        guard let tenant = metadata?[PaymentNote.tenant]?.string.flatMap({ TenantID($0) }),
            let checkout = metadata?[PaymentNote.checkout]?.string.flatMap({ CheckoutID($0) })
        else { return .nothing }
        if isReturn { return .returned(tenant: tenant, checkout: checkout) }
        return .payment(
            tenant: tenant, checkout: checkout, key: metadata?[PaymentNote.attempt]?.string ?? "", reference: reference)
    }
}

/// Stripe's signature over a message: `t=…,v1=…[,v1=…]`, HMAC-SHA256 of the time, a dot and the body.
enum StripeSignature {
    /// How far the time of signing may lie from ours, in seconds. Whoever sends again signs again.
    static let tolerance: Int64 = 300

    /// What is wrong with it; nil if nothing is.
    static func fault(in header: String?, of body: [UInt8], _ secrets: [Secret], at now: Timestamp) -> String? {
        guard let header else { return "no signature" }
        guard header.utf8.count <= 4096 else { return "a signature of many" }
        var time: Int64?
        var codes: [Digest256] = []
        for part in header.split(separator: ",") {
            let pair = part.split(separator: "=", maxSplits: 1)
            guard pair.count == 2 else { continue }
            switch pair[0] {
            case "t": time = Int64(pair[1])
            case "v1":
                if let bytes = Hex.decode(pair[1]), let code = Digest256(bytes) { codes.append(code) }
            default: break
            }
        }
        guard let time, time >= 0, !codes.isEmpty else { return "a signature that is none" }
        let (age, overflow) = (now.milliseconds / 1000).subtractingReportingOverflow(time)
        guard !overflow, age.magnitude <= UInt64(tolerance) else { return "a signature of another time" }
        let signed = Array("\(time).".utf8) + body
        var isGenuine = false
        // Each is tried, so that the time tells nothing of which one fits.
        for secret in secrets {
            let key = HMACSHA256(key: secret)
            for code in codes where key.isValid(code, for: signed) { isGenuine = true }
        }
        return isGenuine ? nil : "a signature that does not fit"
    }
}
