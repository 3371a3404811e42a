import Foundation
import HXE
import Testing

@Suite("Mailbox rules")
struct MailboxTests {
  private func image(_ json: String, count: UInt32 = 0) -> TestImage {
    .with(.init(3, Array(json.utf8), count: count))
  }

  private func mailboxes(_ json: String) -> [MailboxDescriptor]? {
    let result = verdict(image(json).bytes)
    #expect(result.error == nil, "\(json)")
    return result.metadata?.mailboxes
  }

  /// Refused with this reason at the first byte of `mark` in the text.
  private func refused(
    _ json: String, _ reason: ImageError.Reason, at mark: String,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let image = image(json)
    let place = json.utf8.count - (json.range(of: mark).map { json[$0.lowerBound...].utf8.count } ?? 0)
    expect(refusal(image.bytes), reason, at: image.content + place, json, sourceLocation: sourceLocation)
  }

  @Test("an object with mailboxes or entries, or the bare array, with blanks before and NULs behind")
  func forms() {
    let entry = #"{"target":"app:a"}"#
    for json in [
      "[\(entry)]", "{\"mailboxes\":[\(entry)]}", "{\"version\":1,\"entries\":[\(entry)]}",
      "{\"entries\":[\(entry)],\"version\":1.0,\"other\":{\"deep\":[[]]}}", " \n[\(entry)]\r\n\t ",
      "[\(entry)]\0\0\0", "{\"mailboxes\":null,\"version\":null,\"entries\":[\(entry)]}",
      "{\"\\u006dailboxes\":[\(entry)]}",
    ] {
      #expect(mailboxes(json).map { $0.map { text($0.target) } } == ["app:a"], "\(json)")
    }
    for json in ["[]", "{}", "{\"mailboxes\":[]}", "", "   ", "\0\0\0\0", "\n\0"] {
      #expect(mailboxes(json) == [], "\(json.debugDescription)")
    }
  }

  @Test("an entry has defaults, and either of its names, the first winning whatever the order")
  func members() throws {
    func mailbox(_ members: String) -> MailboxDescriptor? { mailboxes("[{\(members)}]")?.first }
    let plain = try #require(mailbox(#""target":"app:a""#))
    #expect(
      plain.capacity == nil && plain.mode == .readWrite && plain.ownerPID == nil && plain.bindings == [])
    let name32 = String(repeating: "x", count: 32)
    let targets = [
      (#""name":"n:a""#, "n:a"), (#""name":"n:a","target":"t:a""#, "t:a"),
      (#""target":"t:a","name":"n:a""#, "t:a"),
      (#""target":" \t t:a\n""#, "t:a"), (#""target":"  ","name":"n:a""#, "n:a"),
      (#""target":null,"name":"n:a""#, "n:a"),
      ("\"target\":\"  \(name32) \"", name32), (#""target":"a","target":"b""#, "b"),
      (#""target":"\u00e9""#, "é"),
      ("\"target\":\"t\",\"name\":\"\(name32)xxx\"", "t"),
      ("\"name\":\"\(name32)xxx\",\"target\":\"t\"", "t"),
    ]
    for (members, target) in targets {
      #expect(mailbox(members).map { text($0.target) } == target, "\(members)")
    }
    let capacities: [(String, UInt32?)] = [
      (#""capacity":96"#, 96), (#""queue_depth":12"#, 12), (#""queue_depth":12,"capacity":96"#, 96),
      (#""capacity":0"#, nil), (#""capacity":null,"queue_depth":7"#, 7), (#""capacity":"64""#, 64),
      (#""capacity":"0x40""#, 64), (#""capacity":" 0X4a ""#, 74), (#""capacity":4294967295"#, .max),
      (#""capacity":1e2"#, 100),
    ]
    for (members, capacity) in capacities {
      let read = mailbox(#""target":"a","# + members)
      #expect(read != nil && read?.capacity == capacity, "\(members)")
    }
  }

  @Test("modes are integers or names, joined, in any case; the mask goes before mode, mode before flags")
  func modes() {
    let modes: [(String, UInt16)] = [
      (#""mode_mask":19"#, 19), (#""mode_mask":0"#, 3), (#""mode_mask":"0x13""#, 0x13),
      (#""mode_mask":65535"#, 0xFFFF),
      (#""mode":1"#, 1), (#""mode":0"#, 3), (#""mode":"RDWR|FANOUT_DROP""#, 0x13), (#""mode":"rdonly""#, 1),
      (#""mode":"RO""#, 1), (#""mode":"ReadOnly""#, 1), (#""mode":"WRONLY""#, 2), (#""mode":"wo""#, 2),
      (#""mode":"WRITEONLY""#, 2), (#""mode":"RW""#, 3), (#""mode":"TAP""#, 4), (#""mode":"FANOUT""#, 8),
      (#""mode":"FANOUT_DROP""#, 0x10), (#""mode":"fanout_block""#, 0x20),
      (#""mode":" RO , Tap|FANOUT ""#, 0x0D),
      (#""mode":"3""#, 3), (#""mode":"0x10|RO""#, 0x11), (#""mode":"""#, 3), (#""mode":"|, ""#, 3),
      (#""mode":"0""#, 3),
      (#""flags":"WO""#, 2), (#""flags":32"#, 32), (#""flags":"WO","mode":"RO""#, 1),
      (#""mode":"RO","mode_mask":4"#, 4),
      (#""mode":"NONSENSE","mode_mask":4"#, 4), (#""flags":"NONSENSE","mode":"TAP""#, 4),
      (#""mode":null,"flags":2"#, 2),
      (#""mode":"\u0052O""#, 1),
    ]
    for (members, mode) in modes {
      let read = mailboxes("[{\"target\":\"a\",\(members)}]")?.first
      #expect(read?.mode.rawValue == mode, "\(members)")
    }
  }

  @Test("owner and bindings are kept as they are")
  func bindings() throws {
    let json =
      #"[{"target":"a","owner_pid":-3,"bindings":[{"pid":1},{"flags":2,"pid":0,"x":[]},{"pid":"0x10","flags":null}]},"#
      + #"{"target":"b","owner_pid":null,"bindings":null,"reserved":[1,{}]}]"#
    let boxes = try #require(mailboxes(json))
    #expect(boxes[0].ownerPID == -3)
    let expected = [
      MailboxBinding(pid: 1, flags: nil), MailboxBinding(pid: 0, flags: 2),
      MailboxBinding(pid: 16, flags: nil),
    ]
    #expect(boxes[0].bindings == expected)
    #expect(boxes[1].ownerPID == nil && boxes[1].bindings == [])
  }

  @Test("what is no JSON is refused where it stops making sense, what is no mailbox at the value")
  func invalid() {
    refused(#"[{"target":"a"},]"#, .mailboxJSONInvalid, at: "]")
    refused(#"[{"target":"a"}] x"#, .mailboxJSONInvalid, at: "x")
    refused(#"[{"target":"a"}"#, .mailboxJSONInvalid, at: "nowhere")
    refused(#"[{"target":7}]"#, .mailboxJSONInvalid, at: "7")
    refused(#"[{"target":"a","name":[]}]"#, .mailboxJSONInvalid, at: "[]")
    refused(#"["a"]"#, .mailboxJSONInvalid, at: "\"a")
    refused(#"[[]]"#, .mailboxJSONInvalid, at: "[]")
    refused(#"{"mailboxes":{}}"#, .mailboxJSONInvalid, at: "{}")
    refused(#"{"mailboxes":[],"entries":[ ]}"#, .mailboxJSONInvalid, at: "[ ]")
    refused(#"{"version":"1","mailboxes":[]}"#, .mailboxJSONInvalid, at: "\"1")
    for value in [
      "-1", "1.5", "4294967296", "1e99", "true", "{}", "\"\"", "\"x\"", "\"0x\"", "\"1.0\"",
      "\"99999999999999999999\"",
    ] {
      refused("[{\"target\":\"a\",\"capacity\":\(value)}]", .mailboxJSONInvalid, at: value)
    }
    for value in ["-1", "65536", "0.5", "[]", "\"RO\"", "\"65536\""] {
      refused("[{\"target\":\"a\",\"mode_mask\":\(value)}]", .mailboxJSONInvalid, at: value)
    }
    refused(#"[{"target":"a","mode":65536}]"#, .mailboxJSONInvalid, at: "65536")
    refused(#"[{"target":"a","mode":false}]"#, .mailboxJSONInvalid, at: "false")
    refused(#"[{"target":"a","owner_pid":1.5}]"#, .mailboxJSONInvalid, at: "1.5")
    refused(#"[{"target":"a","bindings":{}}]"#, .mailboxJSONInvalid, at: "{}")
    refused(#"[{"target":"a","bindings":[1]}]"#, .mailboxJSONInvalid, at: "1")
    refused(#"[{"target":"a","bindings":[{"flags":1}]}]"#, .mailboxJSONInvalid, at: #"{"f"#)
  }

  @Test("versions, targets and modes have reasons of their own")
  func reasons() {
    refused(#"{"version":2,"mailboxes":[]}"#, .mailboxVersionUnsupported, at: "2")
    refused(#"{"mailboxes":[],"version":0}"#, .mailboxVersionUnsupported, at: "0")
    refused(#"[{"target":"a"},{"capacity":1}]"#, .mailboxTargetMissing, at: #"{"c"#)
    refused(#"[{"target":"  "}]"#, .mailboxTargetMissing, at: "{")
    refused(#"[{}]"#, .mailboxTargetMissing, at: "{")
    let long = "\"" + String(repeating: "é", count: 16) + "x\""
    refused("[{\"target\":\(long)}]", .mailboxTargetTooLong, at: long)
    refused("[{\"name\":\(long)}]", .mailboxTargetTooLong, at: long)
    refused(#"[{"target":"a","mode":"RDWR|NOPE"}]"#, .mailboxModeUnknown, at: "\"RDWR")
    refused(#"[{"target":"a","mode":"0x10000"}]"#, .mailboxModeUnknown, at: "\"0x")
    refused(#"[{"target":"a","flags":"R O"}]"#, .mailboxModeUnknown, at: "\"R O")
    refused("[{\"mode\":\"NOPE\",\"name\":\(long)}]", .mailboxModeUnknown, at: "\"NOPE")
    refused("[{\"name\":\(long),\"mode\":\"NOPE\"}]", .mailboxTargetTooLong, at: long)
    refused(#"[{"target":"a"},{"name":" a "}]"#, .duplicateMailbox, at: #"{"n"#)
  }

  @Test("a target may be declared once over all sections and forms")
  func duplicates() {
    let fixed = word(16) + half(0) + half(0) + [UInt8](repeating: 0, count: 8) + Array("a\0".utf8)
    let json = Array(#"[{"target":"a"}]"#.utf8)
    var image = TestImage.with(.init(3, json), .init(3, fixed, count: 1))
    expect(refusal(image.bytes), .duplicateMailbox, at: image.content + json.count)
    image.sections.swapAt(0, 1)
    expect(refusal(image.bytes), .duplicateMailbox, at: image.content + fixed.count + 1)
  }

  @Test("the fixed form has its own count, strings and defaults")
  func fixed() throws {
    func entry(_ offset: UInt32, _ capacity: UInt16 = 0, _ mode: UInt16 = 0) -> [UInt8] {
      word(offset) + half(capacity) + half(mode) + [UInt8](repeating: 0xEE, count: 8)
    }
    let long = String(repeating: "x", count: 33)
    let pool = Array(" app:a \0  \0\(long)\0".utf8) + [0xFF, 0] + Array("open".utf8)
    func image(_ offset: UInt32) -> TestImage {
      .with(.init(3, entry(32, 96, 0x4001) + entry(offset, 0, 0) + pool, count: 2))
    }
    let boxes = try #require(verdict(image(75).bytes).metadata?.mailboxes)
    #expect(boxes.map { text($0.target) } == ["app:a", "x"])
    #expect(boxes.map(\.capacity) == [96, nil])
    #expect(boxes.map(\.mode.rawValue) == [0x4001, 3])
    let faults: [(UInt32, ImageError.Reason)] = [
      (0, .mailboxTargetMissing), (40, .mailboxTargetMissing), (39, .mailboxTargetMissing),
      (43, .mailboxTargetTooLong),
      (77, .stringNotUTF8), (79, .stringUnterminated), (83, .stringOutOfRange),
      (0xFFFF_FFFF, .stringOutOfRange),
      (33, .duplicateMailbox),
    ]
    for (offset, reason) in faults {
      let image = image(offset)
      expect(refusal(image.bytes), reason, at: image.content + 16, "\(offset)")
    }
    var counted = image(0)
    for count in [6, 0x1000_0000, 0x1000_0001, 0xFFFF_FFFF] as [UInt32] {
      counted.sections[0].count = count
      expect(refusal(counted.bytes), .sectionTruncated, at: counted.table + 12)
    }
  }
}
