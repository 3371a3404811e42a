// swift-tools-version: 6.2
import PackageDescription

// Apart from the product's package, so that a change of the store is explored within seconds: the same sources, by links,
// without anything that the store does not need. Scripts/mutants changes a copy of it.
let package = Package(
  name: "simulation",
  targets: [
    .target(name: "HSXHAL", swiftSettings: shared()),
    .target(name: "HSXPersistence", dependencies: ["HSXHAL"], swiftSettings: shared()),
    .target(name: "HSXTransfer", dependencies: ["HSXHAL"], swiftSettings: shared()),
    .target(
      name: "HSXSimulation", dependencies: ["HSXPersistence", "HSXTransfer", "HSXHAL"],
      swiftSettings: shared()),
    .executableTarget(
      name: "simulate-can", dependencies: ["HSXSimulation", "HSXTransfer", "HSXHAL"], swiftSettings: shared()),
    // For the rules of the ring that a test has instead of the search.
    .target(name: "HXE", swiftSettings: shared()),
    .testTarget(
      name: "HSXPersistenceTests", dependencies: ["HSXPersistence", "HSXSimulation", "HSXHAL", "HXE"],
      swiftSettings: shared()),
    .executableTarget(name: "simulate", dependencies: ["HSXSimulation"], swiftSettings: shared()),
  ]
)

func shared() -> [SwiftSetting] {
  [
    .enableUpcomingFeature("ExistentialAny"), .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"), .enableExperimentalFeature("Lifetimes"),
    .unsafeFlags(["-cross-module-optimization"], .when(configuration: .release)),
  ]
}
