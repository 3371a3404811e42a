import Foundation
import HXE
import Testing

struct ImageBuilderTests {
  private func image(_ name: String) throws -> [UInt8] {
    let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    return Array(try Data(contentsOf: tests.appending(path: "Fixtures/vectors/images/\(name).hxe")))
  }

  /// The code of `sum`, from the golden file.
  private func sum() throws -> ImageBuilder {
    var builder = ImageBuilder()
    builder.code = Array(try image("sum")[96...])
    builder.appName = Array("sum".utf8)
    return builder
  }

  private func refusal(_ change: (inout ImageBuilder) -> Void) throws -> ImageBuildError? {
    var builder = try sum()
    change(&builder)
    do throws(ImageBuildError) {
      _ = try builder.build()
      return nil
    } catch {
      return error
    }
  }

  private func value(_ group: UInt8, _ id: UInt8) -> ImageBuilder.Value {
    var descriptor = ValueDescriptor()
    descriptor.group = group
    descriptor.id = id
    return ImageBuilder.Value(descriptor)
  }

  private func command(_ group: UInt8, _ id: UInt8, handler: UInt32 = 0) -> ImageBuilder.Command {
    var descriptor = CommandDescriptor()
    descriptor.group = group
    descriptor.id = id
    descriptor.handler = handler
    return ImageBuilder.Command(descriptor)
  }

  @Test("an image of code alone is the reference's")
  func plain() throws {
    #expect(try sum().build() == image("sum"))
  }

  @Test("an image of version 1 is the reference's, bss and all")
  func versionOne() throws {
    var builder = try sum()
    builder.version = 1
    builder.appName = []
    builder.bssSize = 64
    #expect(try builder.build() == image("sum_v1"))
  }

  @Test("a manifest is written behind its length, as it stands")
  func manifest() throws {
    var builder = try sum()
    let expected = try image("manifest")
    builder.manifest = Array(expected[132...])
    #expect(try builder.build() == expected)
  }

  @Test("a section of another type is written as it stands")
  func raw() throws {
    let expected = try image("unknown_section")
    let table = 128
    func word(_ offset: Int) -> UInt32 { expected[offset..<offset + 4].reduce(0) { $0 << 8 | UInt32($1) } }
    var builder = try sum()
    builder.extraSections = [
      ImageBuilder.RawSection(
        type: word(table), count: word(table + 12), bytes: Array(expected[Int(word(table + 4))...]))
    ]
    #expect(try builder.build() == expected)
  }

  @Test("the order in which parts are added does not show")
  func order() throws {
    var builder = try sum()
    builder.values = [value(2, 1), value(1, 9), value(1, 255)]
    builder.commands = [command(9, 9), command(0, 1)]
    builder.mailboxes = try ["b", "a", "ab"].map {
      try ImageBuilder.Mailbox(target: Array($0.utf8), capacity: 0, mode: .readWrite)
    }
    let first = try builder.build()
    builder.values.reverse()
    builder.commands.reverse()
    builder.mailboxes.swapAt(0, 2)
    #expect(try builder.build() == first)
    // Types in the order value, cmd, mailbox.
    #expect([first[131], first[147], first[163]] == [1, 2, 3])
  }

  @Test("a mailbox made of its numbers is written as canonical JSON")
  func mailbox() throws {
    let box = try ImageBuilder.Mailbox(
      target: Array("app:\"ä😀\u{1}".utf8), capacity: 4_294_967_295, mode: [.readWrite, .fanOutDrop])
    #expect(
      String(decoding: box.json, as: UTF8.self)
        == #"{"capacity":4294967295,"mode_mask":19,"target":"app:\"\u00e4\ud83d\ude00\u0001"}"#)
  }

  @Test("flags without a meaning are written, those with one are not taken from there")
  func flags() throws {
    var builder = try sum()
    builder.allowsMultipleInstances = false
    builder.otherFlags = 0xFFFF
    let file = try builder.build()
    #expect(file[6] == 0xFF && file[7] == 0xFC)
  }

  @Test("what the format has no room for is refused")
  func refusals() throws {
    #expect(try refusal { $0.version = 3 } == .unsupportedVersion(3))
    #expect(try refusal { $0.version = 1 } == .notInVersion1(.appName))
    #expect(
      try refusal {
        $0.version = 1
        $0.appName = []
        $0.values = [value(1, 1)]
      } == .notInVersion1(.sections))
    #expect(try refusal { $0.code = [] } == .entryOutOfRange(0, codeLength: 0))
    #expect(try refusal { $0.code.append(0) } == .codeUnaligned(33))
    #expect(try refusal { $0.code = Array(repeating: 0, count: 0x1_0004) } == .codeTooLarge(0x1_0004))
    #expect(try refusal { $0.rodata = Array(repeating: 0, count: 0x1_0001) } == .rodataTooLarge(0x1_0001))
    #expect(try refusal { $0.bssSize = 0x1_0001 } == .bssTooLarge(0x1_0001))
    #expect(try refusal { $0.bssSize = 0xC001 } == .memoryExceeded(end: 0x1_0001))
    #expect(try refusal { $0.bssSize = 0xC000 } == nil)
    #expect(try refusal { $0.rodata = Array(repeating: 0, count: 0xC000) } == nil)
    #expect(try refusal { $0.rodata = Array(repeating: 0, count: 0xC001) } == .memoryExceeded(end: 0x1_0001))
    #expect(try refusal { $0.entry = 2 } == .entryUnaligned(2))
    #expect(try refusal { $0.entry = 32 } == .entryOutOfRange(32, codeLength: 32))
    #expect(try refusal { $0.appName = Array(repeating: 65, count: 31) } == nil)
    #expect(try refusal { $0.appName = Array(repeating: 65, count: 32) } == .appNameTooLong(32))
    #expect(try refusal { $0.appName = [0x80] } == .appNameNotASCII(0x80))
  }

  @Test("what every loader would refuse is refused here")
  func objects() throws {
    #expect(try refusal { $0.values = [value(1, 2), value(3, 4), value(1, 2)] } == .duplicateValue(0x0102))
    #expect(try refusal { $0.commands = [command(1, 2), command(1, 2)] } == .duplicateCommand(0x0102))
    #expect(
      try refusal { $0.commands = [command(1, 2, handler: 30)] }
        == .handlerOutOfRange(command: 0x0102, handler: 30))
    #expect(
      try refusal { $0.commands = [command(1, 2, handler: 32)] }
        == .handlerOutOfRange(command: 0x0102, handler: 32))
    for broken: [UInt8] in [
      [0xFF], [0xC0, 0x80], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xC3],
      [0x61, 0],
    ] {
      var named = value(1, 2)
      named.name = broken
      #expect(try refusal { $0.values = [named] } == .stringInvalid(.name, object: 0x0102))
    }
    let box = ImageBuilder.Mailbox(target: Array("a".utf8), json: [])
    #expect(try refusal { $0.mailboxes = [box, box] } == .duplicateMailbox(try #require(ShortName("a"))))
    #expect(
      try refusal { $0.mailboxes = [ImageBuilder.Mailbox(target: [], json: [])] } == .mailboxTargetMissing)
    let long = ImageBuilder.Mailbox(target: Array(repeating: 65, count: 33), json: [])
    #expect(try refusal { $0.mailboxes = [long] } == .mailboxTargetTooLong(33))
  }

  @Test("the last string that 16 bits reach is written, the next is refused")
  func reach() throws {
    var first = value(1, 1)
    var second = value(1, 2)
    // Entries take 40 bytes, so the second string starts at 40 + 65,495 = 65,535.
    first.name = Array(repeating: 97, count: 65_494)
    second.unit = [98]
    #expect(try refusal { $0.values = [first, second] } == nil)
    first.name?.append(97)
    #expect(try refusal { $0.values = [first, second] } == .stringOutOfReach(.unit, object: 0x0102))
    second.unit = first.name
    #expect(try refusal { $0.values = [first, second] } == nil)
  }
}
