// swift-tools-version: 6.2
// The statistics core's speed: the Swift half of `bench/statistics/run`.
import PackageDescription

let package = Package(
    name: "bench-statistics",
    dependencies: [.package(name: "cournot", path: "../..")],
    targets: [
        .executableTarget(
            name: "statistics-bench",
            dependencies: [.product(name: "Stats", package: "cournot")],
            swiftSettings: [.swiftLanguageMode(.v6)])
    ]
)
