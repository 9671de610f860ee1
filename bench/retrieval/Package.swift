// swift-tools-version: 6.2
// Retrieval over a catalogue with graded judgements: how good the answers are, and what they cost.
import PackageDescription

let package = Package(
    name: "bench-retrieval",
    dependencies: [.package(name: "cournot", path: "../..")],
    targets: [
        .executableTarget(
            name: "retrieval",
            dependencies: [.product(name: "AgentRooms", package: "cournot")],
            swiftSettings: [.swiftLanguageMode(.v6)])
    ]
)
