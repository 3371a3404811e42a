// swift-tools-version: 6.2
import PackageDescription

// Apart from the product's package, so that nobody who builds it needs Lua, zlib or a release build.
let package = Package(
  name: "benchmarks",
  dependencies: [.package(name: "hsx", path: "..")],
  targets: [
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CMalloc"),
    .executableTarget(
      name: "bench",
      dependencies: [
        .product(name: "HSXCore", package: "hsx"), .product(name: "HSXHost", package: "hsx"), "CZlib",
        "CMalloc",
      ],
      swiftSettings: [.treatAllWarnings(as: .error)]),
  ]
)
