// swift-tools-version: 6.2
import PackageDescription

// Apart from the product's package: a static program for the guest of Scripts/guest-storage, and part of no product.
let package = Package(
  name: "guest",
  dependencies: [.package(name: "hsx", path: "..")],
  targets: [
    .executableTarget(
      name: "probe",
      dependencies: [
        .product(name: "HSXCore", package: "hsx"), .product(name: "HSXLinux", package: "hsx"),
      ],
      swiftSettings: [.treatAllWarnings(as: .error)])
  ]
)
