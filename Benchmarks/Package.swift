// swift-tools-version: 6.2
import PackageDescription

// Apart from the product's package, so that nobody who builds it needs Lua, zlib or a release build.
let package = Package(
  name: "benchmarks",
  dependencies: [
    .package(name: "hsx", path: ".."),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
  ],
  targets: [
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CMalloc"),
    .executableTarget(
      name: "bench",
      dependencies: [
        .product(name: "HSXCore", package: "hsx"), .product(name: "HSXHost", package: "hsx"), "CZlib",
        "CMalloc", .product(name: "HSXServer", package: "hsx"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOFoundationCompat", package: "swift-nio"),
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: [.treatAllWarnings(as: .error)]),
  ]
)
