// swift-tools-version: 6.2
import PackageDescription

// The dependency graph of the house. An arrow that is not a line here does not build.
//   core:  Embedded Swift; imports nothing from outside this file's core targets
//   host:  Linux; Foundation and packages where they earn their place
//   tool:  thin wiring over ArgumentParser
let package = Package(
  name: "hsx",
  products: [
    .executable(name: "hsx", targets: ["hsx"]),
    .library(
      name: "HSXCore",
      targets: [
        "HSXHAL", "HXE", "MiniVM", "HSXMailbox", "HSXRegistry", "HSXPersistence",
        "HSXProvisioning", "HSXExecutive", "HSXTransfer",
      ]),
    .library(name: "HSXLinux", targets: ["HSXLinux", "HSXSigning"]),
    .library(
      name: "HSXHost",
      targets: ["HSXAssembler", "HSXLinux", "HSXSigning", "HSXSimulation", "HSXTranslation"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
  ],
  targets: [
    .core("HSXHAL"),
    .core("HXE"),
    .core("MiniVM", ["HXE"]),
    .core("HSXMailbox", ["HXE", "HSXHAL"]),
    .core("HSXRegistry", ["HXE", "HSXHAL"]),
    .core("HSXPersistence", ["HSXHAL"]),
    .core("HSXTransfer", ["HSXHAL"]),
    .core(
      "HSXProvisioning", ["HSXPersistence", "MiniVM", "HXE", "HSXHAL", "HSXRegistry", "HSXMailbox"]),
    .core(
      "HSXExecutive",
      ["HSXProvisioning", "HSXPersistence", "MiniVM", "HXE", "HSXHAL", "HSXRegistry", "HSXMailbox"]),

    .host("HSXAssembler", ["HXE"]),
    .host("HSXSigning", ["HSXHAL", .product(name: "Crypto", package: "swift-crypto")]),
    .target(name: "CHSXLinux", path: "Sources/Host/CHSXLinux"),
    .host(
      "HSXLinux",
      [
        "CHSXLinux", "HSXExecutive", "HSXProvisioning", "HSXPersistence", "HSXSigning", "MiniVM", "HXE",
        "HSXHAL",
      ]),
    .host(
      "HSXSimulation",
      [
        "HSXExecutive", "HSXProvisioning", "HSXPersistence", "HSXSigning", "HSXRegistry", "HSXMailbox",
        "HSXTransfer", "MiniVM", "HXE", "HSXHAL",
      ]),
    .host(
      "HSXTranslation",
      [
        "HSXExecutive", "HSXProvisioning", "HSXPersistence", "HSXRegistry", "HSXMailbox", "MiniVM", "HXE",
        "HSXHAL",
      ]),

    .tool(
      "hsx",
      [
        "HSXTranslation", "HSXAssembler", "HSXLinux", "HSXSimulation", "HSXTransfer", "HSXExecutive",
        "HSXProvisioning", "HSXPersistence", "HSXSigning", "HSXRegistry", "HSXMailbox", "MiniVM", "HXE",
        "HSXHAL",
      ]),

    .tests("HSXHALTests", ["HSXHAL"]),
    .tests("HXETests", ["HXE"]),
    .tests("MiniVMTests", ["MiniVM", "HXE"]),
    .tests("HSXMailboxTests", ["HSXMailbox", "HXE", "HSXHAL"]),
    .tests("HSXRegistryTests", ["HSXRegistry", "HXE", "HSXHAL"]),
    .tests(
      "HSXPersistenceTests", ["HSXPersistence", "HSXSimulation", "HSXSigning", "HXE", "HSXHAL"]),
    .tests(
      "HSXTransferTests",
      [
        "HSXTransfer", "HSXSimulation", "HSXSigning", "HSXHAL",
        .product(name: "Crypto", package: "swift-crypto"),
      ]),
    .tests("HSXSigningTests", ["HSXSigning", "HSXHAL"]),
    .tests(
      "HSXProvisioningTests",
      ["HSXProvisioning", "HSXRegistry", "HSXMailbox", "MiniVM", "HXE", "HSXHAL"]),
    .tests(
      "HSXExecutiveTests",
      [
        "HSXExecutive", "HSXProvisioning", "HSXPersistence", "HSXRegistry", "HSXMailbox", "MiniVM", "HXE",
        "HSXHAL", "HSXAssembler", "HSXSigning", "HSXSimulation",
      ]),
    .tests(
      "SimulationTests",
      [
        "HSXSimulation", "HSXExecutive", "HSXProvisioning", "HSXPersistence", "HSXRegistry", "HSXMailbox",
        "MiniVM", "HXE", "HSXHAL", "HSXAssembler",
      ]),
    .tests("HSXLinuxTests", ["HSXLinux", "HSXExecutive", "HSXPersistence", "HSXHAL"]),
    .tests("CommandLineTests", ["hsx"]),
    .tests(
      "HSXTranslationTests",
      ["HSXTranslation", "HSXExecutive", "HSXProvisioning", "HSXPersistence", "MiniVM", "HXE", "HSXHAL"]),
    .tests("HSXAssemblerTests", ["HSXAssembler", "HXE"]),
  ]
)

extension Target {
  /// A module of the core: no dependency from outside, held to what Embedded Swift can compile.
  static func core(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(
      name: name, dependencies: dependencies, path: "Sources/Core/\(name)",
      swiftSettings: shared() + [
        .strictMemorySafety(),
        .treatWarning("EmbeddedRestrictions", as: .error),
      ])
  }

  static func host(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .target(name: name, dependencies: dependencies, path: "Sources/Host/\(name)", swiftSettings: shared())
  }

  static func tool(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(
      name: name,
      dependencies: dependencies + [.product(name: "ArgumentParser", package: "swift-argument-parser")],
      path: "Sources/Tools/\(name)", swiftSettings: shared())
  }

  static func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(
      name: name, dependencies: dependencies, path: "Tests/\(name)", swiftSettings: shared())
  }
}

nonisolated func shared() -> [SwiftSetting] {
  [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableExperimentalFeature("Lifetimes"),
  ]
}
