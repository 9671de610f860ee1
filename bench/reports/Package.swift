// swift-tools-version: 6.2
// How long a report takes, from counts to bytes: four variants, eight metrics, ninety days.
import PackageDescription

let package = Package(
    name: "bench-reports",
    dependencies: [.package(name: "cournot", path: "../..")],
    targets: [
        .executableTarget(
            name: "reports",
            dependencies: [.product(name: "ReportRooms", package: "cournot")],
            swiftSettings: [.swiftLanguageMode(.v6)])
    ]
)
