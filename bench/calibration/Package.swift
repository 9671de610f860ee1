// swift-tools-version: 6.2
// Whether the statistics keep their promises: error rates, coverage, regret, by simulation of known truths.
import PackageDescription

let package = Package(
    name: "bench-calibration",
    dependencies: [.package(name: "cournot", path: "../..")],
    targets: [
        .executableTarget(
            name: "calibration",
            dependencies: [.product(name: "Stats", package: "cournot")],
            swiftSettings: [.swiftLanguageMode(.v6)])
    ]
)
