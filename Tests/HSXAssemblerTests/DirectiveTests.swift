import HSXAssembler
import HXE
import Testing

struct DirectiveTests {
  @Test(
    "data directives lay down little-endian bytes",
    arguments: [
      (".byte 1, -1, 255, 0x7f, 'A', -128", [1, 255, 255, 127, 65, 128]),
      (".byte \"ab\", 0", [97, 98, 0]), (".byte 'a'+1", [98]), (".byte ';' ; a comment", [59]),
      (".half 0x1234, -2", [0x34, 0x12, 0xFE, 0xFF]), (".hword 65535", [0xFF, 0xFF]),
      (".word 0x12345678, -1", [0x78, 0x56, 0x34, 0x12, 0xFF, 0xFF, 0xFF, 0xFF]),
      (".ascii \"a;b\"", [97, 59, 98]), (".asciz \"hi\"", [104, 105, 0]), (".string \"\"", [0]),
      (".ascii \"\"", []), (".asciz \"a\", \"b\"", [97, 0, 98, 0]),
      (".ascii 'it \"is\"'", [105, 116, 32, 34, 105, 115, 34]),
      (#".ascii "\n\r\t\\\0\x7f\"\'""#, [10, 13, 9, 92, 0, 127, 34, 39]), (".ascii \"é\"", [0xE9]),
      (".byte 1\n.align 4\n.byte 2", [1, 0, 0, 0, 2]), (".align 8", []),
      (".byte 1\n.align 3\n.byte 2", [1, 0, 0, 2]),
      (".zero 3\n.byte 9", [0, 0, 0, 9]), (".zero 0", []), (".byte 7\n.org 4\n.byte 8", [7, 0, 0, 0, 8]),
      ("a: .word b, a\nb: .half b+2", [8, 0x40, 0, 0, 0, 0x40, 0, 0, 0x0A, 0x40]),
      (".zero 2\na: .half off16(a), lo16(a), hi16(a)\n.byte off16(a)", [0, 0, 2, 0, 2, 0x40, 0, 0, 2]),
      ("a: .zero 5\nb:\n.byte b - a\n.zero b-a-4", [0, 0, 0, 0, 0, 5, 0]),
      (".BYTE 1", [1]), (".word code\n.text\nNOT R0, R0\ncode: RET", [8, 0, 0, 0]),
    ] as [(String, [UInt8])])
  func bytes(_ directives: String, _ expected: [UInt8]) throws {
    #expect(try data(directives) == expected)
  }

  @Test("sections may alternate, and each goes on where it was")
  func alternation() throws {
    let parts = try Parts(".data\n.byte 1\n.text\nRET\n.data\n.byte 2\n.text\nBRK")
    #expect(parts.words == [0x2500_0000, 0x7F00_0000])
    #expect(parts.rodata == [1, 2])
  }

  @Test(".org fills code with zero words, up to a whole word")
  func origin() throws {
    #expect(try words("RET\n.org 8\nRET") == [0x2500_0000, 0, 0x2500_0000])
    #expect(try words("RET\n.org 6\nRET") == [0x2500_0000, 0, 0x2500_0000])
    #expect(try words("RET\n.org 4\nRET") == [0x2500_0000, 0x2500_0000])
  }

  @Test(
    "the entry is what .entry says, else 0, and an exported _start before all",
    arguments: [
      ("RET\nRET", 0), ("RET\nmain: RET", 0), ("RET\n_start: RET", 0), (".entry main\nRET\nmain: RET", 4),
      ("RET\n.entry\nRET", 4), (".entry 4\nRET\nRET", 4), (".entry main+4\nRET\nmain: RET\nRET", 8),
      (".entry main\n.export _start\nmain: RET\n_start: RET", 4), (".data\n.entry m\n.text\nRET\nm: RET", 4),
      (".entry 0\n.entry b\nRET\nb: RET", 4),
    ] as [(String, UInt32)])
  func entry(_ source: String, _ entry: UInt32) throws {
    #expect(try Parts(source).entry == entry)
  }

  @Test("labels may share a line with a statement, with each other, or have it to themselves")
  func labels() throws {
    #expect(try words("a: b : JMP c\n.local$1:\nc:\n_x.y: JMP .local$1").map { $0 & 0xFFF } == [4, 4])
    #expect(try words("ADD: JMP ADD\nR1: JMP R1").map { $0 & 0xFFF } == [0, 4])
  }

  @Test("imports and exports are taken; only an import that is used must be here")
  func linkage() throws {
    #expect(try words(".import other\n.export main\n.extern a, b\nmain: RET") == [0x2500_0000])
    #expect(try words(".extern main\nJMP main\nmain: RET").count == 2)
    #expect(
      message(".import other\nCALL other")
        == "2:6: `other` is imported but not defined, and an image is assembled from one source")
  }

  @Test("every kind of line end and a byte order mark are taken, and count as lines")
  func lineEnds() throws {
    #expect(try words("RET\r\nRET\rRET\nRET").count == 4)
    #expect(errors("RET\r\n\r\rbad").map(\.line) == [4])
    #expect(try words("\u{FEFF}RET") == [0x2500_0000])
  }

  @Test("columns count characters, not bytes")
  func columns() {
    #expect(
      message(".data\n.ascii \"äöü\" x\n.text\nRET") == "2:14: expected the end of the statement, found `x`")
  }

  @Test(
    "a directive that cannot be carried out is refused, where it stands",
    arguments: [
      (".data\n.byte 256", "2:7: the byte is 256, outside -128 to 255"),
      (".data\n.half 65536", "2:7: the half word is 65536, outside -32768 to 65535"),
      (".data\n.word 4294967296", "2:7: the word is 4294967296, outside -2147483648 to 4294967295"),
      (".data\n.byte", "2:6: expected a number or a label, found the end of the line"),
      (".data\n.byte 1,", "2:9: expected a number or a label, found the end of the line"),
      (".data\n.byte a\na: .byte 0", "2:7: the byte is 16385, outside -128 to 255"),
      (".data\n.ascii abc", "2:8: expected a string, found `abc`"),
      (".data\n.ascii \"abc", "2:8: the string has no closing quote on this line"),
      (".data\n.ascii \"abc\\", "2:8: the string has no closing quote on this line"),
      (
        ".data\n.ascii \"a\\q\"",
        "2:10: `\\q` is no escape; there are \\n \\r \\t \\\\ \\0 \\xNN \\\" and \\'"
      ),
      (
        ".data\n.ascii \"\\x1\"",
        "2:9: `\\x without two hexadecimal digits` is no escape; there are \\n \\r \\t \\\\ \\0 \\xNN \\\" and \\'"
      ),
      (".data\n.ascii \"€\"", "2:9: `€` is no single byte; write its bytes as \\xNN"),
      (".data\n.align 0", "2:8: the alignment is 0, outside 1 to 49152"),
      (".data\n.zero -1", "2:7: the number of bytes is -1, outside 0 to 4294967295"),
      (".data\n.zero 4000000000", "2:7: .data would exceed 49152 bytes"),
      (
        ".data\n.zero later\nlater:", "2:7: the label `later` must stand above the line that measures with it"
      ),
      (".data\na: .zero a", "2:10: the number of bytes must be a number; this is an address"),
      (".org 0xFFFFFFFF", "1:6: .text would exceed 65536 bytes"),
      ("RET\nRET\n.org 4", "3:6: .org 4 would go back: the section has 8 bytes already"),
      (".word 1", "1:1: `.word` belongs in .data"), (".data\nRET", "2:1: `RET` belongs in .text"),
      (".bss", "1:1: there is no directive `.bss`"),
      ("a: RET\na: RET", "2:1: the label `a` stands on line 1 already"),
      (".entry nowhere\nRET", "1:8: the label `nowhere` is nowhere in this source"),
      (".entry 8\nRET", "1:8: the entry is 8, outside 0 to 0"),
      (".entry 2\nRET", "1:8: the entry is 2, not a multiple of 4"),
      (".entry d\nRET\n.data\nd: .byte 0", "1:8: `d` is a label in .data, not in .text"),
      (".data\n.entry", "2:1: `.entry` belongs in .text"),
      (".import", "1:8: expected a name, found the end of the line"),
      (".text 4", "1:7: expected the end of the statement, found `4`"),
    ])
  func refusals(_ source: String, _ expected: String) {
    #expect(errors(source).first?.description == expected)
  }

  @Test("a source without an instruction is refused", arguments: ["", "; nothing", ".data\n.byte 1", "a:"])
  func empty(_ source: String) {
    #expect(errors(source).map(\.problem) == [.noCode])
  }

  @Test("sections hold what the machine's memory has room for, to the byte")
  func limits() throws {
    #expect(try data(".zero 49152").count == 49152)
    #expect(errors(".data\n.zero 49152\n.byte 0").map(\.line) == [3])
    #expect(try words("RET\n.org 65536").count == 16384)
    #expect(errors("RET\n.org 65532\nRET\nRET").map(\.line) == [4])
    #expect(errors("RET\n.org 65532\nLDI32 R1, 0").map(\.line) == [3])
  }

  @Test("all lines that are wrong are named, in order, up to twenty")
  func many() {
    #expect(errors("JMP x\nbad\nRET\n.zero 1\nJMP y").map(\.line) == [1, 2, 4, 5])
    #expect(errors("JMP x\nworse\n").map(\.line) == [1, 2])
    let lines = String(repeating: "bad\n", count: 30)
    #expect(errors(lines).count == AssemblyFailure.maximumErrors)
    #expect(errors("a:\n" + String(repeating: "JMP x\n", count: 30)).count == AssemblyFailure.maximumErrors)
  }

  @Test("the app's name is the file's stem, cut to what a header holds")
  func appName() {
    #expect(AssemblyOptions.appName(forPath: "a/b.c/sum.v2.mvasm") == "sum.v2")
    #expect(AssemblyOptions.appName(forPath: "plain") == "plain")
    #expect(AssemblyOptions.appName(forPath: "/x/.hidden") == ".hidden")
    #expect(AssemblyOptions.appName(forPath: "größe.mvasm") == "gre")
    #expect(AssemblyOptions.appName(forPath: String(repeating: "n", count: 40) + ".s").utf8.count == 31)
    #expect(AssemblyOptions.appName(forPath: "") == "")
  }

  @Test("options that no image can hold are refused")
  func options() {
    let long = AssemblyOptions(appName: String(repeating: "n", count: 32))
    #expect(errors("RET", long).map(\.problem) == [.image(.appNameTooLong(32))])
    #expect(message("RET", long) == "the app name has 32 bytes; at most 31 fit")
    for text in ["", "[]", "{", "{} x", "1", #"{"pid":"x"}"#, #"{"fram_keys":5}"#] {
      let options = AssemblyOptions(manifest: Array(text.utf8))
      #expect(errors("RET", options).map(\.problem) == [.manifestInvalid])
    }
    #expect(errors("RET", AssemblyOptions(manifest: Array("\n{ \"a\" :\n1 }\n".utf8))) == [])
  }
}
