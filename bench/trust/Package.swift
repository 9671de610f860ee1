// swift-tools-version: 6.2
// Whether the report can be trusted: simulated experiments whose truth is known, looked at every day as merchants do.
import PackageDescription

let package = Package(
    name: "bench-trust",
    dependencies: [.package(name: "cournot", path: "../..")],
    targets: [
        .executableTarget(
            name: "trust",
            dependencies: [.product(name: "ReportRooms", package: "cournot")],
            swiftSettings: [.swiftLanguageMode(.v6)])
    ]
)
