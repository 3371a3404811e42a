@testable import HSXExecutive
import HSXHAL
import HSXMailbox
@testable import HSXProvisioning
import HSXRegistry
import HXE
import MiniVM
import Testing

@Suite("Programs that ask for anything")
struct HostileProgramTests {
  /// A small generator with a seed, so that a failure can be had again.
  private struct Generator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var mixed = state
      mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
      mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
      return mixed ^ (mixed >> 31)
    }
  }

  private static let calls: [Int] = [
    0x000, 0x101, 0x200, 0x400, 0x401, 0x402, 0x403, 0x40A, 0x40B, 0x40C, 0x40D, 0x500, 0x501, 0x502, 0x503,
    0x504, 0x505, 0x506, 0x600, 0x700, 0x701, 0x702, 0x703, 0x704, 0x705, 0x706, 0x800, 0x801, 0x802, 0x803,
    0x804,
  ]

  private static let words = [
    0, 1, 2, 3, 4, 5, 8, 64, 255, 256, 0x0101, 0x0102, 0x0111, 0x1000, 0x4000, 0x4008, 0x4010, 0x4018, 0x8000,
    0xFFFD, 0xFFFF, 0x1_0000, 0x4000_0000, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFE, 0xFFFF_FFFF,
  ]

  private func source(_ generator: inout Generator, instance: Int) -> String {
    var lines = [
      ".value {\"group\":1,\"id\":\(instance),\"init\":1.0,\"flags\":\"STICKY\"}",
      ".cmd {\"group\":1,\"id\":\(16 + instance),\"flags\":\"ASYNC\",\"handler\":\"handler\"}",
      ".mailbox {\"target\":\"shared:one\",\"capacity\":64}", ".text", ".entry main", "main:",
    ]
    for position in 0..<50 {
      if position == 30 { lines.append("handler:") }
      let register = Int.random(in: 0...5, using: &generator)
      switch Int.random(in: 0..<10, using: &generator) {
      case 0..<4: lines.append("LDI32 R\(register), \(Self.words.randomElement(using: &generator) ?? 0)")
      case 4..<8: lines.append("SVC \(Self.calls.randomElement(using: &generator) ?? 0)")
      case 8: lines.append("MOV R1, R\(register)")
      default: lines.append(position > 30 ? "JZ handler" : "JZ main")
      }
    }
    lines += ["RET", ".data", ".asciz \"app:x\"", ".byte 0, 0", ".asciz \"shared:one\"", ".asciz \"a/b\""]
    return lines.joined(separator: "\n")
  }

  @Test(
    "end nobody but themselves, come to the same on both engines, and go without trace", arguments: 0..<16)
  func anything(seed: UInt64) throws {
    func outcome(_ platform: Platform) throws -> (state: Fingerprint, end: Fingerprint, events: UInt64) {
      var generator = Generator(state: seed)
      var policy = Policy.desktop
      policy.budget.handlerInstructions = 500
      policy.budget.effects = 4
      policy.budget.registry.values = 8
      policy.budget.mailboxes.descriptors = 20
      policy.budget.mailboxes.handlesPerTask = 6
      var executive = Executive(policy: policy, platform: platform)
      for instance in 1...2 {
        _ = try executive.load(assembled(source(&generator, instance: instance), name: "hostile\(instance)"))
      }
      let successor = try assembled(source(&generator, instance: 1), name: "hostile1")
      var time: UInt64 = 0
      for round in 0..<60 {
        time += UInt64.random(in: 0...300, using: &generator)
        let now = Instant(milliseconds: time)
        let budget = UInt32.random(in: 0...400, using: &generator)
        let summary = try executive.run(upTo: budget, now: now)
        #expect(summary.retired <= budget)
        let id = ObjectID(UInt16(0x0110 + Int.random(in: 0...3, using: &generator)))
        _ = executive.call(id, caller: .client(.user), now: now)
        _ = executive.setValue(ObjectID(0x0101), to: UInt16(time & 0x3FFF), caller: .client(.user), now: now)
        while let effect = executive.nextEffect() {
          guard case .file(let pid, let number, _) = effect else { continue }
          let data: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 8, 9]
          let result = Int32.random(in: -1...9, using: &generator)
          _ = refusal { () throws(ProvisioningError) in
            try executive.completeFile(pid, number: number, result: result, data: data.span, now: now)
          }
        }
        if round % 20 == 10 {
          _ = refusal { () throws(ProvisioningError) in
            try executive.load(successor, replaces: true, probation: 200, at: time)
          }
        }
        if round % 7 == 3 {
          _ = refusal { () throws(ProvisioningError) in try executive.pause(2, now: now) }
        } else if round % 7 == 4 {
          _ = refusal { () throws(ProvisioningError) in try executive.resume(2, now: now) }
        }
      }
      let state = executive.fingerprint
      for task in executive.taskList { try executive.kill(task.pid, now: .zero) }
      return (state, executive.fingerprint, executive.events.nextSequence)
    }
    let host = try outcome(.host)
    let small = try outcome(.microcontroller)
    #expect(host.state == small.state)
    #expect(host.events == small.events)
    #expect(host.end == Executive(policy: .desktop, platform: .host).fingerprint)
  }
}
