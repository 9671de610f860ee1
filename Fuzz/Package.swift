// swift-tools-version: 6.2
// Fuzz targets, one executable each: `Fuzz/run SECONDS` builds and runs them all under libFuzzer.
import PackageDescription

func target(_ name: String, _ product: String) -> Target {
    .executableTarget(
        name: name,
        dependencies: [.product(name: product, package: "cournot")],
        swiftSettings: [.swiftLanguageMode(.v6), .unsafeFlags(["-parse-as-library"])])
}

let package = Package(
    name: "fuzz",
    dependencies: [.package(name: "cournot", path: "..")],
    targets: [
        target("fuzz-request", "HTTPServer"),
        target("fuzz-target", "HTTPServer"),
        target("fuzz-json", "JSON"),
        target("fuzz-frames", "HTTPServer"),
    ],
    cxxLanguageStandard: .cxx17
)
