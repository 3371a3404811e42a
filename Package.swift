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
    .executable(name: "hsxd", targets: ["hsxd"]),
    .library(
      name: "HSXCore",
      targets: [
        "HSXHAL", "HXE", "MiniVM", "HSXMailbox", "HSXRegistry", "HSXPersistence",
        "HSXProvisioning", "HSXExecutive", "HSXTransfer",
      ]),
    .library(name: "HSXLinux", targets: ["HSXLinux", "HSXSigning"]),
    .library(name: "HSXServer", targets: ["HSXServer", "HSXProtocol"]),
    .library(
      name: "HSXHost",
      targets: ["HSXAssembler", "HSXLinux", "HSXSigning", "HSXSimulation", "HSXTranslation"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
    .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
    .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
    .package(
      url: "https://github.com/apple/swift-configuration", from: "1.4.0",
      traits: [.defaults, "CommandLineArguments"]),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
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
    .host("HSXProtocol", [.product(name: "NIOCore", package: "swift-nio")]),
    .host(
      "HSXTranslation",
      [
        "HSXProtocol", "HSXExecutive", "HSXProvisioning", "HSXPersistence", "HSXRegistry", "HSXMailbox",
        "MiniVM", "HXE",
        "HSXHAL",
      ]),

    .host(
      "HSXClient",
      [
        "HSXProtocol", "HXE", .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"), .product(name: "NIOSSL", package: "swift-nio-ssl"),
        .product(name: "NIOTLS", package: "swift-nio"),
      ]),
    .host(
      "HSXMetrics",
      [
        .product(name: "CoreMetrics", package: "swift-metrics"),
        .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
      ]),
    .host(
      "HSXServer",
      [
        "HSXProtocol", "HSXTranslation", "HSXLinux", "HSXExecutive", "HSXProvisioning", "HSXPersistence",
        "HSXSigning", "HSXRegistry", "HSXMailbox", "MiniVM", "HXE", "HSXHAL",
        .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"), .product(name: "NIOTLS", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOFoundationCompat", package: "swift-nio"),
        .product(name: "Crypto", package: "swift-crypto"), .product(name: "Logging", package: "swift-log"),
        .product(name: "CoreMetrics", package: "swift-metrics"),
        .product(name: "Metrics", package: "swift-metrics"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
      ]),

    .tool(
      "hsxd",
      [
        "HSXServer", "HSXMetrics", "HSXProtocol", "HSXTranslation", "HSXLinux", "HSXPersistence",
        "HSXProvisioning", "HSXExecutive", "HXE",
        .product(name: "Configuration", package: "swift-configuration"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "CoreMetrics", package: "swift-metrics"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
        .product(name: "UnixSignals", package: "swift-service-lifecycle"),
      ]),
    .tool(
      "hsx",
      [
        "HSXClient", "HSXProtocol", "HSXTranslation", "HSXAssembler", "HSXLinux", "HSXSimulation",
        "HSXTransfer",
        "HSXExecutive", "HSXProvisioning", "HSXPersistence", "HSXSigning", "HSXRegistry", "HSXMailbox",
        "MiniVM",
        "HXE", "HSXHAL",
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
    .tests("HSXProtocolTests", ["HSXProtocol", .product(name: "NIOCore", package: "swift-nio")]),
    .tests(
      "HSXServerTests",
      [
        "HSXMetrics", "HSXServer", "HSXClient", "HSXProtocol", "HSXAssembler", "HSXLinux", "HSXExecutive",
        "HSXProvisioning",
        "HSXPersistence", "HSXMailbox", "HSXHAL", "HXE",
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "CoreMetrics", package: "swift-metrics"),
        .product(name: "NIOEmbedded", package: "swift-nio"),
        .product(name: "NIOTLS", package: "swift-nio"),
        .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "Logging", package: "swift-log"),
      ]),
    .tests(
      "HSXMetricsTests",
      [
        "HSXMetrics", .product(name: "CoreMetrics", package: "swift-metrics"),
        .product(name: "NIOCore", package: "swift-nio"),
      ]),
    .tests(
      "HSXClientTests",
      [
        "HSXClient", "HSXProtocol", "HXE", .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOEmbedded", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"), .product(name: "NIOSSL", package: "swift-nio-ssl"),
      ]),
    .tests("CommandLineTests", ["hsx", "hsxd", "HSXTranslation"]),
    .tests(
      "HSXTranslationTests",
      [
        "HSXTranslation", "HSXProtocol", "HSXExecutive", "HSXProvisioning", "HSXPersistence", "MiniVM", "HXE",
        "HSXHAL",
      ]),
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
