/// How an instruction's operands are written.
public enum OperandForm: Equatable, Sendable {
  /// `RET`
  case none
  /// `POP Rd`
  case destination
  /// `PUSH Ra`
  case source
  /// `MOV Rd, Ra`
  case destinationSource
  /// `ADD Rd, Ra, Rb`
  case destinationTwoSources
  /// `CMP Ra, Rb`
  case twoSources
  /// `LDI Rd, imm12`
  case destinationImmediate
  /// `LDI32 Rd, imm32`, a second word
  case destinationWord
  /// `LD Rd, [Ra+imm]`
  case load
  /// `ST [Ra+imm], Rb`
  case store
  /// `JMP label`: an absolute address
  case jump
  /// `CALL label`: words from the instruction
  case call
  /// `SVC imm12` or `SVC MOD=m, FN=f`
  case service
  /// `BRK [imm8]`
  case breakpoint
}

/// The instructions, as written and as encoded.
public struct InstructionSet {
  /// One instruction.
  public struct Entry: Equatable, Sendable {
    /// Its name, in capitals.
    public let mnemonic: String
    /// Bits 31 to 24 of its word.
    public let opcode: UInt8
    /// How its operands are written.
    public let form: OperandForm
  }

  /// All instructions, by opcode.
  public static let entries: [Entry] = [
    Entry(mnemonic: "LDI", opcode: 0x01, form: .destinationImmediate),
    Entry(mnemonic: "LD", opcode: 0x02, form: .load),
    Entry(mnemonic: "ST", opcode: 0x03, form: .store),
    Entry(mnemonic: "MOV", opcode: 0x04, form: .destinationSource),
    Entry(mnemonic: "LDB", opcode: 0x06, form: .load),
    Entry(mnemonic: "LDH", opcode: 0x07, form: .load),
    Entry(mnemonic: "STB", opcode: 0x08, form: .store),
    Entry(mnemonic: "STH", opcode: 0x09, form: .store),
    Entry(mnemonic: "ADD", opcode: 0x10, form: .destinationTwoSources),
    Entry(mnemonic: "SUB", opcode: 0x11, form: .destinationTwoSources),
    Entry(mnemonic: "MUL", opcode: 0x12, form: .destinationTwoSources),
    Entry(mnemonic: "DIV", opcode: 0x13, form: .destinationTwoSources),
    Entry(mnemonic: "AND", opcode: 0x14, form: .destinationTwoSources),
    Entry(mnemonic: "OR", opcode: 0x15, form: .destinationTwoSources),
    Entry(mnemonic: "XOR", opcode: 0x16, form: .destinationTwoSources),
    Entry(mnemonic: "NOT", opcode: 0x17, form: .destinationSource),
    Entry(mnemonic: "CMP", opcode: 0x20, form: .twoSources),
    Entry(mnemonic: "JMP", opcode: 0x21, form: .jump),
    Entry(mnemonic: "JZ", opcode: 0x22, form: .jump),
    Entry(mnemonic: "JNZ", opcode: 0x23, form: .jump),
    Entry(mnemonic: "CALL", opcode: 0x24, form: .call),
    Entry(mnemonic: "RET", opcode: 0x25, form: .none),
    Entry(mnemonic: "SVC", opcode: 0x30, form: .service),
    Entry(mnemonic: "LSL", opcode: 0x31, form: .destinationTwoSources),
    Entry(mnemonic: "LSR", opcode: 0x32, form: .destinationTwoSources),
    Entry(mnemonic: "ASR", opcode: 0x33, form: .destinationTwoSources),
    Entry(mnemonic: "ADC", opcode: 0x34, form: .destinationTwoSources),
    Entry(mnemonic: "SBC", opcode: 0x35, form: .destinationTwoSources),
    Entry(mnemonic: "PUSH", opcode: 0x40, form: .source),
    Entry(mnemonic: "POP", opcode: 0x41, form: .destination),
    Entry(mnemonic: "FADD", opcode: 0x50, form: .destinationTwoSources),
    Entry(mnemonic: "FSUB", opcode: 0x51, form: .destinationTwoSources),
    Entry(mnemonic: "FMUL", opcode: 0x52, form: .destinationTwoSources),
    Entry(mnemonic: "FDIV", opcode: 0x53, form: .destinationTwoSources),
    Entry(mnemonic: "I2F", opcode: 0x54, form: .destinationSource),
    Entry(mnemonic: "F2I", opcode: 0x55, form: .destinationSource),
    Entry(mnemonic: "LDI32", opcode: 0x60, form: .destinationWord),
    Entry(mnemonic: "BRK", opcode: 0x7F, form: .breakpoint),
  ]

  private static let byMnemonic = Dictionary(uniqueKeysWithValues: entries.map { ($0.mnemonic, $0) })

  /// The instruction of this name, in any case; nil if there is none.
  public static func entry(named name: String) -> Entry? { byMnemonic[name.uppercased()] }
}
