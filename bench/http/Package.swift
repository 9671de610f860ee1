// swift-tools-version: 6.2
// The server that the HTTP benchmark measures: the house's driver with a small JSON answer, nothing of the domain.
import PackageDescription

let package = Package(
    name: "bench-http",
    dependencies: [.package(name: "cournot", path: "../..")],
    targets: [
        .executableTarget(
            name: "http-peer-swift",
            dependencies: [.product(name: "HTTPServer", package: "cournot")],
            swiftSettings: [.swiftLanguageMode(.v6)])
    ]
)
