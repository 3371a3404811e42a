import HSXAssembler
import HXE
import Testing

struct MetadataTests {
  /// One value's section, from its JSON.
  private func value(_ json: String) throws -> [UInt8] {
    try #require(try Parts(".value \(json)\nRET").section(1))
  }

  private func command(_ json: String) throws -> [UInt8] {
    try #require(try Parts(".cmd \(json)\nRET\nhere: RET").section(2))
  }

  private func mailboxes(_ lines: String) throws -> String {
    try #require(try Parts(lines + "\nRET").text(3))
  }

  @Test("a value's numbers go to their places")
  func numbers() throws {
    let json =
      #"{"group":1,"id":2,"flags":"RO|BOOL","auth":"ADMIN","init":1.5,"epsilon":0.25,"min":-2,"max":8,"#
      + #""persist_key":4660}"#
    #expect(
      try value(json) == [
        1, 2, 17, 2, 0x3E, 0x00, 0, 0, 0, 0, 0x34, 0x00, 0xC0, 0x00, 0x48, 0x00, 0x12, 0x34, 0, 0,
      ])
  }

  @Test(
    "every alias and every way to write a number comes to the same value",
    arguments: [
      #"{"group_id":"0x01","value_id":"2","flags":6,"auth_level":"USER","init_value":"1.5","persist":"0x1234"}"#,
      #"{"groupId":1.0,"valueId":true,"value":2,"flags":" persist | Sticky ","authLevel":1,"init_raw":15872,"persist_key":4660}"#,
      #"{"group":"0b1","group_id":null,"id":"0o2","flags":"0x02|4","auth":"1","init_raw":"0x3E00","init":9,"persist_key":4660}"#,
      #"[{"group":1,"id":2,"flags":"PERSIST|STICKY","auth":"user","init":1.5,"persist_key":4660,"rate_ms":10,"else":[]}]"#,
    ])
  func aliases(_ json: String) throws {
    #expect(
      try value(json) == [1, 2, 6, 1, 0x3E, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x12, 0x34, 0, 0])
  }

  @Test(
    "numbers round to the nearest binary16, ties to even, past the largest to infinity",
    arguments: [
      ("0.1", 0x2E66), ("-0.0", 0x8000), ("65504", 0x7BFF), ("65519.99", 0x7BFF), ("65520", 0x7C00),
      ("-1e9", 0xFC00), ("1e400", 0x7C00), ("2049", 0x6800), ("2051", 0x6802), ("5.9604644775390625e-08", 1),
      ("2.98023223876953125e-08", 0), ("2.980232238769532e-08", 1), ("8.940696716308594e-08", 2),
      ("1.00048828125", 0x3C00), ("1.000488281250001", 0x3C01), ("1.0004882812500000001", 0x3C00),
      ("NaN", 0x7E00), ("Infinity", 0x7C00), ("-Infinity", 0xFC00), ("true", 0x3C00), ("\"-2.5\"", 0xC100),
      ("6.103515625e-05", 0x0400), ("6.1005353927612305e-05", 0x0400), ("6.097555160522461e-05", 0x03FF),
    ] as [(String, UInt16)])
  func rounding(_ number: String, _ bits: UInt16) throws {
    let section = try value(#"{"group":1,"id":1,"init":\#(number)}"#)
    #expect(UInt16(section[4]) << 8 | UInt16(section[5]) == bits)
  }

  @Test("strings are shared in order of first use; an empty one is not an absent one")
  func strings() throws {
    let lines = """
      .value {"group":2,"id":1,"name":"b","unit":"V","group_name":"g"}
      .value {"group":1,"id":9,"name":"g","unit":"","group_name":"ä"}
      RET
      """
    let section = try #require(try Parts(lines).section(1))
    // Sorted: 1:9 first, so `g`, the empty string, `ä`, then `b` and `V`.
    #expect(Array(section[40...]) == Array("g\0\0ä\0b\0V\0".utf8))
    #expect([section[7], section[9], section[19]] == [40, 42, 43])
    #expect([section[27], section[29], section[39]] == [46, 48, 40])
  }

  @Test("a command's handler is a label or an offset, and its other fields go to their places")
  func commands() throws {
    let expected: [UInt8] = [3, 4, 3, 1, 0, 0, 0, 4, 0, 16, 0, 18, 0, 0, 0, 20] + Array("n\0h\0g\0".utf8)
    for fields in [
      #""group":3,"id":4,"handler":"here","flags":"PIN|ASYNC""#,
      #""group_id":"3","cmd_id":4,"handler":4,"flags":3"#,
      #""groupId":3,"commandId":4,"handler_offset":"0x4","flags":"async|pin""#,
      #""group":3,"cmd":4,"handler":" here ","flags":"3""#,
    ] {
      #expect(
        try command("{\(fields),\"auth\":\"USER\",\"name\":\"n\",\"help\":\"h\",\"group_name\":\"g\"}")
          == expected)
    }
    #expect(try command(#"{"group":3,"id":4}"#) == [3, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])
    #expect(try command(#"{"group":3,"id":4,"reserved":4660}"#)[12...] == [0x12, 0x34, 0, 0])
  }

  @Test("mailboxes are sorted by target and written as they stand, targets trimmed, text in ASCII")
  func mailboxes() throws {
    let lines = """
      .mailbox {"target":" b ","mode":"RDWR|FANOUT_DROP","z":{"b":1,"a":[1.0,1e30,-0,-0.0,null,true]},"note":"ä😀\\u00e9/\\/\\u007f"}
      .mailbox [{"name":"a","capacity":"64"},{"capacity":0,"target":"Z","name":"x"}]
      .mailbox {"version":1,"mailboxes":[{"target":"é"}]}
      """
    #expect(
      try mailboxes(lines)
        == #"{"mailboxes":[{"capacity":0,"name":"x","target":"Z"},{"capacity":"64","name":"a","target":"a"},"#
        + #"{"mode":"RDWR|FANOUT_DROP","note":"\u00e4\ud83d\ude00\u00e9//\u007f","target":"b","#
        + #""z":{"a":[1.0,1e+30,0,-0.0,null,true],"b":1}},{"target":"\u00e9"}],"version":1}"#)
  }

  @Test("of equal keys the last one counts, and keys are in the order of their code points")
  func keys() throws {
    #expect(
      try mailboxes(#".mailbox {"target":"a","x":1,"x":2,"é":1,"e\u0301":2,"😀":3,"ｱ":4,"X":5}"#)
        == #"{"mailboxes":[{"X":5,"e\u0301":2,"target":"a","x":2,"\u00e9":1,"\uff71":4,"\ud83d\ude00":3}],"version":1}"#
    )
  }

  @Test("a `;` in JSON is no comment, one behind it is, and metadata may stand in either section")
  func comments() throws {
    let source = """
      RET
      .data
      .mailbox {"target":"a;b"} ; the box; of "a"
      .text
      .VALUE{"group":1,"id":1,"name":";"};x
      """
    let parts = try Parts(source)
    #expect(parts.text(3) == #"{"mailboxes":[{"target":"a;b"}],"version":1}"#)
    #expect(parts.section(1)?.suffix(2) == [59, 0])
  }

  @Test(
    "metadata that cannot be is refused, at the field",
    arguments: [
      (#".value {"id":1}"#, "1:8: the entry has no `group`"),
      (#".value {"group":1}"#, "1:8: the entry has no `id`"),
      (#".value {"group":256,"id":1}"#, "1:17: `group` must be a number from 0 to 255"),
      (#".value {"group":1,"id":-1}"#, "1:24: `id` must be a number from 0 to 255"),
      (#".value {"group":1,"id":1.5}"#, "1:24: `id` must be a number from 0 to 255"),
      (#".value {"group":1,"id":1,"init":"x"}"#, "1:33: `init` must be a number"),
      (#".value {"group":1,"id":1,"init_raw":65536}"#, "1:37: `init_raw` must be a number from 0 to 65535"),
      (
        #".value {"group":1,"id":1,"flags":"LOUD"}"#,
        "1:34: `flags` must be a number from 0 to 255, or names joined by |: "
          + "BOOL, PERSIST, PIN, READ-ONLY, READONLY, READ_ONLY, RO, STICKY"
      ),
      (#".value {"group":1,"id":1,"name":[]}"#, "1:33: `name` must be a string"),
      (#".value {"group":1,"id":1,"name":"\u0000"}"#, "1:33: `name` must be a string without NUL"),
      (#".value 5"#, "1:8: expected a JSON object, found another value"),
      (#".value []"#, "1:8: expected at least one entry, found an empty array"),
      (#".value"#, "1:7: expected a JSON value, found the end of the line"),
      (#".value {"group":1,"id":1} x"#, "1:27: expected the end of the statement, found `x`"),
      (#".value {"group":1 "id":1}"#, "1:19: expected `,` or `}`, found `\"`"),
      (#".value {"group":1,}"#, "1:19: expected a key in double quotes, found `}`"),
      (#".value {"group":01,"id":1}"#, "1:17: expected a JSON number, found such a number"),
      (#".value {"group":1,"id":1,"name":"a"#, "1:33: the string has no closing quote on this line"),
      (
        #".value {"group":1,"id":1,"name":"\ud800"}"#, "1:34: expected a JSON string, found no escape of JSON"
      ),
      (
        ".value {\"group\":1,\"id\":1}\n.value {\"group\":1,\"id\":1}",
        "2:1: the value 1:1 is declared on line 1 already"
      ),
      (
        ".cmd {\"group\":1,\"id\":1}\n\n.cmd {\"group\":1,\"id\":1}",
        "3:1: the command 1:1 is declared on line 1 already"
      ),
      (
        #".cmd {"group":1,"id":1,"handler":"nowhere"}"#, "1:34: the label `nowhere` is nowhere in this source"
      ),
      (#".cmd {"group":1,"id":1,"handler":4}"#, "1:34: the handler is 4, outside 0 to 0"),
      (#".cmd {"group":1,"id":1,"handler":2}"#, "1:34: the handler is 2, not a multiple of 4"),
      (#".cmd {"group":1,"id":1,"handler":[]}"#, "1:34: `handler` must be a label or a code offset"),
      (
        ".cmd {\"group\":1,\"id\":1,\"handler\":\"d\"}\n.data\nd:\n.text",
        "1:34: `d` is a label in .data, not in .text"
      ),
      (#".mailbox {"capacity":1}"#, "1:10: the entry has no `target`"),
      (#".mailbox {"target":"  "}"#, "1:20: `target` must be 1 to 32 bytes of UTF-8"),
      (
        #".mailbox {"target":"app:012345678901234567890123456789"}"#,
        "1:20: `target` must be 1 to 32 bytes of UTF-8"
      ),
      (#".mailbox {"target":5}"#, "1:20: `target` must be a string"),
      (#".mailbox {"target":"a","capacity":-1}"#, "1:35: `capacity` must be a number from 0 to 4294967295"),
      (
        #".mailbox {"target":"a","x":1e999}"#,
        "1:10: expected a finite number, found a number that JSON cannot write"
      ),
      (
        ".mailbox {\"target\":\"a\"}\n.mailbox {\"target\":\" a\"}",
        "2:10: the mailbox `a` is declared on line 1 already"
      ),
      (#".mailbox {"version":2,"mailboxes":[{"target":"a"}]}"#, "1:21: `version` must be 1"),
    ])
  func refusals(_ line: String, _ expected: String) {
    #expect(message(line + "\nRET") == expected)
  }

  @Test("a mode that no loader takes is refused; every one of the format is taken")
  func modes() throws {
    #expect(message(#".mailbox {"target":"a","mode":"LOUD"}"# + "\nRET").hasPrefix("1:31: `mode` must be"))
    _ = try mailboxes(
      #".mailbox {"target":"a","mode":"rdonly|WRONLY,RDWR | FANOUT|FANOUT_DROP|FANOUT_BLOCK|TAP|RO|READONLY|WO|WRITEONLY|RW"}"#
    )
  }

  @Test("strings that would lie past 16 bits are refused, at their value")
  func reach() {
    let name = String(repeating: "n", count: 1_000)
    let lines = (0..<70).map { ".value {\"group\":1,\"id\":\($0),\"name\":\"\($0)\(name)\"}" }
    let found = errors(lines.joined(separator: "\n") + "\nRET")
    #expect(found.map(\.problem) == [.image(.stringOutOfReach(.name, object: 0x0140))])
    #expect(found.map(\.line) == [0x40 + 1])
  }

  @Test(
    "a mailbox that every loader refuses is refused here, with its line",
    arguments: [
      #"{"target":"a","owner_pid":"x"}"#, #"{"target":"a","bindings":5}"#,
      #"{"target":"a","bindings":[{"pid":[]}]}"#,
    ])
  func refusedMailboxes(_ json: String) {
    #expect(errors("RET\n.mailbox \(json)").map(\.problem) == [.mailboxRefused(.mailboxJSONInvalid)])
    #expect(errors("RET\n.mailbox \(json)").map(\.line) == [2])
  }

  @Test("a mailbox may be as deep as a loader reads, and no deeper")
  func mailboxDepth() throws {
    func line(_ depth: Int) -> String {
      ".mailbox {\"target\":\"a\",\"x\":\(String(repeating: "[", count: depth))\(String(repeating: "]", count: depth))}"
    }
    let image = try Assembler.assemble(line(29) + "\nRET")
    _ = try ImageParser.parse(image.span, limits: .desktop, checksum: .fast)
    #expect(errors(line(30) + "\nRET").map(\.problem) == [.nestedTooDeep(limit: 30)])
  }

  @Test("deep nesting ends in an error, not in the stack's end")
  func depth() {
    let deep = String(repeating: "[", count: 1_000_000)
    #expect(errors(".value \(deep)\nRET").map(\.problem) == [.nestedTooDeep(limit: 32)])
    let calls = String(repeating: "lo16(", count: 100_000)
    #expect(errors("LDI R1, \(calls)").map(\.problem) == [.nestedTooDeep(limit: 16)])
  }
}
