// swift-tools-version: 6.2
// The spine without a network: quotes, enrolment and events straight on the service and its SQLite store.
import PackageDescription

let package = Package(
    name: "bench-spine",
    dependencies: [.package(name: "cournot", path: "../..")],
    targets: [
        .executableTarget(
            name: "spine",
            dependencies: [.product(name: "CournotRooms", package: "cournot")],
            swiftSettings: [.swiftLanguageMode(.v6)])
    ]
)
