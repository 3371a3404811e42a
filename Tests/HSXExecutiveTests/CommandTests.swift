@testable import HSXExecutive
import HSXHAL
import HSXMailbox
import HSXProvisioning
import HSXRegistry
import MiniVM
import Testing

@Suite("Calling a task's commands")
struct CommandTests {
  private func executive(_ policy: Policy = .desktop) -> Executive {
    Executive(policy: policy, platform: .host)
  }

  private let operatorCaller = Caller.client(.user)

  @Test("runs the handler on the task and leaves its registers as they were")
  func sample() throws {
    var executive = executive()
    let pid = try executive.load(goldenImage("thermostat"))
    _ = try executive.run(upTo: 7, now: .zero)
    let before = try executive.processor(of: pid)
    let outcome = executive.call(ObjectID(0x0111), caller: operatorCaller, now: .zero)
    #expect(outcome == CommandOutcome(status: .ok, result: 7))
    var after = try executive.processor(of: pid)
    // The RET at the level of the call ends it and retires nothing.
    #expect(after.retired == before.retired + 1)
    after.retired = before.retired
    #expect(after == before)
    let told = executive.bodies().suffix(2)
    #expect(
      Array(told) == [
        .commandInvoked(objectID: 0x0111, owner: pid, caller: 0),
        .commandCompleted(objectID: 0x0111, owner: pid, caller: 0, status: 0, result: 7),
      ])
  }

  @Test("needs a token for a pin command, which no policy holds yet; with one the handler sets the value")
  func reset() throws {
    var executive = executive()
    _ = try executive.load(goldenImage("thermostat"))
    let factory = Caller.client(.factory)
    #expect(executive.call(ObjectID(0x0110), caller: factory, now: .zero).status == .notPermitted)
    let setpoint = ObjectID(0x0101)
    #expect(executive.setValue(setpoint, to: 0x4900, caller: factory, now: .zero) == .ok)
    let holder = Caller.client(.factory, hasToken: true)
    #expect(executive.call(ObjectID(0x0110), caller: holder, now: .zero).status == .ok)
    #expect(executive.objects.values[setpoint]?.bits == 0x4D60)
  }

  @Test("works on a task that has returned or is paused, and fails on one that was stopped")
  func states() throws {
    var executive = executive()
    let pid = try executive.load(
      assembled(
        """
        .cmd {"group":1,"id":1,"handler":"seven"}
        .text
        .entry main
        main:
        BRK 9
        LDI R1, 0
        DIV R1, R1, R1
        seven:
        LDI R0, 7
        RET
        """))
    let id = ObjectID(0x0101)
    #expect(executive.call(id, caller: operatorCaller, now: .zero).result == 7)
    #expect(try executive.run(upTo: 9, now: .zero).reason == .breakpoint(pid, code: 9))
    #expect(try executive.task(pid).state == .paused)
    #expect(executive.call(id, caller: operatorCaller, now: .zero).result == 7)
    try executive.resume(pid, now: .zero)
    _ = try executive.run(upTo: 9, now: .zero)
    #expect(try executive.task(pid).state == .stopped)
    #expect(executive.call(id, caller: operatorCaller, now: .zero).status == .failed)
    #expect(executive.call(ObjectID(0x0102), caller: operatorCaller, now: .zero).status == .notFound)
    let returning = try executive.load(goldenImage("thermostat"))
    _ = try executive.run(upTo: 100, now: .zero)
    #expect(try executive.task(returning).state == .returned)
    #expect(executive.call(ObjectID(0x0111), caller: operatorCaller, now: .zero).result == 7)
    #expect(try executive.task(returning).state == .returned)
  }

  @Test(
    "one that faults, overruns, breaks, exits or calls itself without end fails, and memory is as before",
    arguments: [
      "LDI R1, 0\nDIV R1, R1, R1", "here:\nJMP here", "BRK 1", "SVC 0x100",
      "LDI32 R1, 0x0101\nSVC 0x802\nJMP bad",
    ])
  func failing(body: String) throws {
    var executive = executive()
    let pid = try executive.load(
      assembled(
        """
        .cmd {"group":1,"id":1,"handler":"bad"}
        .text
        .entry main
        main:
        JMP main
        bad:
        LDI32 R6, 0x2000
        LDI R7, 85
        STB [R6+0], R7
        PUSH R7
        \(body)
        """))
    _ = try executive.run(upTo: 3, now: .zero)
    let before = try executive.peek(pid, at: 0, count: 0x1_0000)
    let registers = try executive.processor(of: pid).registers
    let outcome = executive.call(ObjectID(0x0101), caller: operatorCaller, now: .zero)
    #expect(outcome == CommandOutcome(status: .failed, result: nil))
    #expect(try executive.peek(pid, at: 0, count: 0x1_0000) == before)
    #expect(try executive.processor(of: pid).registers == registers)
    #expect(try executive.task(pid).state == .running)
    #expect(try executive.run(upTo: 10, now: .zero).retired == 10)
  }

  @Test("handlers that call others share one budget of instructions")
  func nestedBudget() throws {
    var policy = Policy.desktop
    policy.budget.handlerInstructions = 1000
    var executive = executive(policy)
    let pid = try executive.load(
      assembled(
        """
        .cmd {"group":1,"id":1,"handler":"outer"}
        .cmd {"group":1,"id":2,"handler":"inner"}
        .text
        .entry main
        main:
        RET
        outer:
        LDI32 R1, 0x0102
        SVC 0x802
        JMP outer
        inner:
        JMP inner
        """))
    #expect(executive.call(ObjectID(0x0101), caller: operatorCaller, now: .zero).status == .failed)
    #expect(try executive.processor(of: pid).retired == 1000)
  }

  @Test("a sleep, a wait and a file in a handler are over at once")
  func cannotWait() throws {
    var executive = executive()
    let pid = try executive.load(
      assembled(
        """
        .cmd {"group":1,"id":1,"handler":"work"}
        .text
        .entry main
        main:
        JMP main
        work:
        LDI R0, 1000
        SVC 0x600
        LDI R1, 1
        LDI32 R2, 0x2000
        LDI R3, 8
        LDI R4, 1000
        LDI R5, 0
        SVC 0x503
        MOV R8, R0
        LDI32 R1, name
        SVC 0x400
        ADD R0, R0, R8
        RET
        .data
        name:
        .asciz "a"
        """))
    let outcome = executive.call(ObjectID(0x0101), caller: operatorCaller, now: .zero)
    // No data is 3, and the file failed with -1.
    #expect(outcome == CommandOutcome(status: .ok, result: 2))
    #expect(executive.nextEffect() == nil)
    #expect(try executive.task(pid).state == .ready)
  }

  @Test("a task that waits for a message which its own handler sends gets it")
  func handlerWakesItsTask() throws {
    var executive = executive()
    let pid = try executive.load(
      assembled(
        """
        .cmd {"group":1,"id":1,"handler":"post"}
        .mailbox {"target":"app:own"}
        .text
        .entry main
        main:
        LDI32 R1, box
        LDI R2, 3
        SVC 0x500
        MOV R8, R1
        LDI32 R2, 0x2000
        LDI R3, 8
        LDI32 R4, 0xFFFF
        LDI R5, 0
        SVC 0x503
        LDI32 R6, 0x2000
        LDB R7, [R6+0]
        ADD R0, R1, R7
        RET
        post:
        LDI R1, 4
        LDI32 R2, text
        LDI R3, 3
        LDI R4, 0
        LDI R5, 0
        SVC 0x502
        LDI R0, 9
        RET
        .data
        box:
        .asciz "app:own"
        text:
        .asciz "ABC"
        """))
    _ = try executive.run(upTo: 100, now: .zero)
    #expect(try executive.task(pid).state == .waitingMailbox)
    let outcome = executive.call(ObjectID(0x0101), caller: operatorCaller, now: .zero)
    #expect(outcome == CommandOutcome(status: .ok, result: 9))
    #expect(try executive.task(pid).state == .running)
    _ = try executive.run(upTo: 100, now: .zero)
    // Three bytes, the first an A.
    #expect(try executive.task(pid).ending == .returned(status: 3 + 65))
  }

  @Test("a task calls another's command, and gets the answer of one called without waiting in its mailbox")
  func byTasks() throws {
    var executive = executive()
    _ = try executive.load(goldenImage("thermostat"))
    let pid = try executive.load(
      assembled(
        """
        .mailbox {"target":"app:answers"}
        .text
        .entry main
        main:
        LDI32 R1, box
        LDI R2, 3
        SVC 0x500
        MOV R9, R1
        LDI32 R1, 0x0111
        LDI R2, 0
        SVC 0x802
        MOV R8, R1
        LDI32 R1, 0x0111
        LDI R2, 0
        LDI32 R3, box
        SVC 0x803
        MOV R1, R9
        LDI32 R2, 0x2000
        LDI R3, 16
        LDI R4, 0
        LDI R5, 0
        SVC 0x503
        RET
        .data
        box:
        .asciz "app:answers"
        """, name: "caller"))
    _ = try executive.run(upTo: 1000, now: .zero)
    let registers = try executive.processor(of: pid).registers
    #expect(registers[8] == 7)
    #expect(registers[0] == 0)
    #expect(registers[1] == 8)
    #expect(try executive.peek(pid, at: 0x2000, count: 8) == [0x11, 0x01, 0, 0, 7, 0, 0, 0])
  }
}
