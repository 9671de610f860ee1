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
        let reference: String?
        switch object["object"]?.string {
        case "payment_intent", "checkout.session": reference = object["id"]?.string
        case "charge", "refund": reference = object["payment_intent"]?.string
        default: reference = nil
        }
        let metadata = object["metadata"]
        // Money that was given back beside what counts is nothing new.
        if metadata?[PaymentNote.refund]?.string?.hasSuffix("-back") == true { return .nothing }
        guard let reference, let tenant = metadata?[PaymentNote.tenant]?.string.flatMap({ TenantID($0) }),
            let checkout = metadata?[PaymentNote.checkout]?.string.flatMap({ CheckoutID($0) })
        else { return .nothing }
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
