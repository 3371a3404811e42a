import Foundation
import MiniVM
import Testing

/// What tests/images/expected.json says of images that need nobody but the machine.
@Suite("The golden images")
struct ImageRunTests {
  struct File: Decodable { var good: [String: Entry] }

  struct Entry: Decodable {
    struct Run: Decodable, Equatable {
      var retired: UInt64
      var finished: Bool
      var regs: [UInt32]
      var pc: UInt32
      var exit_status: UInt32?
      var uart_text: String
    }
    var run: Run
  }

  static let names = [
    "calls", "crc32", "fault", "forever", "gcd", "half", "hello", "large", "solo", "sum", "sum_v1",
    "legacy_mailbox", "manifest", "unknown_section",
  ]

  private func field(_ image: [UInt8], _ offset: Int, _ bytes: Int) -> UInt32 {
    image[offset..<offset + bytes].reduce(0) { $0 << 8 | UInt32($1) }
  }

  @Test(
    "run to the recorded end, in slices of any size", arguments: names,
    EngineChoice.allCases)
  func run(_ name: String, _ choice: EngineChoice) throws {
    let expected = try JSONDecoder().decode(File.self, from: Fixtures.data("images/expected.json"))
    for slice: UInt32 in [7, 256, 100_000] {
      let run = try outcome([UInt8](Fixtures.data("images/\(name).hxe")), choice, slice: slice)
      #expect(run == expected.good[name]?.run, "slices of \(slice)")
    }
  }

  private func outcome(_ image: [UInt8], _ choice: EngineChoice, slice: UInt32) throws -> Entry.Run {
    let start = field(image, 4, 2) == 1 ? 32 : 96
    let codeLength = Int(field(image, 12, 4))
    let rodataLength = Int(field(image, 16, 4))
    var machine = Machine(engine: choice.engine, taskLimit: 1)
    let pid = try machine.reserve(
      TaskLayout(
        entry: field(image, 8, 4), codeLength: UInt32(codeLength), rodataLength: UInt32(rodataLength),
        bssSize: field(image, 20, 4)))
    let bytes = image.span
    // In pieces, as they come.
    let half = codeLength / 8 * 4
    try machine.writeCode(pid, bytes.extracting(start..<start + half), at: 0)
    try machine.writeCode(
      pid, bytes.extracting(start + half..<start + codeLength), at: UInt32(half))
    try machine.writeRodata(
      pid, bytes.extracting(start + codeLength..<start + codeLength + rodataLength), at: 0)
    try machine.makeReady(pid)

    var text: [UInt8] = []
    var left: UInt32 = 200_000
    while left > 0, try machine.status(pid) == .ready {
      let result = try machine.run(pid, upTo: min(slice, left))
      left -= result.retired
      guard case .systemCall(let module, let function) = result.reason else { continue }
      if try machine.answerTaskCall(pid, module: module, function: function) { continue }
      if (module, function) == (1, 1) {
        let count = try machine.register(2, of: pid)
        text += try machine.withMemory(of: pid, at: machine.register(1, of: pid), count: Int(count)) { span in
          span.withUnsafeBufferPointer { [UInt8]($0) }
        }
        try machine.setRegister(0, of: pid, to: count)
      } else {
        try machine.setRegister(0, of: pid, to: Machine.unknownCall)
      }
    }
    let status = try machine.status(pid)
    let registers = try machine.allRegisters(of: pid)
    return Entry.Run(
      retired: try machine.retired(of: pid), finished: status != .ready, regs: registers,
      pc: try machine.programCounter(of: pid), exit_status: status == .returned ? registers[0] : nil,
      uart_text: String(decoding: text, as: UTF8.self))
  }
}
