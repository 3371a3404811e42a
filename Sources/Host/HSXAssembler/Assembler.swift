public import HXE

/// What the source does not say about its image.
public struct AssemblyOptions: Equatable, Sendable {
  /// The app's name, ASCII, at most 31 bytes; empty for none.
  public var appName: String
  /// Whether more than one task may run under this name.
  public var allowsMultipleInstances: Bool
  /// What the image says it needs.
  public var requiredCapabilities: Capabilities
  /// The manifest, a JSON object, written as it is; nil for none.
  public var manifest: [UInt8]?

  /// Options; by default those of the reference toolchain.
  public init(
    appName: String = "", allowsMultipleInstances: Bool = true, requiredCapabilities: Capabilities = [],
    manifest: [UInt8]? = nil
  ) {
    self.appName = appName
    self.allowsMultipleInstances = allowsMultipleInstances
    self.requiredCapabilities = requiredCapabilities
    self.manifest = manifest
  }

  /// The app name that a file's path suggests: its stem, of which what is not ASCII and what is beyond 31
  /// bytes is left out.
  public static func appName(forPath path: String) -> String {
    var name = path.utf8.split(separator: UInt8(ascii: "/")).last.map(Array.init) ?? []
    if let dot = name.lastIndex(of: UInt8(ascii: ".")), dot > 0 { name.removeSubrange(dot...) }
    let ascii = name.filter { $0 < 0x80 && $0 != 0 }
    let stem = MetadataFields.trimmed(String(decoding: ascii, as: UTF8.self))
    return String(decoding: stem.utf8.prefix(31), as: UTF8.self)
  }
}

/// Turns MVASM text into an image, byte for byte as the reference toolchain does.
public enum Assembler {
  /// The most bytes of source that are read.
  public static let maximumSourceBytes = 4 << 20

  /// The image that `source` describes.
  ///
  /// Any text ends in an image or in a failure. The cost is linear in the source, and memory is bounded by
  /// it and by the format's 64 KiB of code and of data.
  /// - Throws: up to `AssemblyFailure.maximumErrors` errors, in line order.
  public static func assemble(
    _ source: String, options: AssemblyOptions = AssemblyOptions()
  ) throws(AssemblyFailure) -> [UInt8] {
    try assemble(Array(source.utf8), options: options)
  }

  /// The image that `source`, UTF-8, describes.
  ///
  /// - Throws: up to `AssemblyFailure.maximumErrors` errors, in line order.
  public static func assemble(
    _ source: [UInt8], options: AssemblyOptions = AssemblyOptions()
  ) throws(AssemblyFailure) -> [UInt8] {
    guard source.count <= maximumSourceBytes else {
      throw failure(.sourceTooLarge(source.count))
    }
    var assembly = Assembly()
    assembly.read(source)
    // Labels behind the point where reading stopped are not undefined.
    if !assembly.isCutShort { assembly.resolve() }
    guard assembly.errors.isEmpty else {
      let errors = assembly.errors.sorted { ($0.line, $0.column) < ($1.line, $1.column) }
      throw AssemblyFailure(errors: errors, isCutShort: assembly.isCutShort)
    }
    var builder = assembly.builder
    builder.appName = Array(options.appName.utf8)
    builder.allowsMultipleInstances = options.allowsMultipleInstances
    builder.requiredCapabilities = options.requiredCapabilities
    if let manifest = options.manifest {
      builder.manifest = manifest
    }
    do throws(ImageBuildError) {
      // Asked apart from the rest, so that what is wrong can be laid at the manifest's door.
      if try Probe.refusal(manifest: options.manifest) == nil { return try builder.build() }
    } catch {
      throw failure(.image(error), line: assembly.line(of: error))
    }
    throw failure(.manifestInvalid)
  }

  private static func failure(_ problem: AssemblyError.Problem, line: Int = 0) -> AssemblyFailure {
    AssemblyFailure(errors: [AssemblyError(line: line, column: 0, problem)])
  }
}
