import Crypto
import Experiments
import Glibc
import PricingAPI
import ProcessIO
import Testing

@testable import cournot

struct ConfigurationTests {
    private func configuration(
        options: [String: String] = [:], environment: [String: String] = [:]
    ) throws(ConfigurationFaults) -> Configuration {
        try Configuration(options: { options[$0] }, environment: { environment[$0] })
    }

    private static let longSecret = String(repeating: "s", count: 32)

    @Test func `nothing said is a local server on a file`() throws {
        let standard = try configuration()
        #expect(standard.database == .sqlite(path: "cournot.db"))
        #expect(standard.host == "127.0.0.1")
        #expect(standard.port == 8080)
        #expect(standard.loops >= 1)
        #expect(standard.operatorKey == nil)
        #expect(standard.drain == .seconds(30))
    }

    @Test func `options win over the environment, which wins over what is standard`() throws {
        let told = try configuration(options: ["port": "1"], environment: ["PORT": "2", "HOST": "::1"])
        #expect(told.port == 1)
        #expect(told.origins[.port] == .option)
        #expect(told.host == "::1")
        #expect(told.origins[.host] == .environment)
        #expect(told.origins[.loops] == .standard)
        #expect(told.origins[.operatorKey] == nil)
    }

    @Test func `origins of the installation are read as browsers say them, and chats are kept thirty days`() throws {
        #expect(try configuration().allowedOrigins.isEmpty)
        #expect(try configuration().keptChatDays == 30)
        #expect(try configuration(environment: ["KEEP_CHATS_DAYS": "0"]).keptChatDays == nil)
        let told = try configuration(environment: ["ALLOWED_ORIGINS": "https://Shop.example:443, http://127.0.0.1:8080"]
        )
        #expect(told.allowedOrigins.map(\.description) == ["https://shop.example", "http://127.0.0.1:8080"])
        for wrong in ["*", "shop.example", "https://shop.example/path"] {
            #expect(throws: ConfigurationFaults.self) { try configuration(environment: ["ALLOWED_ORIGINS": wrong]) }
        }
    }

    @Test func `everything wrong is said at once, under the name that was used`() {
        #expect(
            throws: ConfigurationFaults(list: [
                "DATABASE_URL: prepared is true or false",
                #"--port: "http" is not a whole number from 0 to 65535"#,
                "OPERATOR_KEY: a secret has at least 32 characters",
                "JWT_SECRET: a secret has at least 32 characters",
                "API_KEY_ENCRYPTION_KEY: not 32 bytes in Base64 or hexadecimal; make one with: openssl rand -base64 32",
                #"LOG_LEVEL: "loud" is none of debug, info, warning, error"#,
            ])
        ) {
            try configuration(
                options: ["port": "http"],
                environment: [
                    "DATABASE_URL": "postgres://h/d?prepared=perhaps", "OPERATOR_KEY": "short", "JWT_SECRET": "short",
                    "API_KEY_ENCRYPTION_KEY": "AAAA", "LOG_LEVEL": "loud",
                ])
        }
    }

    @Test func `search has its built-in vectors unless a folder of weights is named`() throws {
        #expect(try configuration().embeddings == .builtIn)
        let told = try configuration(environment: ["EMBEDDINGS": "minilm:/models/a:b"])
        #expect(told.embeddings == .miniLM(directory: "/models/a:b"))
        #expect(told.shown(.embeddings) == "minilm:/models/a:b")
        #expect(
            throws: ConfigurationFaults(list: [
                #"--embeddings: "minilm:" is neither builtin nor minilm: and a folder nor openai: and a model"#
            ])
        ) { try configuration(options: ["embeddings": "minilm:"]) }
    }

    @Test func `a folder without a model says which file is not there`() throws {
        #expect(throws: CommandFailure.self) { try Embeddings.miniLM(directory: "/nowhere").open() }
        #expect(try Embeddings.builtIn.open() == nil)
    }

    @Test func `vectors are asked for where OpenAI's API is spoken`() throws {
        let key = "sk-" + Self.longSecret
        let told = try configuration(
            environment: ["EMBEDDINGS": "openai:text-embedding-3-small", "OPENAI_API_KEY": key])
        #expect(told.shown(.embeddings) == "openai:text-embedding-3-small@1536")
        let short = try configuration(
            environment: ["EMBEDDINGS": "openai:text-embedding-3-large@256", "OPENAI_API_KEY": key])
        #expect(short.shown(.embeddings) == "openai:text-embedding-3-large@256")
        let own = try configuration(
            environment: ["EMBEDDINGS": "openai:bge@768", "OPENAI_BASE_URL": "http://127.0.0.1:1/v1"])
        #expect(own.shown(.embeddings) == "openai:bge@768")
        for (text, name) in [
            ("openai:bge", "EMBEDDINGS"), ("openai:bge@0", "EMBEDDINGS"), ("openai:bge@x", "EMBEDDINGS"),
            ("openai:@5", "EMBEDDINGS"), ("openai:", "EMBEDDINGS"),
        ] {
            let faults = #expect(throws: ConfigurationFaults.self) {
                try configuration(environment: ["EMBEDDINGS": text, "OPENAI_API_KEY": key])
            }
            #expect(faults?.list.first?.hasPrefix(name + ": ") == true)
        }
        #expect(throws: ConfigurationFaults(list: ["OPENAI_API_KEY: missing: the provider asks for a key"])) {
            try configuration(environment: ["EMBEDDINGS": "openai:text-embedding-3-small"])
        }
    }

    @Test func `secrets are not shown`() throws {
        let told = try configuration(environment: ["OPERATOR_KEY": Self.longSecret, "JWT_SECRET": Self.longSecret])
        for setting in Setting.allCases {
            #expect(told.shown(setting)?.contains("ssss") != true)
        }
        #expect(told.shown(.operatorKey) == "<secret>")
        #expect(!"\(told)".contains("ssss"))
    }

    @Test func `an encryption key is read as Base64 of either alphabet and as hexadecimal`() throws {
        let bytes = [UInt8](repeating: 0xfb, count: 32)
        for text in [
            "+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/s=", "-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_s",
            String(repeating: "fb", count: 32),
        ] {
            #expect(try configuration(environment: ["API_KEY_ENCRYPTION_KEY": text]).encryptionKey?.bytes == bytes)
        }
    }

    private static let pem = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgg0kXhppouCaq8nuT
        NUmETOHB9Z0pPqiPVpic5LOTrn2hRANCAASoY3BYy5lw6rMbDfSntUgBZ9kYduPb
        nFOtgjLiPMYzLPsBb++fMNHKo2rh9mih5Iz9OKkxmD1hLDENILf3wEfT
        -----END PRIVATE KEY-----
        """

    @Test func `a signing key is read from its text, in one line or more, or from a file`() throws {
        let key = try #require(ES256.PublicKey(pem: Self.pem))
        let inOneLine = Self.pem.split(separator: "\n").joined(separator: "\\n")
        let scratch = try ScratchDirectory(prefix: "cournot-key")
        let path = scratch.path + "/key.pem"
        defer { scratch.remove(files: ["key.pem"]) }
        try #require(write(Self.pem, to: path))
        for text in [Self.pem, inOneLine, path] {
            let told = try configuration(environment: ["SIGNING_KEY": text])
            #expect(told.signingKeys?.current.publicKey == key)
            #expect(told.shown(.signingKey) == "<secret>")
            var dumped = ""
            dump(told, to: &dumped)
            #expect(!dumped.contains("PRIVATE"))
        }
        for text in ["/no/such/file", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----", ""] {
            #expect(throws: ConfigurationFaults.self) { try configuration(environment: ["SIGNING_KEY": text]) }
        }
    }

    private func write(_ text: String, to path: String) -> Bool {
        guard let file = unsafe fopen(path, "we") else { return false }
        defer { unsafe fclose(file) }
        return unsafe fputs(text, file) >= 0
    }

    @Test(arguments: [
        "postgres:h/d", "postgres://h:x/d", "mysql:x", "sqlite", "sqlite:", "sqlite://x", "sqlite:///x", "x.db", "",
    ])
    func `an address that is neither sqlite and a path nor PostgreSQL's is refused`(text: String) {
        #expect(throws: DatabaseLocation.Fault.self) { try DatabaseLocation(text) }
    }

    @Test(arguments: ["sqlite:a.db", "sqlite:/var/lib/a.db", "sqlite:C:odd", "postgres://u@h:5433/d"])
    func `an address reads back as it was written`(text: String) throws {
        #expect(try DatabaseLocation(text).description == text)
    }

    @Test func `the password of a database is shown nowhere`() throws {
        let told = try configuration(environment: ["DATABASE_URL": "postgres://shop:hunter2@db/prices"])
        #expect(told.shown(.databaseURL) == "postgres://shop:***@db/prices")
        var dumped = ""
        dump(told, to: &dumped)
        #expect(!dumped.contains("hunter2") && !"\(told)".contains("hunter2"))
    }
}
