import HSXExecutive
import HSXProtocol
import HSXProvisioning
import MiniVM

/// Registers and memory of tasks over the protocol.
extension ExecutiveHost {
  /// Bytes that `peek` shows if it is not told how many.
  private static let usualLength: UInt32 = 64

  /// Where a value can be read or put.
  private enum RegisterName {
    case general(UInt32)
    case programCounter, stackPointer, flags

    /// `0` to `15`, `0x0` to `0xF`, `R0` to `R15`, `PC`, `SP`, `PSW` or `FLAGS`, in any case.
    init?(_ text: String) {
      let name = text.uppercased()
      switch name {
      case "PC": self = .programCounter
      case "SP": self = .stackPointer
      case "PSW", "FLAGS": self = .flags
      default:
        let digits = name.hasPrefix("R") ? String(name.dropFirst()) : name
        guard let number = Loose<UInt32>.number(digits), number < 16 else { return nil }
        self = .general(number)
      }
    }

    /// How the reply names it.
    var tree: JSONTree {
      switch self {
      case .general(let number): .integer(Int64(number))
      case .programCounter: .string("PC")
      case .stackPointer: .string("SP")
      case .flags: .string("PSW")
      }
    }
  }

  func dumpRegisters(_ request: TaskSelector) throws(Refusal) -> RegistersAnswer {
    let pid = try selected(request.pid)
    return RegistersAnswer(
      registers: registers(of: try refusing { () throws(ProvisioningError) in try executive.task(pid) }))
  }

  func getRegister(_ request: RegisterRequest) throws(Refusal) -> RegisterAnswer {
    guard let name = RegisterName(try require(request.register, "reg")) else {
      throw Refusal(invalid: "reg", expected: "0 to 15, R0 to R15, PC, SP or PSW")
    }
    let pid = try selected(request.pid)
    let processor = try refusing { () throws(ProvisioningError) in try executive.processor(of: pid) }
    let value =
      switch name {
      case .general(let number): processor.registers[Int(number)]
      case .programCounter: processor.programCounter
      case .stackPointer: processor.stackPointer
      case .flags: UInt32(processor.flags)
      }
    return RegisterAnswer(pid: pid, register: name.tree, value: value)
  }

  func setRegister(_ request: RegisterRequest) throws(Refusal) -> RegisterAnswer {
    let text = try require(request.register, "reg")
    let value = try require(request.value, "value")
    guard let name = RegisterName(text), case .general(let number) = name else {
      throw Refusal(invalid: "reg", expected: "0 to 15 or R0 to R15")
    }
    let pid = try selected(request.pid)
    try refusing { () throws(ProvisioningError) in try executive.setRegister(number, to: value, of: pid) }
    return RegisterAnswer(pid: pid, register: name.tree, value: value)
  }

  func peek(_ request: MemoryRequest) throws(Refusal) -> DataAnswer {
    let address = try require(request.address, "addr")
    let pid = try selected(request.pid)
    var length = request.length ?? Self.usualLength
    // Who does not say how many wants what there is.
    if request.length == nil, address < Machine.memorySize {
      length = min(length, Machine.memorySize - address)
    }
    let bytes = try refusing { () throws(ProvisioningError) in
      try executive.peek(pid, at: address, count: length)
    }
    return DataAnswer(data: hexadecimal(bytes))
  }

  func poke(_ request: MemoryRequest) throws(Refusal) -> DataAnswer {
    let address = try require(request.address, "addr")
    guard let data = bytes(hexadecimal: try require(request.data, "data")) else {
      throw Refusal(invalid: "data", expected: "pairs of hexadecimal digits")
    }
    let pid = try selected(request.pid)
    try refusing { () throws(ProvisioningError) in try executive.poke(pid, at: address, data.span) }
    return DataAnswer(data: hexadecimal(data))
  }
}
