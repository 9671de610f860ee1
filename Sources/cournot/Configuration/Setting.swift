/// What can be set from outside, by its name in the environment.
enum Setting: String, CaseIterable {
    case databaseURL = "DATABASE_URL"
    case readURL = "DATABASE_READ_URL"
    case redisURL = "REDIS_URL"
    case spoolPath = "SPOOL_PATH"
    case host = "HOST"
    case port = "PORT"
    case loops = "LOOPS"
    case operatorKey = "OPERATOR_KEY"
    case metricsKey = "METRICS_KEY"
    case jwtSecret = "JWT_SECRET"
    case encryptionKey = "API_KEY_ENCRYPTION_KEY"
    case signingKey = "SIGNING_KEY"
    case logLevel = "LOG_LEVEL"
    case payments = "PAYMENTS"
    case stripeKey = "STRIPE_SECRET_KEY"
    case stripeWebhookSecret = "STRIPE_WEBHOOK_SECRET"
    case stripeURL = "STRIPE_API_URL"
    case stripeFee = "STRIPE_FEE_BASIS_POINTS"
    case razorpayKeyID = "RAZORPAY_KEY_ID"
    case razorpayKeySecret = "RAZORPAY_KEY_SECRET"
    case razorpayWebhookSecret = "RAZORPAY_WEBHOOK_SECRET"
    case razorpayURL = "RAZORPAY_API_URL"
    case payPalClientID = "PAYPAL_CLIENT_ID"
    case payPalClientSecret = "PAYPAL_CLIENT_SECRET"
    case payPalWebhookID = "PAYPAL_WEBHOOK_ID"
    case payPalURL = "PAYPAL_API_URL"
    case rateLimit = "RATE_LIMIT_PER_MINUTE"
    case replicas = "REPLICAS"
    case keptReports = "KEEP_REPORTS_DAYS"
    case keptChats = "KEEP_CHATS_DAYS"
    case allowedOrigins = "ALLOWED_ORIGINS"
    case namedTenants = "METRICS_TENANTS"
    case rememberedOffers = "REMEMBERED_OFFERS"
    case shutdownDelay = "SHUTDOWN_DELAY_SECONDS"
    case drainSeconds = "DRAIN_SECONDS"
    case embeddings = "EMBEDDINGS"
    case models = "MODELS"
    case modelPrices = "MODEL_PRICES"
    case anthropicKey = "ANTHROPIC_API_KEY"
    case anthropicBaseURL = "ANTHROPIC_BASE_URL"
    case anthropicVersion = "ANTHROPIC_VERSION"
    case anthropicAuthentication = "ANTHROPIC_AUTH"
    case openAIKey = "OPENAI_API_KEY"
    case openAIBaseURL = "OPENAI_BASE_URL"

    /// The option that sets it on the command line, without its dashes. Secrets have none: a command line can be read by
    /// anybody on the machine.
    var option: String? {
        switch self {
        case .databaseURL: "database"
        case .spoolPath: "spool"
        case .host: "host"
        case .port: "port"
        case .loops: "loops"
        case .logLevel: "log-level"
        case .payments: "payments"
        case .rateLimit: "rate-limit-per-minute"
        case .replicas: "replicas"
        case .rememberedOffers: "remembered-offers"
        case .keptReports: "keep-reports-days"
        case .keptChats: "keep-chats-days"
        case .allowedOrigins: "allowed-origins"
        case .namedTenants: "metrics-tenants"
        case .shutdownDelay: "shutdown-delay-seconds"
        case .drainSeconds: "drain-seconds"
        case .embeddings: "embeddings"
        case .models: "models"
        case .readURL, .redisURL, .operatorKey, .metricsKey, .jwtSecret, .encryptionKey, .signingKey, .stripeKey,
            .stripeWebhookSecret, .stripeURL, .stripeFee, .razorpayKeyID, .razorpayKeySecret, .razorpayWebhookSecret,
            .razorpayURL, .payPalClientID, .payPalClientSecret, .payPalWebhookID, .payPalURL,
            .modelPrices, .anthropicKey, .anthropicBaseURL, .anthropicVersion, .anthropicAuthentication, .openAIKey,
            .openAIBaseURL:
            nil
        }
    }

    /// What is in force when nothing is said.
    var standard: String? {
        switch self {
        case .databaseURL: "sqlite:cournot.db"
        case .host: "127.0.0.1"
        case .port: "8080"
        case .loops: "0"
        case .logLevel: "info"
        case .payments: "test"
        case .rateLimit: "0"
        case .replicas: "1"
        case .rememberedOffers: "131072"
        case .keptReports: "90"
        case .keptChats: "30"
        case .namedTenants: "50"
        case .shutdownDelay: "0"
        case .drainSeconds: "30"
        case .embeddings: "builtin"
        case .stripeURL: "https://api.stripe.com"
        case .stripeFee: "0"
        case .razorpayURL: "https://api.razorpay.com"
        case .payPalURL: "https://api-m.paypal.com"
        case .readURL, .redisURL, .spoolPath, .operatorKey, .metricsKey, .jwtSecret, .encryptionKey, .signingKey,
            .allowedOrigins, .stripeKey, .stripeWebhookSecret, .razorpayKeyID, .razorpayKeySecret,
            .razorpayWebhookSecret, .payPalClientID, .payPalClientSecret, .payPalWebhookID, .models,
            .modelPrices, .anthropicKey, .anthropicBaseURL, .anthropicVersion, .anthropicAuthentication,
            .openAIKey, .openAIBaseURL:
            nil
        }
    }

    var isSecret: Bool {
        switch self {
        case .operatorKey, .metricsKey, .jwtSecret, .encryptionKey, .signingKey, .stripeKey, .stripeWebhookSecret,
            .razorpayKeySecret, .razorpayWebhookSecret, .payPalClientSecret, .anthropicKey,
            .openAIKey:
            true
        default: false
        }
    }
}

/// Where a setting's value came from.
enum Origin: String {
    case option, environment
    case standard = "default"
}

extension Setting {
    /// The part of a help text that `serve` and `config` share.
    static let help = """
        Settings, as an option or in the environment (options win):
          --database URL                DATABASE_URL             Where everything is kept: sqlite:PATH, or
                                                                 postgres://user:password@host/database with libpq's
                                                                 options, connections=N and, behind a pooler in
                                                                 transaction mode, prepared=false (sqlite:cournot.db)
          --spool PATH                  SPOOL_PATH               File that keeps the prices of new shoppers while
                                                                 PostgreSQL is out of reach; with REDIS_URL only.
                                                                 Without it they are told the list price then (none)
          --host ADDRESS                HOST                     Numeric address to listen on (127.0.0.1)
          --port N                      PORT                     Port; 0 takes any that is free (8080)
          --loops N                     LOOPS                    Event loops; 0 is one a processor (0)
          --log-level LEVEL             LOG_LEVEL                debug, info, warning or error (info)
          --payments LIST               PAYMENTS                 Who takes money, the first unless a tenant or checkout
                                                                 says another: stripe, razorpay, paypal, bank, test
                                                                 (takes none and says so), with commas; or none (test)
          --rate-limit-per-minute N     RATE_LIMIT_PER_MINUTE    Requests a minute for each key; 0 is no limit (0)
          --replicas N                  REPLICAS                 How many processes share that limit: without Redis each
                                                                 has its part of it (1)
          --remembered-offers N         REMEMBERED_OFFERS        Told prices kept in memory, some 120 bytes each once
                                                                 used: as many as shoppers come again (131072)
          --keep-reports-days N         KEEP_REPORTS_DAYS        How long every report can be had again by its as_of;
                                                                 of older ones the last of each day is kept. 0 keeps
                                                                 all (90)
          --keep-chats-days N           KEEP_CHATS_DAYS          How long after its last message a conversation is kept.
                                                                 0 keeps all (30)
          --allowed-origins LIST        ALLOWED_ORIGINS          Web origins whose pages may use any key here and read
                                                                 the answers, with commas: https://admin.example
          --metrics-tenants N           METRICS_TENANTS          How many tenants /metrics names, those that came first;
                                                                 the others are counted together. 0 names none, as
                                                                 does a server without METRICS_KEY (50)
          --shutdown-delay-seconds N    SHUTDOWN_DELAY_SECONDS   How long requests are still taken after /ready began
                                                                 to say no (0)
          --drain-seconds N             DRAIN_SECONDS            How long requests under way are waited for (30)
          --embeddings builtin|minilm:DIR|openai:MODEL[@N]
                                        EMBEDDINGS               What search knows of words that do not match: their
                                                                 pieces, or their meaning by all-MiniLM-L6-v2, whose
                                                                 weights, about 90 MB, are in the folder, or by a model
                                                                 of OpenAI's API with N dimensions (builtin)
          --models LIST                 MODELS                   Language models that the agent may ask, in their order:
                                                                 anthropic:claude-haiku-4-5,openai:gpt-5-mini (none)

        In the environment alone, for they may hold secrets:
          DATABASE_READ_URL        postgres://… of a standby that exports are read from; while it does not answer they are
                                   read from DATABASE_URL (none)
          REDIS_URL                redis://[[USER]:PASSWORD@]HOST[:PORT][/DB], unix:PATH or, for a Redis Cluster,
                                   redis-cluster://[[USER]:PASSWORD@]HOST[:PORT],HOST[:PORT],…; where replicas find
                                   each other's prices and count rate limits together (none)
          OPERATOR_KEY             The platform's own key, at least 32 characters; without it nobody is the operator
          METRICS_KEY              Opens /metrics, which then names tenants, at least 32 characters; without it /metrics
                                   answers everybody and names none
          JWT_SECRET               At least 32 characters; kept for users' tokens, which are not here yet: opens nothing
          API_KEY_ENCRYPTION_KEY   32 bytes in Base64 or hexadecimal (openssl rand -base64 32); kept for tenants' keys to
                                   other services, which are not here yet: seals nothing
          SIGNING_KEY              What quotes are signed with when asked for a signature: a P-256 key as PEM, or the file
                                   with it; further keys in it are published too. Without it each tenant has its own
                                   (openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256)
          STRIPE_SECRET_KEY        sk_… or rk_… of PAYMENTS=stripe
          STRIPE_WEBHOOK_SECRET    whsec_… of its webhook; with commas while it is being changed
          STRIPE_API_URL           Where Stripe answers (https://api.stripe.com)
          STRIPE_FEE_BASIS_POINTS  What the platform keeps of payments to tenants' own accounts, in hundredths of a
                                   percent (0)
          RAZORPAY_KEY_ID, RAZORPAY_KEY_SECRET, RAZORPAY_WEBHOOK_SECRET, RAZORPAY_API_URL
                                   Of PAYMENTS=razorpay (https://api.razorpay.com)
          PAYPAL_CLIENT_ID, PAYPAL_CLIENT_SECRET, PAYPAL_WEBHOOK_ID, PAYPAL_API_URL
                                   Of PAYMENTS=paypal (https://api-m.paypal.com)
          ANTHROPIC_API_KEY, OPENAI_API_KEY
                                   Keys of the models' providers; needed at their own addresses
          ANTHROPIC_BASE_URL       Where anthropic: models are asked, without /v1 (https://api.anthropic.com)
          OPENAI_BASE_URL          Where openai: models are asked, with /v1; any server that speaks the Chat Completions
                                   API (https://api.openai.com/v1)
          ANTHROPIC_AUTH           How the key is shown: x-api-key or bearer (x-api-key)
          ANTHROPIC_VERSION        The revision of the API (2023-06-01)
          MODEL_PRICES             Dollars a million tokens, for models whose price is not known or is another:
                                   MODEL=INPUT/OUTPUT[/CACHE-READ[/CACHE-WRITE]],… (known ones')

        """
}
