@testable import HSXExecutive
import HSXHAL
import HSXMailbox
@testable import HSXProvisioning
import HSXRegistry
import HXE
import MiniVM
import Testing

@Suite("Replacing a running app")
struct ReplacingTests {
  /// A version of the app: a value, a mailbox, and what it does when it runs.
  private func version(_ body: String, initial: String = "1.0", mode: String = "RDWR") throws -> [UInt8] {
    try assembled(
      """
      .value {"group":1,"id":1,"name":"speed","flags":"PERSIST","init":\(initial),"persist_key":77}
      .mailbox {"target":"app:log","capacity":96,"mode":"\(mode)"}
      .text
      .entry main
      main:
      \(body)
      """, name: "pump")
  }

  private let loop = "LDI R3, 42\nhere:\nJMP here"
  private let crash = "LDI R1, 5\nLDI R2, 0\nDIV R3, R1, R2"
  private let speed = ObjectID(0x0101)

  // The first pid that there is.
  private let old: PID = 1

  private func running() throws -> Executive {
    var executive = Executive(policy: .desktop, platform: .host)
    #expect(try executive.load(version(loop)) == old)
    _ = try executive.run(upTo: 10, now: .zero)
    #expect(executive.setValue(speed, to: 0x4400, caller: .client(.factory), now: .zero) == .ok)
    return executive
  }

  @Test("swaps the tasks under one name, with the persisted value, and confirms after the probation")
  func swap() throws {
    var executive = try running()
    let new = try executive.load(version(loop, initial: "2.0"), replaces: true, probation: 100, at: 1)
    #expect(executive.taskList.map(\.pid) == [new])
    #expect(try executive.task(new).name == ShortName("pump"))
    #expect(executive.objects.values[speed]?.owner == new)
    #expect(executive.objects.values[speed]?.bits == 0x4400)
    #expect(executive.machine.taskCount == 2)
    // The probation begins when it runs, not when it is loaded.
    executive.advance(to: Instant(milliseconds: 500))
    #expect(executive.machine.taskCount == 2)
    _ = try executive.run(upTo: 10, now: Instant(milliseconds: 600))
    #expect(executive.nextDeadline == Instant(milliseconds: 700))
    executive.advance(to: Instant(milliseconds: 699))
    #expect(executive.machine.taskCount == 2)
    executive.advance(to: Instant(milliseconds: 700))
    #expect(executive.machine.taskCount == 1)
    #expect(executive.nextDeadline == nil)
    let late = refusal { () throws(ProvisioningError) in try executive.task(old) }
    #expect(late == .unknownTask(old))
    #expect(
      executive.bodies().contains(.taskState(from: .paused, to: .terminated, reason: .replaced, detail: nil)))
  }

  @Test("a fault in the probation brings the old one back as it was", arguments: [true, false])
  func rollback(faults: Bool) throws {
    var executive = try running()
    let before = executive.fingerprint
    let processor = try executive.processor(of: old)
    let body = faults ? crash : "LDI R0, 3\nRET"
    let new = try executive.load(version(body, mode: "RDWR|FANOUT_DROP"), replaces: true)
    #expect(executive.setValue(speed, to: 0x3C00, caller: .client(.factory), now: .zero) == .ok)
    #expect(try executive.run(upTo: 10, only: new, now: .zero).reason == .idle)
    var after = executive.fingerprint
    for index in after.tasks.indices { after.tasks[index].waitsSince = before.tasks[index].waitsSince }
    #expect(after == before)
    #expect(try executive.processor(of: old) == processor)
    let cause: RollbackCause = faults ? .fault(.divideByZero) : .exit(status: 3)
    let told = executive.bodies().contains {
      if case .rollback(_, let from, let to, _, _, let why) = $0 {
        from == new && to == old && why == cause
      } else {
        false
      }
    }
    #expect(told)
    _ = try executive.run(upTo: 10, now: .zero)
    #expect(try executive.processor(of: old).retired == processor.retired + 10)
  }

  @Test("one that returns well in its probation is confirmed")
  func returnsWell() throws {
    var executive = try running()
    let new = try executive.load(version("LDI R0, 0\nRET"), replaces: true)
    _ = try executive.run(upTo: 10, now: .zero)
    #expect(executive.taskList.map(\.pid) == [new])
    #expect(executive.machine.taskCount == 1)
  }

  @Test("a third version that fails goes back to the one that had proved itself, not to the second")
  func chain() throws {
    var executive = try running()
    let second = try executive.load(version(loop), replaces: true)
    _ = try executive.run(upTo: 10, now: .zero)
    _ = try executive.load(version(crash), replaces: true)
    #expect(executive.machine.taskCount == 2)
    _ = try executive.run(upTo: 3, now: .zero)
    #expect(executive.taskList.map(\.pid) == [old])
    #expect(executive.machine.taskCount == 1)
    #expect(executive.objects.values[speed]?.owner == old)
    #expect(executive.objects.values[speed]?.bits == 0x4400)
    #expect(executive.setValue(speed, to: 0x4000, caller: .client(.factory), now: .zero) == .ok)
    let gone = refusal { () throws(ProvisioningError) in try executive.task(second) }
    #expect(gone == .unknownTask(second))
  }

  @Test("killing the new one in its probation takes the old one too")
  func kill() throws {
    var executive = try running()
    let new = try executive.load(version(loop), replaces: true)
    try executive.kill(new, now: .zero)
    #expect(executive.fingerprint == Executive(policy: .desktop, platform: .host).fingerprint)
  }

  @Test("nobody can take what the old one may come back to")
  func thirdTask() throws {
    var executive = try running()
    _ = try executive.load(
      assembled(".text\n.entry main\nmain:\nJMP main\n", name: "pump"), replaces: true)
    #expect(executive.objects.values[speed] == nil)
    let rival = try assembled(
      ".value {\"group\":1,\"id\":1}\n.text\n.entry main\nmain:\nJMP main\n", name: "rival")
    let error = refusal { () throws(ProvisioningError) in try executive.load(rival) }
    #expect(error == .valueExists(objectID: 0x0101, owner: old))
  }

  @Test("a task that waited is told that its time ran out when it comes back")
  func waiting() throws {
    var executive = Executive(policy: .desktop, platform: .host)
    let wait =
      "LDI R1, 1\nLDI32 R2, 0x2000\nLDI R3, 8\nLDI32 R4, 0xFFFF\nLDI R5, 0\nSVC 0x503\nhere:\nJMP here"
    let old = try executive.load(version(wait))
    _ = try executive.run(upTo: 100, now: .zero)
    #expect(try executive.task(old).state == .waitingMailbox)
    _ = try executive.load(version(crash), replaces: true)
    _ = try executive.run(upTo: 100, now: .zero)
    #expect(try executive.task(old).state == .running)
    #expect(try executive.processor(of: old).registers[0] == 7)
  }

  @Test("replacing an app that is not there loads it")
  func nothingToReplace() throws {
    var executive = Executive(policy: .desktop, platform: .host)
    let pid = try executive.load(version(loop), replaces: true)
    #expect(executive.taskList.map(\.pid) == [pid])
    #expect(executive.provisioner.standbys.isEmpty)
  }

  @Test("a replacement that asks for another's object id fails and the old one runs on")
  func failedReplacement() throws {
    var executive = try running()
    _ = try executive.load(goldenImage("odometer"))
    let before = executive.fingerprint
    let rival = try assembled(
      ".value {\"group\":2,\"id\":1}\n.text\n.entry main\nmain:\nJMP main\n", name: "pump")
    let error = refusal { () throws(ProvisioningError) in try executive.load(rival, replaces: true) }
    #expect(error?.code == .exists)
    #expect(executive.fingerprint == before)
    #expect(try executive.task(old).state == .running)
  }
}
