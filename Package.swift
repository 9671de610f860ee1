// swift-tools-version: 6.2
// The list of targets is the architecture: see docs/ARCHITECTURE.md. Arrows point one way,
// doors to C <- drivers; Stats <- Experiments <- adapters <- cournot.
import PackageDescription

let swift: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .strictMemorySafety(),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("ExistentialAny"),
]

/// A door to C with files of its own, and the libraries that it opens.
func door(_ name: String, _ libraries: [String] = []) -> Target {
    .target(
        name: name, cSettings: [.enableWarning("all"), .treatAllWarnings(as: .error)],
        cxxSettings: [.enableWarning("all"), .treatAllWarnings(as: .error)],
        linkerSettings: libraries.map { .linkedLibrary($0) })
}

/// A room of the house: a Swift target with the house's settings.
func room(_ name: String, _ imports: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: imports, swiftSettings: swift)
}

func tests(_ name: String, _ imports: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: imports, path: "Tests/\(name)", swiftSettings: swift)
}

let package = Package(
    name: "cournot",
    products: [
        .executable(name: "cournot", targets: ["cournot"]),
        // For bench/ and Fuzz/, which are packages of their own.
        .library(name: "HTTPServer", targets: ["HTTPServer", "EventLoop", "WebSocket"]),
        .library(name: "JSON", targets: ["JSON"]),
        .library(name: "CournotRooms", targets: ["Experiments", "Storage", "Postgres", "Crypto"]),
        .library(name: "Stats", targets: ["Stats"]),
        .library(name: "AgentRooms", targets: ["AgentRuntime", "MiniLM", "Experiments", "Stats", "JSON", "Crypto"]),
        .library(name: "ReportRooms", targets: ["Analysis", "Reports", "Experiments", "Stats", "Crypto"]),
    ],
    targets: [
        // Doors to C: a module map and a shim each.
        door("CLinux"),
        .systemLibrary(name: "CHTTPParser"),
        .systemLibrary(name: "CWslay"),
        .systemLibrary(name: "CSQLite"),
        .systemLibrary(name: "CHiredis"),
        .systemLibrary(name: "CPostgres"),
        door("COpenSSL", ["crypto"]),
        door("COpenBLAS", ["openblas", "lapacke"]),
        door("CCurl", ["curl"]),
        door("CZlib", ["z"]),
        door("CSimdJSON", ["simdjson"]),
        // Opens librsvg and cairo when they are needed.
        door("CRsvg", ["dl"]),
        door("CFaultDisk", ["sqlite3"]),
        // Files that the binary carries.
        door("CAssets"),

        // Drivers: one C library each.
        room("EventLoop", ["CLinux"]),
        room("HTTPClient", ["EventLoop", "CCurl"]),
        room("WebSocket", ["CWslay", "COpenSSL", "Crypto"]),
        room("HTTPServer", ["EventLoop", "WebSocket", "CLinux", "CHTTPParser", "CZlib"]),
        room("SQLite", ["CSQLite"]),
        room("Redis", ["EventLoop", "CHiredis"]),
        room("Postgres", ["CPostgres", "EventLoop"]),
        room("FaultDisk", ["CFaultDisk"]),
        room("JSON", ["CSimdJSON"]),
        room("CSV"),
        room("Crypto", ["COpenSSL"]),
        room("ProcessIO"),
        room("Raster", ["CRsvg"]),
        room("Assets", ["CAssets"]),

        // The domain.
        room("Stats", ["COpenBLAS"]),
        room("Experiments", ["Crypto"]),
        // From counts to a report.
        room("Analysis", ["Experiments", "Stats", "Crypto"]),

        // The commerce agent: finds, quotes and sells.
        room("AgentRuntime", ["Experiments", "Stats", "Crypto", "JSON"]),
        // A sentence embedder on BLAS, from a folder of weights.
        room("MiniLM", ["AgentRuntime", "Stats", "JSON", "Crypto", "ProcessIO"]),

        // Adapters.
        // Models, embeddings and payments of others, over the wire.
        room("Providers", ["AgentRuntime", "Experiments", "HTTPClient", "JSON", "Crypto"]),
        room("Calculator", ["Stats", "JSON"]),
        room("Storage", ["AgentRuntime", "Experiments", "Crypto", "SQLite", "Redis", "Postgres", "EventLoop"]),
        room("Reports", ["Experiments", "Analysis", "Stats", "Crypto", "JSON", "CSV", "Raster"]),
        room(
            "PricingAPI",
            [
                "Experiments", "Analysis", "AgentRuntime", "Reports", "Stats", "Crypto", "JSON", "CSV", "HTTPServer",
                "EventLoop", "WebSocket", "CAssets",
            ]),
        room("Simulation", ["Experiments", "Storage", "Crypto", "FaultDisk"]),
        // A seeded shop to look at, and the shoppers in it.
        room("Demo", ["Experiments", "Stats", "Crypto"]),

        .executableTarget(
            name: "cournot",
            dependencies: [
                "PricingAPI", "HTTPServer", "EventLoop", "Storage", "Redis", "Postgres", "Simulation", "Calculator",
                "Analysis", "Reports", "AgentRuntime", "MiniLM", "Providers", "HTTPClient", "Demo", "Experiments",
                "Stats", "JSON", "Crypto",
                "ProcessIO",
                "Assets",
            ],
            swiftSettings: swift),

        tests("StatsTests", ["Stats"]),
        tests("CalculatorTests", ["Calculator", "JSON"]),
        .target(name: "SeedSupport", path: "Tests/Support/SeedSupport", swiftSettings: swift),
        tests("EventLoopTests", ["EventLoop", "SeedSupport"]),
        .target(
            name: "ProviderSupport",
            dependencies: ["Providers", "AgentRuntime", "HTTPClient", "EventLoop", "CLinux", "Crypto", "Stats"],
            path: "Tests/Support/ProviderSupport", swiftSettings: swift),
        tests("HTTPClientTests", ["HTTPClient", "HTTPServer", "EventLoop"]),
        tests("WebSocketTests", ["WebSocket"]),
        tests("HTTPServerTests", ["HTTPServer", "EventLoop", "WebSocket", "CLinux", "SeedSupport"]),
        tests("SQLiteTests", ["SQLite", "FaultDisk", "SeedSupport"]),
        .target(name: "RedisSupport", path: "Tests/Support/RedisSupport", swiftSettings: swift),
        tests("RedisTests", ["Redis", "EventLoop", "Storage", "Experiments", "RedisSupport"]),
        .target(
            name: "PostgresSupport", dependencies: ["Postgres", "EventLoop"], path: "Tests/Support/PostgresSupport",
            swiftSettings: swift),
        tests("PostgresTests", ["Postgres", "EventLoop", "PostgresSupport", "SeedSupport"]),
        tests("JSONTests", ["JSON", "SeedSupport"]),
        tests("CSVTests", ["CSV"]),
        tests("CryptoTests", ["Crypto", "COpenSSL"]),
        tests("ReportsTests", ["Reports", "Analysis", "Experiments", "Stats", "Crypto", "JSON", "CSV", "Raster"]),
        tests("ExperimentsTests", ["Experiments", "SeedSupport"]),
        tests("AnalysisTests", ["Analysis", "Experiments", "Stats"]),
        tests("AgentRuntimeTests", ["AgentRuntime", "Experiments", "Stats", "Crypto", "JSON", "SeedSupport"]),
        .testTarget(
            name: "MiniLMTests", dependencies: ["MiniLM", "Stats", "JSON", "ProcessIO"], path: "Tests/MiniLMTests",
            exclude: ["Vectors"], swiftSettings: swift),
        tests(
            "ProvidersTests",
            ["Providers", "AgentRuntime", "Experiments", "HTTPClient", "JSON", "Crypto", "Stats", "ProviderSupport"]),
        tests("SimulationTests", ["Simulation"]),
        tests(
            "CommandTests",
            ["cournot", "Experiments", "Storage", "Crypto", "ProcessIO", "PricingAPI", "AgentRuntime", "Providers"]),
        tests("DemoTests", ["Demo", "Experiments", "Storage", "Crypto"]),
        .testTarget(
            name: "System",
            dependencies: [
                "cournot", "Experiments", "JSON", "SQLite", "PostgresSupport", "RedisSupport", "ProviderSupport",
                "Providers", "AgentRuntime", "SeedSupport",
            ],
            path: "Tests/System", exclude: ["Clients"], swiftSettings: swift),
        tests(
            "Contracts",
            [
                "AgentRuntime", "Experiments", "Storage", "Crypto", "Postgres", "Redis", "SQLite", "EventLoop",
                "PostgresSupport", "RedisSupport", "SeedSupport",
            ]),
        tests(
            "PricingAPITests",
            [
                "PricingAPI", "AgentRuntime", "Reports", "Analysis", "Experiments", "Storage", "Crypto", "JSON",
                "HTTPServer", "EventLoop", "SeedSupport",
            ]),
    ],
    cxxLanguageStandard: .cxx17
)
