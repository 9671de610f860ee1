internal import AgentRuntime
internal import Crypto
internal import Experiments
internal import HTTPClient
internal import Postgres
internal import PricingAPI
internal import ProcessIO
internal import Providers
internal import Redis

/// What the server was told, read once, wrong in nothing.
struct Configuration {
    private(set) var database: DatabaseLocation
    /// A standby that analyses are read from.
    let reading: PostgresConfiguration?
    /// Where replicas meet; nil for a process by itself.
    let redis: RedisAddress?
    /// The file that keeps new shoppers' prices while the database is out of reach; nil where nothing does.
    let spool: String?
    /// A numeric address.
    let host: String
    /// 0 takes any that is free.
    let port: Int
    /// Event loops; at least 1.
    let loops: Int
    /// The operator's key; without one nobody is the operator.
    let operatorKey: Secret?
    /// What opens the metrics; nil to open them for everybody.
    let metricsKey: Secret?
    /// What signs the tokens of users.
    let jwtSecret: Secret?
    /// 32 bytes that the tenants' keys to others are sealed with.
    let encryptionKey: Secret?
    /// What quotes are signed with; nil for a key of each tenant's own.
    let signingKeys: SigningKeys?
    let logLevel: LogLevel
    let payments: Payments
    /// Requests a minute that each key may make; nil for as many as it likes.
    let rateLimitPerMinute: Int?
    /// How many offers are remembered in memory.
    let rememberedOffers: Int
    /// How many replicas share the limits; at least 1.
    let replicas: Int
    /// How many days every report can be had again; nil for ever.
    let keptReportDays: Int?
    /// Web origins that are trusted whatever key they bear.
    let allowedOrigins: [WebOrigin]
    /// How long after its last message a conversation is kept; nil for ever.
    let keptChatDays: Int?
    /// How many tenants metrics name.
    let namedTenants: Int
    /// How long a shutdown goes on taking requests after readiness was withdrawn, so that balancers notice.
    let shutdownDelay: Duration
    /// How long it then waits for what is in flight.
    let drain: Duration
    /// What makes the vectors that catalogues are searched by.
    let embeddings: Embeddings
    /// What the agent may ask.
    let models: ModelSettings
    let origins: [Setting: Origin]

    /// Reads the settings: options win over the environment, which wins over what is standard.
    ///
    /// - Throws: everything that is wrong, at once.
    init(
        options: (String) -> String?, environment: (String) -> String?
    ) throws(ConfigurationFaults) {
        var reader = SettingReader(options: options, environment: environment)
        database = reader.database()
        reading = reader.reading(beside: database)
        redis = reader.redis()
        let spool = reader.text(.spoolPath)
        self.spool = spool.isEmpty ? nil : spool
        host = reader.text(.host)
        port = reader.integer(.port, in: 0...65_535)
        let loops = reader.integer(.loops, in: 0...1024)
        self.loops = loops == 0 ? processorCount : loops
        operatorKey = reader.secret(.operatorKey)
        metricsKey = reader.secret(.metricsKey)
        jwtSecret = reader.secret(.jwtSecret)
        encryptionKey = reader.encryptionKey()
        signingKeys = reader.signingKeys()
        logLevel = reader.logLevel()
        payments = reader.payments()
        let rateLimit = reader.integer(.rateLimit, in: 0...60_000_000)
        rememberedOffers = reader.integer(.rememberedOffers, in: 512...100_000_000)
        replicas = reader.integer(.replicas, in: 1...10_000)
        rateLimitPerMinute = rateLimit == 0 ? nil : rateLimit
        namedTenants = reader.integer(.namedTenants, in: 0...10_000)
        let keptReports = reader.integer(.keptReports, in: 0...36_500)
        keptReportDays = keptReports == 0 ? nil : keptReports
        allowedOrigins = reader.allowedOrigins()
        let keptChats = reader.integer(.keptChats, in: 0...36_500)
        keptChatDays = keptChats == 0 ? nil : keptChats
        shutdownDelay = .seconds(reader.integer(.shutdownDelay, in: 0...3600))
        drain = .seconds(reader.integer(.drainSeconds, in: 0...3600))
        embeddings = reader.embeddings()
        models = reader.models()
        origins = reader.origins
        if !reader.faults.isEmpty { throw ConfigurationFaults(list: reader.faults) }
    }

    /// What the process was started with.
    init<Option: CommandOption>(_ arguments: Arguments<Option>) throws(ConfigurationFaults) {
        try self.init(
            options: { name in Option(rawValue: name).flatMap { arguments.text($0) } },
            environment: { name in Environment.value(of: name) })
    }

    /// The same on another database.
    func keeping(_ database: DatabaseLocation) -> Configuration {
        var other = self
        other.database = database
        return other
    }

    /// What other servers are asked with; nil where none is.
    func client() throws(CommandFailure) -> HTTPClient? {
        guard !models.entries.isEmpty || embeddings.isElsewhere else { return nil }
        do throws(HTTPClientError) {
            return try HTTPClient()
        } catch {
            throw CommandFailure("\(error)")
        }
    }

    /// The value in force, as people may see it; nil when there is none.
    func shown(_ setting: Setting) -> String? {
        switch setting {
        case .databaseURL: database.description
        case .readURL: reading?.description
        case .redisURL: redis?.description
        case .spoolPath: spool
        case .host: host
        case .port: String(port)
        case .loops: String(loops)
        case .operatorKey: operatorKey?.description
        case .metricsKey: metricsKey?.description
        case .jwtSecret: jwtSecret?.description
        case .encryptionKey: encryptionKey?.description
        case .signingKey: signingKeys?.current.description
        case .logLevel: logLevel.rawValue
        case .payments: payments.description
        case .stripeKey: payments.stripe?.secretKey.description
        case .stripeWebhookSecret: payments.stripe?.webhookSecrets.first?.description
        case .stripeURL: payments.stripe?.base
        case .stripeFee: payments.stripe.map { String($0.applicationFeeBasisPoints) }
        case .razorpayKeyID: payments.razorpay?.keyID
        case .razorpayKeySecret: payments.razorpay?.keySecret.description
        case .razorpayWebhookSecret: payments.razorpay?.webhookSecret?.description
        case .razorpayURL: payments.razorpay?.base
        case .payPalClientID: payments.payPal?.clientID
        case .payPalClientSecret: payments.payPal?.clientSecret.description
        case .payPalWebhookID: payments.payPal?.webhookID
        case .payPalURL: payments.payPal?.base
        case .replicas: String(replicas)
        case .rememberedOffers: String(rememberedOffers)
        case .rateLimit: String(rateLimitPerMinute ?? 0)
        case .keptReports: String(keptReportDays ?? 0)
        case .keptChats: String(keptChatDays ?? 0)
        case .allowedOrigins:
            allowedOrigins.isEmpty ? nil : allowedOrigins.map(\.description).joined(separator: ",")
        case .namedTenants: String(namedTenants)
        case .shutdownDelay: String(shutdownDelay.components.seconds)
        case .drainSeconds: String(drain.components.seconds)
        case .embeddings: embeddings.description
        case .models, .modelPrices, .anthropicKey, .anthropicBaseURL, .anthropicVersion, .anthropicAuthentication,
            .openAIKey, .openAIBaseURL:
            models.shown[setting]
        }
    }
}

/// Everything wrong with a configuration, one sentence each.
struct ConfigurationFaults: Error, Equatable {
    let list: [String]
}

/// Reads settings one by one and remembers what is wrong.
private struct SettingReader {
    private let find: (Setting) -> (String, Origin)?
    private(set) var origins: [Setting: Origin] = [:]
    private(set) var faults: [String] = []

    init(options: (String) -> String?, environment: (String) -> String?) {
        var found: [Setting: (String, Origin)] = [:]
        for setting in Setting.allCases {
            if let text = setting.option.flatMap(options) {
                found[setting] = (text, .option)
            } else if let text = environment(setting.rawValue) {
                found[setting] = (text, .environment)
            } else if let text = setting.standard {
                found[setting] = (text, .standard)
            }
        }
        find = { found[$0] }
        origins = found.mapValues(\.1)
    }

    /// Says what is wrong under the name that the person used.
    private mutating func complain(_ setting: Setting, _ detail: String) {
        let name = origins[setting] == .option ? setting.option.map { "--" + $0 } : nil
        faults.append("\(name ?? setting.rawValue): \(detail)")
    }

    mutating func text(_ setting: Setting) -> String { find(setting)?.0 ?? "" }

    mutating func integer(_ setting: Setting, in range: ClosedRange<Int>) -> Int {
        let text = text(setting)
        if let value = Int(text), range.contains(value) { return value }
        complain(setting, "\"\(text)\" is not a whole number from \(range.lowerBound) to \(range.upperBound)")
        return range.lowerBound
    }

    mutating func database() -> DatabaseLocation {
        do throws(DatabaseLocation.Fault) {
            return try DatabaseLocation(text(.databaseURL))
        } catch {
            complain(.databaseURL, error.detail)
            return .sqlite(path: "")
        }
    }

    mutating func reading(beside database: DatabaseLocation) -> PostgresConfiguration? {
        let text = text(.readURL)
        if text.isEmpty { return nil }
        do throws(DatabaseLocation.Fault) {
            if case .postgres(let reading) = try DatabaseLocation(text), case .postgres = database { return reading }
            complain(.readURL, "a standby of PostgreSQL is read only beside a DATABASE_URL of PostgreSQL")
        } catch {
            complain(.readURL, error.detail)
        }
        return nil
    }

    mutating func redis() -> RedisAddress? {
        let text = text(.redisURL)
        if text.isEmpty { return nil }
        do throws(RedisAddress.Fault) {
            return try RedisAddress(text)
        } catch {
            complain(.redisURL, error.detail)
            return nil
        }
    }

    mutating func logLevel() -> LogLevel {
        let text = text(.logLevel)
        if let level = LogLevel(rawValue: text) { return level }
        complain(.logLevel, "\"\(text)\" is none of " + LogLevel.allCases.map(\.rawValue).joined(separator: ", "))
        return .info
    }

    mutating func allowedOrigins() -> [WebOrigin] {
        text(.allowedOrigins).split(separator: ",").compactMap { part in
            let name = part.filter { $0 != " " }
            if let origin = WebOrigin(name) { return origin }
            complain(
                .allowedOrigins,
                "\"\(name)\" is no web origin: a scheme, a host and a port, such as https://shop.example")
            return nil
        }
    }

    mutating func payments() -> Payments {
        var payments = Payments()
        let names = text(.payments).split(separator: ",", omittingEmptySubsequences: false).map {
            $0.filter { $0 != " " }
        }
        if names == ["none"] { return payments }
        for name in names {
            guard let provider = Payments.Provider(rawValue: name) else {
                complain(
                    .payments,
                    "\"\(name)\" is none of "
                        + (Payments.Provider.allCases.map(\.rawValue) + ["none"]).joined(separator: ", "))
                continue
            }
            if payments.providers.contains(provider) { complain(.payments, "\(name) stands there twice") }
            payments.providers.append(provider)
            switch provider {
            case .test, .bank: break
            case .stripe: payments.stripe = stripe()
            case .razorpay: payments.razorpay = razorpay()
            case .paypal: payments.payPal = payPal()
            }
        }
        return payments
    }

    private mutating func stripe() -> Stripe.Configuration {
        let secrets = text(.stripeWebhookSecret).split(separator: ",").map { Secret(String($0)) }
        return Stripe.Configuration(
            secretKey: Secret(needed(.stripeKey, by: .stripe)), webhookSecrets: secrets, base: address(.stripeURL),
            applicationFeeBasisPoints: Int64(integer(.stripeFee, in: 0...10_000)))
    }

    private mutating func razorpay() -> Razorpay.Configuration {
        Razorpay.Configuration(
            keyID: needed(.razorpayKeyID, by: .razorpay), keySecret: Secret(needed(.razorpayKeySecret, by: .razorpay)),
            webhookSecret: find(.razorpayWebhookSecret).map { Secret($0.0) }, base: address(.razorpayURL))
    }

    private mutating func payPal() -> PayPal.Configuration {
        PayPal.Configuration(
            clientID: needed(.payPalClientID, by: .paypal),
            clientSecret: Secret(needed(.payPalClientSecret, by: .paypal)),
            webhookID: find(.payPalWebhookID)?.0, base: address(.payPalURL))
    }

    private mutating func needed(_ setting: Setting, by provider: Payments.Provider) -> String {
        let text = text(setting)
        if text.isEmpty { complain(setting, "\(provider.rawValue) needs it") }
        return text
    }

    /// Where a provider answers: money is asked for in the clear on this machine only.
    private mutating func address(_ setting: Setting) -> String {
        let text = text(setting)
        if !PaymentSettings.isReturnURL(text) { complain(setting, "not an address that starts with https://") }
        return text
    }

    mutating func embeddings() -> Embeddings {
        do throws(ModelSettings.Fault) {
            return try Embeddings(text(.embeddings)) { find($0)?.0 }
        } catch {
            complain(error.setting, error.detail)
            return .builtIn
        }
    }

    mutating func models() -> ModelSettings {
        do throws(ModelSettings.Fault) {
            return try ModelSettings { find($0)?.0 }
        } catch {
            complain(error.setting, error.detail)
            return .none
        }
    }

    mutating func secret(_ setting: Setting) -> Secret? {
        guard let text = find(setting)?.0 else { return nil }
        if text.utf8.count < 32 { complain(setting, "a secret has at least 32 characters") }
        return Secret(text)
    }

    mutating func signingKeys() -> SigningKeys? {
        guard var text = find(.signingKey)?.0 else { return nil }
        if !text.contains("-----BEGIN ") {
            do throws(FileError) {
                text = String(decoding: try InputFile(path: text).rest(limit: 1 << 16), as: UTF8.self)
            } catch {
                complain(.signingKey, "neither a key in PEM nor a file that can be read")
                return nil
            }
        }
        if let keys = SigningKeys(pem: text) { return keys }
        complain(
            .signingKey,
            "no private key on P-256 in PEM without a password; make one with: "
                + "openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256")
        return nil
    }

    mutating func encryptionKey() -> Secret? {
        guard let text = find(.encryptionKey)?.0 else { return nil }
        if let bytes = Hex.decode(text), bytes.count == 32 { return Secret(bytes) }
        var base64 = text.map { $0 == "+" ? "-" : $0 == "/" ? "_" : $0 }
        while base64.last == "=" { base64.removeLast() }
        if let bytes = Base64URL.decode(String(base64)), bytes.count == 32 { return Secret(bytes) }
        complain(.encryptionKey, "not 32 bytes in Base64 or hexadecimal; make one with: openssl rand -base64 32")
        return nil
    }
}
