import ArgumentParser
import Foundation
import HSXTranslation
import HXE

struct ImageInfoCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "info", abstract: "Show what an image is and what it declares.",
    discussion: "EXAMPLES\n  hsx image info thermostat.hxe\n  hsx image info --json - < thermostat.hxe")

  @Argument(help: "The image; - for the standard input.")
  var image: String

  @Flag(help: "One JSON object.")
  var json = false

  func run() throws {
    try reportingFailure(json: json) {
      let bytes = try readFile(image)
      let summary: ImageSummary
      do throws(ImageError) {
        let (header, metadata) = try ImageParser.parse(bytes.span, limits: .desktop, checksum: .fast)
        summary = ImageSummary(header: header, metadata: metadata, size: bytes.count)
      } catch {
        throw Failure(image, error)
      }
      if json { try printJSON(summary) } else { try show(summary) }
    }
  }

  private func show(_ summary: ImageSummary) throws {
    let header = summary.header
    try printLine("app        \(printable(header.appName ?? "(no name)"))")
    try printLine("format     version \(header.version), \(header.size) bytes, CRC-32 \(hex(header.crc32))")
    try printLine("instances  \(header.allowMultiple ? "several may run" : "one only")")
    try printLine(
      "memory     \(header.codeLength) code, \(header.rodataLength) rodata, \(header.bssSize) bss, "
        + "entry \(hex(header.entry))")
    let needs = Capabilities(rawValue: header.requiredCapabilities).names
    try printLine("needs      \(needs.isEmpty ? "nothing" : needs.joined(separator: ", "))")
    for value in summary.values {
      let name = [value.groupName, value.name].compactMap { $0 }.joined(separator: ":")
      let start = Float16(bitPattern: value.initRaw)
      try printLine(
        "value      \(value.groupID):\(value.valueID)  \(printable(name))  \(start) \(printable(value.unit ?? ""))"
          + (value.persistKey == 0 ? "" : "  stored under \(hex(value.persistKey))"))
    }
    for command in summary.commands {
      let name = [command.groupName, command.name].compactMap { $0 }.joined(separator: ":")
      try printLine(
        "command    \(command.groupID):\(command.commandID)  \(printable(name))  \(printable(command.help ?? ""))"
      )
    }
    for mailbox in summary.mailboxes {
      try printLine(
        "mailbox    \(printable(mailbox.target))  \(mailbox.capacity ?? 64) bytes, mode \(mailbox.modeMask)")
    }
    for section in summary.sections where section.name == nil {
      try printLine("section    type \(hex(section.type)), \(section.size) bytes, passed over")
    }
    if summary.manifest != nil { try printLine("manifest   yes (shown by --json)") }
    try printLine("signature  \(summary.signature == nil ? "none" : "there, not checked")")
  }

  private func hex(_ number: some BinaryInteger) -> String { "0x" + String(number, radix: 16) }
}
