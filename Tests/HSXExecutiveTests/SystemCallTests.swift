@testable import HSXExecutive
import HSXHAL
import HSXMailbox
@testable import HSXProvisioning
import HSXRegistry
import HXE
import MiniVM
import Testing

@Suite("What programs ask the executive for")
struct SystemCallTests {
  private func at(_ milliseconds: UInt64) -> Instant { Instant(milliseconds: milliseconds) }

  private func executive(
    _ body: String, declarations: String = "", data: String = "", policy: Policy = .desktop
  ) throws -> Executive {
    var executive = Executive(policy: policy, platform: .host)
    _ = try executive.load(
      assembled("\(declarations)\n.text\n.entry main\nmain:\n\(body)\n.data\nzero:\n.byte 0\n\(data)\n"))
    return executive
  }

  @Test(
    "an unknown call is answered with the number of its module",
    arguments: [
      (0x001, 0xFFFF_FF01), (0x102, 0xFFFF_FF01), (0x201, 0xFFFF_FF01), (0x300, 0xFFFF_FF01),
      (0x404, 0xFFFF_FF01), (0x507, 0xFF), (0x601, 0xFFFF_FF01), (0x707, 4), (0x805, 4), (0xF00, 0xFFFF_FF01),
    ] as [(UInt32, UInt32)])
  func unknown(call: UInt32, answer: UInt32) throws {
    var executive = try executive("SVC \(call)\nRET")
    _ = try executive.run(upTo: 10, now: .zero)
    #expect(try executive.task(1).ending == .returned(status: answer))
  }

  @Test("the count of instructions leaves the asking one out")
  func count() throws {
    var executive = try executive("LDI R1, 1\nLDI R1, 1\nSVC 0x000\nRET")
    _ = try executive.run(upTo: 10, now: .zero)
    #expect(try executive.task(1).ending == .returned(status: 2))
  }

  @Test("text on the serial line is an effect and an event, cut at the end of memory")
  func uart() throws {
    var executive = try executive(
      "LDI32 R1, text\nLDI R2, 5\nSVC 0x101\nMOV R8, R0\nLDI32 R1, 0xFFFE\nLDI R2, 10\nSVC 0x101\nRET",
      data: "text:\n.ascii \"hello\"")
    _ = try executive.run(upTo: 100, now: .zero)
    #expect(executive.nextEffect() == .uartWrite(1, Array("hello".utf8)))
    #expect(executive.nextEffect() == .uartWrite(1, [0, 0]))
    #expect(executive.nextEffect() == nil)
    #expect(executive.bodies().contains(.output(.standardOutput, Array("hello".utf8))))
    #expect(try executive.processor(of: 1).registers[8] == 5)
    #expect(try executive.task(1).ending == .returned(status: 2))
  }

  @Test("text is told in pieces of bounded size")
  func longText() throws {
    var executive = try executive("LDI32 R1, 0x4000\nLDI32 R2, 2500\nSVC 0x101\nRET")
    _ = try executive.run(upTo: 100, now: .zero)
    let sizes = executive.bodies().compactMap { body -> Int? in
      if case .output(_, let text) = body { text.count } else { nil }
    }
    #expect(sizes == [1024, 1024, 452])
  }

  @Test("tasks pause when the driver does not take their effects, and lose none")
  func backPressure() throws {
    var policy = Policy.desktop
    policy.budget.effects = 4
    var executive = try executive(
      """
      LDI32 R1, 0x2000
      LDI R3, 10
      LDI R4, 1
      again:
      STB [R1+0], R3
      LDI R2, 1
      SVC 0x101
      SUB R3, R3, R4
      JNZ again
      RET
      """, policy: policy)
    #expect(try executive.run(upTo: 1000, now: .zero).reason == .effectsPending)
    var seen: [UInt8] = []
    for _ in 0..<20 {
      while case .uartWrite(_, let bytes)? = executive.nextEffect() { seen += bytes }
      _ = try executive.run(upTo: 1000, now: .zero)
    }
    #expect(seen == (1...10).reversed())
    #expect(try executive.task(1).state == .returned)
  }

  @Test(
    "a frame goes on the bus if it is one",
    arguments: [(0x123, 3, true), (0x800, 3, false), (0x7FF, 9, false)])
  func can(identifier: Int, length: Int, isFrame: Bool) throws {
    var executive = try executive(
      "LDI32 R1, \(identifier)\nLDI32 R2, bytes\nLDI R3, \(length)\nSVC 0x200\nRET",
      data: "bytes:\n.byte 1, 2, 3, 4, 5, 6, 7, 8, 9")
    _ = try executive.run(upTo: 100, now: .zero)
    let payload: [UInt8] = [1, 2, 3]
    let frame = CANFrame(identifier: UInt32(identifier), bytes: payload.span)
    #expect(executive.nextEffect() == (isFrame ? frame.map { .canTransmit(1, $0) } : nil))
    #expect(try executive.task(1).ending == .returned(status: isFrame ? 0 : .max))
  }

  @Test("a file operation waits for the driver, which brings result and bytes")
  func files() throws {
    var executive = try executive(
      """
      LDI32 R1, path
      LDI R2, 0
      SVC 0x400
      MOV R1, R0
      LDI32 R2, 0x2000
      LDI R3, 4
      SVC 0x401
      MOV R8, R0
      LDI32 R1, outside
      SVC 0x40B
      RET
      """, data: "path:\n.asciz \"a/b\"\noutside:\n.asciz \"a/../../b\"")
    let nothing: [UInt8] = []
    let early = refusal { () throws(ProvisioningError) in
      try executive.completeFile(1, number: 1, result: 3, data: nothing.span, now: .zero)
    }
    #expect(early == .wrongTaskState(1, .ready))
    #expect(try executive.run(upTo: 100, now: .zero).reason == .idle)
    #expect(try executive.task(1).state == .waitingFile)
    #expect(executive.nextEffect() == .file(1, number: 1, .open(path: Array("a/b".utf8), flags: 0)))
    try executive.completeFile(1, number: 1, result: 3, data: nothing.span, now: .zero)
    _ = try executive.run(upTo: 100, now: .zero)
    #expect(executive.nextEffect() == .file(1, number: 2, .read(descriptor: 3, count: 4)))
    // The first operation's result, come twice, is no answer to the second.
    let again = refusal { () throws(ProvisioningError) in
      try executive.completeFile(1, number: 1, result: 9, data: nothing.span, now: .zero)
    }
    #expect(again == .wrongTaskState(1, .waitingFile))
    let read: [UInt8] = [1, 2, 3, 4, 5, 6]
    try executive.completeFile(1, number: 2, result: 4, data: read.span, now: .zero)
    #expect(try executive.peek(1, at: 0x2000, count: 6) == [1, 2, 3, 4, 0, 0])
    _ = try executive.run(upTo: 100, now: .zero)
    #expect(executive.nextEffect() == nil)
    #expect(try executive.processor(of: 1).registers[8] == 4)
    #expect(try executive.task(1).ending == .returned(status: .max))
    try executive.kill(1, now: .zero)
    #expect(executive.nextEffect() == .closeFiles(1))
  }

  @Test("a wait for a message ends at its time with a timeout, a poll at once with no data")
  func receiveTimeout() throws {
    var executive = try executive(
      """
      LDI R1, 1
      LDI32 R2, 0x2000
      LDI R3, 8
      LDI R4, 0
      LDI32 R5, 0x3000
      SVC 0x503
      MOV R8, R0
      LDI R4, 500
      LDI R1, 1
      LDI R2, 0
      LDI R3, 8
      SVC 0x503
      RET
      """)
    _ = try executive.run(upTo: 100, now: at(100))
    #expect(try executive.task(1).state == .waitingMailbox)
    #expect(try executive.processor(of: 1).registers[8] == 3)
    #expect(executive.nextDeadline == at(600))
    executive.advance(to: at(599))
    #expect(try executive.task(1).state == .waitingMailbox)
    _ = try executive.run(upTo: 100, now: at(600))
    #expect(try executive.task(1).ending == .returned(status: 7))
    #expect(
      executive.bodies().contains {
        if case .mailbox(let event) = $0 { event.kind == .timeout } else { false }
      })
  }

  @Test("a message of one task wakes another, with its length, channel and sender")
  func wakeByTask() throws {
    let box = "box:\n.asciz \"shared:line\""
    var executive = try executive(
      """
      LDI32 R1, box
      LDI R2, 3
      SVC 0x500
      LDI32 R2, 0x2000
      LDI R3, 8
      LDI32 R4, 0xFFFF
      LDI32 R5, 0x3000
      SVC 0x503
      RET
      """, declarations: ".mailbox {\"target\":\"shared:line\"}", data: box)
    _ = try executive.run(upTo: 100, now: .zero)
    #expect(try executive.task(1).state == .waitingMailbox)
    let sender = """
      .text
      .entry main
      main:
      LDI32 R1, box
      LDI R2, 2
      SVC 0x500
      LDI32 R2, box
      LDI R3, 6
      LDI R4, 4
      LDI R5, 77
      SVC 0x502
      RET
      .data
      \(box)
      """
    _ = try executive.load(assembled(sender, name: "sender"))
    _ = try executive.run(upTo: 100, now: .zero)
    #expect(try executive.task(1).ending == .returned(status: 0))
    #expect(Array(try executive.processor(of: 1).registers[1...4]) == [6, 4, 77, 2])
    #expect(try executive.peek(1, at: 0x2000, count: 6) == Array("shared".utf8))
    let record = try executive.peek(1, at: 0x3000, count: 20)
    #expect(record == [0, 0, 0, 0, 6, 0, 0, 0, 4, 0, 0, 0, 77, 0, 0, 0, 2, 0, 0, 0])
  }

  private let value = ".value {\"group\":1,\"id\":1,\"init\":1.0,\"min\":0.0,\"max\":8.0}"

  @Test("a program gets, sets and lists values, and hears what is wrong")
  func values() throws {
    var executive = try executive(
      """
      LDI32 R1, 0x0101
      SVC 0x702
      MOV R8, R0
      LDI32 R2, 0x4400
      SVC 0x703
      MOV R9, R0
      LDI32 R2, 0x4C00
      SVC 0x703
      MOV R10, R0
      LDI R1, 1
      LDI R2, 1
      SVC 0x701
      MOV R11, R1
      LDI32 R1, 0x0909
      SVC 0x702
      MOV R12, R0
      LDI R1, 255
      LDI32 R2, 0x2000
      LDI R3, 9
      SVC 0x704
      MOV R13, R1
      LDI R1, 1
      LDI R2, 2
      LDI R3, 0
      LDI R4, 0
      SVC 0x700
      RET
      """, declarations: value)
    _ = try executive.run(upTo: 100, now: .zero)
    let registers = try executive.processor(of: 1).registers
    #expect(Array(registers[8...13]) == [0x3C00, 0, 4, 0x0101, 0x1_0000, 1])
    #expect(try executive.peek(1, at: 0x2000, count: 4) == [1, 1, 0, 0])
    #expect(try executive.task(1).ending == .returned(status: 0))
    #expect(executive.objects.values[ObjectID(0x0101)]?.bits == 0x4400)
    #expect(executive.objects.values[ObjectID(0x0102)]?.owner == 1)
    #expect(
      executive.bodies().contains(
        .valueChanged(objectID: 0x0101, owner: 1, caller: 1, old: 0x3C00, new: 0x4400)))
  }

  @Test("a subscriber gets old and new in its mailbox, until it closes it")
  func subscription() throws {
    var executive = try executive(
      """
      LDI32 R1, 0x0101
      LDI32 R2, box
      SVC 0x705
      MOV R9, R1
      LDI32 R2, 0x2000
      LDI R3, 8
      LDI32 R4, 0xFFFF
      LDI R5, 0
      SVC 0x503
      MOV R8, R1
      MOV R1, R9
      SVC 0x506
      RET
      """, declarations: value, data: "box:\n.asciz \"app:news\"")
    _ = try executive.run(upTo: 100, now: .zero)
    #expect(executive.objects.values.subscriptions.count == 1)
    let caller = Caller.client(.factory)
    #expect(executive.setValue(ObjectID(0x0101), to: 0x4000, caller: caller, now: .zero) == .ok)
    _ = try executive.run(upTo: 100, now: .zero)
    #expect(try executive.task(1).ending == .returned(status: 0))
    #expect(try executive.processor(of: 1).registers[8] == 6)
    #expect(try executive.peek(1, at: 0x2000, count: 6) == [1, 1, 0, 0x3C, 0, 0x40])
    #expect(executive.objects.values.subscriptions.isEmpty)
  }

  @Test("a sleep of nothing gives another task its turn")
  func yield() throws {
    var executive = try executive("again:\nSVC 0x600\nJMP again")
    _ = try executive.load(goldenImage("forever"))
    _ = try executive.run(upTo: 10, only: 2, now: .zero)
    _ = try executive.run(upTo: 259, now: .zero)
    // R1 is 0: one instruction, the other's whole quantum, and so on.
    #expect(try executive.processor(of: 1).retired == 3)
    #expect(try executive.processor(of: 2).retired == 266)
  }

  @Test("a task watches transfers in its own status box")
  func transferStatus() throws {
    var executive = try executive(
      "main2:\nJMP main2", declarations: ".mailbox {\"target\":\"svc:prov.status\",\"capacity\":512}")
    let key = try executive.begin(total: 128)
    _ = try executive.write(key, 0, Array(goldenImage("sum").prefix(50)))
    _ = try executive.loadAbort(key, by: .admin, now: .zero)
    executive.advance(to: .zero)
    let target = try #require(ShortName("prov.status"))
    let box = try #require(executive.mailboxes.descriptors(ofService: target).first)
    // Start, progress and completion of its own load, then start, progress and end of the other; 24 bytes each.
    #expect(executive.mailboxes.snapshot(of: box).map { $0.bytesUsed % 24 } == 0)
    #expect(executive.mailboxes.snapshot(of: box)?.queueDepth == 6)
  }
}
