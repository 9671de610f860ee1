// swift-tools-version: 6.2
// Vector search beside reading the same memory and the bare SGEMM.
import PackageDescription

let package = Package(
    name: "bench-vectors",
    dependencies: [.package(name: "cournot", path: "../..")],
    targets: [
        .target(name: "CPeer", linkerSettings: [.linkedLibrary("openblas")]),
        .executableTarget(
            name: "vectors",
            dependencies: ["CPeer", .product(name: "Stats", package: "cournot")],
            swiftSettings: [.swiftLanguageMode(.v6)]),
    ]
)
