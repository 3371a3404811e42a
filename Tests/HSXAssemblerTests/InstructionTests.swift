import HSXAssembler
import Testing

struct InstructionTests {
  /// Words written down from the encoding table, not from the assembler's.
  @Test(
    "each instruction is encoded in its fields",
    arguments: [
      ("ADD R1, R2, R3", 0x1012_3000), ("SUB R15, R14, R13", 0x11FE_D000), ("MUL R0,R0,R0", 0x1200_0000),
      ("DIV R9, R8, R7", 0x1398_7000), ("AND R1, R2, R3", 0x1412_3000), ("OR R1, R2, R3", 0x1512_3000),
      ("XOR R1, R2, R3", 0x1612_3000), ("NOT R4, R5", 0x1745_0000), ("LSL R1, R2, R3", 0x3112_3000),
      ("LSR R1, R2, R3", 0x3212_3000), ("ASR R1, R2, R3", 0x3312_3000), ("ADC R1, R2, R3", 0x3412_3000),
      ("SBC R1, R2, R3", 0x3512_3000), ("FADD R1, R2, R3", 0x5012_3000), ("FSUB R1, R2, R3", 0x5112_3000),
      ("FMUL R1, R2, R3", 0x5212_3000), ("FDIV R1, R2, R3", 0x5312_3000), ("MOV R10, R11", 0x04AB_0000),
      ("I2F R1, R2", 0x5412_0000), ("F2I R1, R2", 0x5512_0000), ("CMP R3, R4", 0x2003_4000),
      ("PUSH R7", 0x4007_0000), ("POP R7", 0x4170_0000), ("RET", 0x2500_0000), ("BRK", 0x7F00_0000),
      ("BRK 255", 0x7F00_00FF), ("LDI R1, 2047", 0x0110_07FF), ("LDI R1, -2048", 0x0110_0800),
      ("LDI R1, -1", 0x0110_0FFF), ("LDI R1, 'A'", 0x0110_0041), ("LDI R1, 0x10", 0x0110_0010),
      ("LDI R1, 0b101", 0x0110_0005), ("LDI R1, '\\n'", 0x0110_000A), ("LDI R1, -0x10", 0x0110_0FF0),
      ("LDI R1, ';'", 0x0110_003B), ("LDI R1, 1_000", 0x0110_03E8), ("LDI R1, +5", 0x0110_0005),
      ("LD R1, [R2+4]", 0x0212_0004), ("LDB R1, [R2-4]", 0x0612_0FFC), ("LDH R1, [R2]", 0x0712_0000),
      ("LD R1, [R2+-4]", 0x0212_0FFC), ("LD R1, [ R2 + 0x7ff ]", 0x0212_07FF),
      ("ST [R2+8], R3", 0x0302_3008), ("STB [R15-2048], R14", 0x080F_E800), ("STH [R2], R3", 0x0902_3000),
      ("SVC 0x101", 0x3000_0101), ("SVC MOD=7, FN=2", 0x3000_0702), ("svc fn=0x10 , mod=15", 0x3000_0F10),
      ("SVC MOD=5", 0x3000_0500), ("SVC FN=3", 0x3000_0003), ("SVC 4095", 0x3000_0FFF),
      ("add r1, r2, r3 ; lower case", 0x1012_3000), ("JMP 0", 0x2100_0000), ("JZ 4092", 0x2200_0FFC),
      ("CALL -1", 0x2400_0FFF), ("CALL 3", 0x2400_0003),
    ] as [(String, UInt32)])
  func encoding(_ source: String, _ word: UInt32) throws {
    #expect(try words(source) == [word])
  }

  @Test("LDI32 takes a second word, signed or unsigned")
  func wide() throws {
    #expect(try words("LDI32 R3, 0xFFFFFFFF") == [0x6030_0000, 0xFFFF_FFFF])
    #expect(try words("LDI32 R3, -1") == [0x6030_0000, 0xFFFF_FFFF])
    #expect(try words("LDI32 R3, -2147483648") == [0x6030_0000, 0x8000_0000])
  }

  @Test("LDI32 of a label is a code offset, or an address from 0x4000 for data")
  func labels() throws {
    let source = """
      LDI32 R1, end
      LDI32 R2, second
      LDI32 R3, second+4
      LDI32 R4, second - first
      LDI32 R5, 8 + end - 4
      end: RET
      .data
      first: .byte 1, 2, 3
      second: .word 0
      """
    #expect(
      try words(source) == [
        0x6010_0000, 40, 0x6020_0000, 0x4003, 0x6030_0000, 0x4007, 0x6040_0000, 3, 0x6050_0000, 44,
        0x2500_0000,
      ])
  }

  @Test("lo16, hi16 and off16 take an address apart")
  func halves() throws {
    let source = """
      LDI32 R1, lo16(here)
      LDI32 R2, hi16(here)
      LDI R3, off16(here)
      LD R4, [R5+off16(here+1)]
      LDI32 R6, LO16(-1)
      LDI32 R7, hi16(0x12345678)
      .data
      .zero 6
      here: .byte 0
      """
    #expect(
      try words(source) == [
        0x6010_0000, 0x4006, 0x6020_0000, 0, 0x0130_0006, 0x0245_0007, 0x6060_0000, 0xFFFF, 0x6070_0000,
        0x1234,
      ])
  }

  @Test("a jump holds a byte address, a call the distance in words, both ways")
  func branches() throws {
    let source = """
      back: JMP forth
      JZ back
      JNZ forth
      CALL forth
      CALL back
      forth: CALL forth
      """
    #expect(
      try words(source) == [
        0x2100_0014, 0x2200_0000, 0x2300_0014, 0x2400_0002, 0x2400_0FFC, 0x2400_0000,
      ])
  }

  @Test("a jump reaches 4092 and no further, and the error says so")
  func jumpRange() throws {
    #expect(try words("JMP far\n.org 4092\nfar: RET").first == 0x2100_0FFC)
    #expect(
      message("JMP far\n.org 4096\nfar: RET")
        == "1:5: the jump's target is 4096, outside 0 to 4095")
  }

  @Test("a call reaches 2047 words forth and 2048 back, and no further")
  func callRange() throws {
    #expect(try words("CALL far\n.org 8188\nfar: RET").first == 0x2400_07FF)
    #expect(
      message("CALL far\n.org 8192\nfar: RET")
        == "1:6: the call's distance in words is 2048, outside -2048 to 2047")
    #expect(try words("near: RET\n.org 8192\nCALL near").last == 0x2400_0800)
    #expect(!errors("near: RET\n.org 8196\nCALL near").isEmpty)
  }

  @Test(
    "an operand that does not belong is refused, where it stands",
    arguments: [
      ("ADD R1, R2", "1:11: expected `,`, found the end of the line"),
      ("ADD R1, R2, 3", "1:13: expected a register, R0 to R15, found `3`"),
      ("MOV R16, R1", "1:5: expected a register, R0 to R15, found `R16`"),
      ("MOV R01, R1", "1:5: expected a register, R0 to R15, found `R01`"),
      ("RET R1", "1:5: expected the end of the statement, found `R1`"),
      ("LDI R1, 2048", "1:9: the immediate is 2048, outside -2048 to 2047"),
      ("LDI R1, -2049", "1:9: the immediate is -2049, outside -2048 to 2047"),
      ("LDI32 R1, 0x100000000", "1:11: the number is 4294967296, outside -2147483648 to 4294967295"),
      ("LDI32 R1, 99999999999999999999", "1:11: the number does not fit 64 bits"),
      ("LD R1, [R2+2048]", "1:12: the offset is 2048, outside -2048 to 2047"),
      ("LD R1, [R2 4]", "1:12: expected `+`, `-` or `]`, found `4`"),
      ("LD R1, R2", "1:8: expected `[`, found `R2`"),
      ("BRK 256", "1:5: the break's code is 256, outside 0 to 255"),
      ("SVC 4096", "1:5: the system call is 4096, outside 0 to 4095"),
      ("SVC MOD=16, FN=0", "1:9: MOD is 16, outside 0 to 15"),
      ("SVC MOD=1, MOD=2", "1:12: expected `FN=`, found `MOD`"),
      ("LDI R1, ''", "1:9: expected one character between quotes, found 0"),
      ("LDI R1, 12ab", "1:11: expected the end of the number, found `ab`"),
      ("LDI R1, 0x", "1:11: expected hexadecimal digits, found the end of the line"),
      ("LDI R1, nowhere", "1:9: the label `nowhere` is nowhere in this source"),
      ("JMP 2", "1:5: the jump's target is 2, not a multiple of 4"),
      ("HALT", "1:1: there is no instruction `HALT`"),
      ("  42", "1:3: expected a label, an instruction or a directive, found `42`"),
      ("CALL x\n.data\nx: .byte 0", "1:6: `x` is a label in .data, not in .text"),
      ("LDI R1, off16(x)\nx: RET", "1:9: off16 takes an address in .data"),
      ("LDI R1, off16(x+y)\nx: RET\n.data\ny: .byte 0", "1:9: off16 takes an address in .data"),
      ("LDI R1, high(x)", "1:9: expected lo16, hi16 or off16, found `high(`"),
    ])
  func refusals(_ source: String, _ expected: String) {
    #expect(message(source) == expected)
  }
}
