import ArgumentParser
import Foundation
import HSXAssembler
import HSXTranslation
import HXE

struct ImageBuildCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "build", abstract: "Assemble MVASM into an image.",
    discussion: """
      EXAMPLES
        hsx image build blink.mvasm -o blink.hxe
        hsx image build pump.mvasm -o pump.hxe --single-instance --req-caps 0x3 --manifest pump.json
      """)

  @Argument(help: "The source; - for the standard input.")
  var source: String

  @Option(name: [.short, .long], help: "The image to write.")
  var output: String

  @Option(help: "The app's name; by default the source's stem.")
  var appName: String?

  @Flag(help: "Only one task may run under this name.")
  var singleInstance = false

  @Option(help: "What the image needs, as bits: decimal or 0x…")
  var reqCaps: CapabilityBits = CapabilityBits(bits: 0)

  @Option(help: "A JSON file to put into the image as its manifest.")
  var manifest: String?

  struct CapabilityBits: ExpressibleByArgument {
    var bits: UInt32

    init(bits: UInt32) { self.bits = bits }

    init?(argument: String) {
      let isHex = argument.lowercased().hasPrefix("0x")
      guard let bits = UInt32(isHex ? String(argument.dropFirst(2)) : argument, radix: isHex ? 16 : 10) else {
        return nil
      }
      self.bits = bits
    }
  }

  func run() throws {
    try reportingFailure {
      let text = try readFile(source)
      let options = AssemblyOptions(
        appName: appName ?? (source == "-" ? "" : AssemblyOptions.appName(forPath: source)),
        allowsMultipleInstances: !singleInstance,
        requiredCapabilities: Capabilities(rawValue: reqCaps.bits),
        manifest: try manifest.map { try readFile($0) })
      let image = try assemble(text, options)
      do {
        try Data(image).write(to: URL(filePath: output), options: .atomic)
      } catch {
        throw Failure(output, file: error)
      }
    }
  }

  private func assemble(_ text: [UInt8], _ options: AssemblyOptions) throws -> [UInt8] {
    do throws(AssemblyFailure) {
      return try Assembler.assemble(text, options: options)
    } catch {
      for line in error.errors { printError("\(source):\(line.description)") }
      let count = "\(error.errors.count) \(error.errors.count == 1 ? "error" : "errors")"
      throw Failure(
        source, .assemblyFailed, why: count + (error.isCutShort ? ", reading stopped there." : "."))
    }
  }
}
