@testable import HSXExecutive
import HSXHAL
import HSXProvisioning
import HSXRegistry
import HXE
import MiniVM
import Testing

@Suite("Whose turn it is")
struct SchedulingTests {
  private func loops(_ count: Int) throws -> Executive {
    var executive = Executive(policy: .desktop, platform: .host)
    for _ in 0..<count { _ = try executive.load(goldenImage("forever")) }
    return executive
  }

  private func retired(_ executive: borrowing Executive) throws -> [UInt64] {
    var counts: [UInt64] = []
    for task in executive.taskList { counts.append(try executive.processor(of: task.pid).retired) }
    return counts
  }

  @Test("equal tasks get a quantum each, in turn")
  func roundRobin() throws {
    var executive = try loops(3)
    _ = try executive.run(upTo: 256 * 7, now: .zero)
    #expect(try retired(executive) == [768, 512, 512])
    try executive.schedule(2, priority: nil, quantum: 1000)
    _ = try executive.run(upTo: 1000 + 256, now: .zero)
    #expect(try retired(executive) == [768, 1512, 768])
  }

  @Test("a lower number runs first, and the others still get one slice in 64")
  func priorities() throws {
    var executive = try loops(2)
    try executive.schedule(2, priority: 1, quantum: nil)
    _ = try executive.run(upTo: 256 * 640, now: .zero)
    let counts = try retired(executive)
    #expect(counts[0] == 256 * 10)
    #expect(counts[1] == 256 * 630)
  }

  @Test(
    "the same instructions come to the same, however they are sliced",
    arguments: [1, 3, 100, 255, 256, 257, 5000])
  func slicing(step: UInt32) throws {
    func mixed() throws -> Executive {
      var executive = try loops(2)
      for name in ["thermostat", "mailbox_ping", "sum", "hello", "calls"] {
        _ = try executive.load(goldenImage(name))
      }
      try executive.schedule(2, priority: 3, quantum: 77)
      try executive.schedule(5, priority: 3, quantum: 100)
      return executive
    }
    let total: UInt32 = 30_000
    var whole = try mixed()
    _ = try whole.run(upTo: total, now: .zero)
    var sliced = try mixed()
    var left = total
    while left > 0 {
      let summary = try sliced.run(upTo: min(step, left), now: .zero)
      left -= summary.retired
      if summary.reason == .effectsPending { while sliced.nextEffect() != nil {} }
    }
    #expect(sliced.fingerprint == whole.fingerprint)
    for task in whole.taskList {
      #expect(try sliced.processor(of: task.pid) == whole.processor(of: task.pid))
    }
  }

  @Test("a task alone is interrupted at the same quantum when another wakes")
  func aloneThenNot() throws {
    for step: UInt32 in [1, 50, 100_000] {
      var executive = try loops(1)
      let sleeper = try executive.load(
        assembled(".text\n.entry main\nmain:\nLDI R0, 5\nSVC 0x600\nloop:\nJMP loop\n"))
      func run(_ count: UInt32, at milliseconds: UInt64) throws {
        var left = count
        while left > 0 {
          let now = Instant(milliseconds: milliseconds)
          left -= try executive.run(upTo: min(step, left), now: now).retired
        }
      }
      try run(1000, at: 0)
      #expect(try executive.task(sleeper).state == .sleeping)
      try run(1000, at: 5)
      // Of its fourth quantum 26 were left; then both take turns, the one that woke first.
      #expect(try retired(executive) == [998 + 26 + 256 + 206, 2 + 256 + 256], "steps of \(step)")
    }
  }

  @Test("a paused task does not run, a killed one is gone, and an unknown one is refused")
  func control() throws {
    var executive = try loops(2)
    try executive.pause(1, now: .zero)
    _ = try executive.run(upTo: 512, now: .zero)
    #expect(try retired(executive) == [0, 512])
    let alone = refusal { () throws(ProvisioningError) in try executive.run(upTo: 1, only: 1, now: .zero) }
    #expect(alone == .wrongTaskState(1, .paused))
    try executive.resume(1, now: .zero)
    _ = try executive.run(upTo: 100, only: 1, now: .zero)
    #expect(try retired(executive) == [100, 512])
    try executive.kill(1, now: .zero)
    #expect(executive.taskList.map(\.pid) == [2])
    let gone = refusal { () throws(ProvisioningError) in try executive.kill(1, now: .zero) }
    #expect(gone == .unknownTask(1))
    #expect(
      executive.bodies().contains(.taskState(from: .running, to: .terminated, reason: .killed, detail: nil)))
    try executive.kill(2, now: .zero)
    #expect(executive.fingerprint == Executive(policy: .desktop, platform: .host).fingerprint)
    #expect(try executive.run(upTo: 10, now: .zero).reason == .idle)
  }

  @Test("a task that sleeps runs again at its time, told by the next deadline")
  func sleep() throws {
    var executive = Executive(policy: .desktop, platform: .host)
    let pid = try executive.load(
      assembled(".text\n.entry main\nmain:\nLDI R0, 250\nSVC 0x600\nLDI R0, 4\nSVC 0x100\n"))
    let start = Instant(milliseconds: 1000)
    #expect(try executive.run(upTo: 100, now: start).reason == .idle)
    #expect(executive.nextDeadline == Instant(milliseconds: 1250))
    #expect(try executive.run(upTo: 100, now: Instant(milliseconds: 1249)).retired == 0)
    _ = try executive.run(upTo: 100, now: Instant(milliseconds: 1250))
    #expect(try executive.task(pid).ending == .exited(status: 4))
    #expect(try executive.task(pid).exitStatus == 4)
    #expect(executive.nextDeadline == nil)
  }

  @Test("a fault stops the task alone, which stays listed with its registers")
  func fault() throws {
    var executive = try loops(1)
    let pid = try executive.load(goldenImage("fault"))
    _ = try executive.run(upTo: 2000, now: .zero)
    #expect(try executive.task(pid).state == .stopped)
    #expect(try executive.processor(of: pid).registers[0] == 0xFFFF_FF05)
    #expect(try executive.task(1).state == .running)
    let resumed = refusal { () throws(ProvisioningError) in try executive.resume(pid, now: .zero) }
    #expect(resumed?.code == .busy)
  }
}
