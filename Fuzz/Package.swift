// swift-tools-version: 6.2
import PackageDescription

// Apart from the product's package: fuzzing wants a release build and is part of no product.
let package = Package(
  name: "fuzzing",
  dependencies: [.package(name: "hsx", path: "..")],
  targets: [
    .executableTarget(
      name: "fuzz",
      dependencies: [
        .product(name: "HSXCore", package: "hsx"), .product(name: "HSXHost", package: "hsx"),
      ],
      swiftSettings: [.treatAllWarnings(as: .error)])
  ]
)
