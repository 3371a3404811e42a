@testable import HSXExecutive
import HSXHAL
import HSXMailbox
@testable import HSXProvisioning
import HXE
import MiniVM
import Testing

@Suite("Mailboxes from outside the machine")
struct OutsideMailboxTests {
  private let target = Array("shared:line".utf8)

  /// An executive whose task 1 waits for a message in `shared:line`, with handle 4.
  private func waiting() throws -> Executive {
    var executive = Executive(policy: .desktop, platform: .host)
    let source = """
      .mailbox {"target":"shared:line"}
      .text
      .entry main
      main:
      LDI32 R1, box
      LDI R2, 3
      SVC 0x500
      LDI32 R2, 0x2000
      LDI R3, 8
      LDI32 R4, 0xFFFF
      LDI R5, 0
      SVC 0x503
      RET
      .data
      box:
      .asciz "shared:line"
      """
    _ = try executive.load(assembled(source))
    _ = try executive.run(upTo: 100, now: .zero)
    #expect(try executive.task(1).state == .waitingMailbox)
    return executive
  }

  private func kinds(_ executive: borrowing Executive, from first: UInt64) -> [MailboxEvent.Kind] {
    executive.bodies(from: first).compactMap { if case .mailbox(let event) = $0 { event.kind } else { nil } }
  }

  @Test("a message through the executive's handle wakes the task, and is told as any other")
  func handle() throws {
    var executive = try waiting()
    let opening = try executive.openMailbox(target.span, flags: .write, as: 0, now: .zero)
    let handle = HandleReference(pid: 0, handle: opening.handle)
    let first = executive.events.nextSequence
    let status = executive.sendMessage(
      Array("wake".utf8).span, through: handle, flags: .outOfBand, channel: 9, now: .zero)
    #expect(status == .ok)
    #expect(kinds(executive, from: first) == [.send, .wake, .receive])
    _ = try executive.run(upTo: 100, now: .zero)
    #expect(try executive.task(1).ending == .returned(status: 0))
    #expect(Array(try executive.processor(of: 1).registers[1...4]) == [4, 4, 9, 0])
    #expect(try executive.peek(1, at: 0x2000, count: 4) == Array("wake".utf8))
  }

  @Test("a message to the box itself does the same, in any sender's name")
  func descriptor() throws {
    var executive = try waiting()
    let parsed = try MailboxTarget.parse(target.span, caller: 0)
    let box = try #require(executive.mailboxes.descriptor(of: parsed))
    let status = executive.sendMessage([7].span, to: box, from: 5, flags: [], channel: 0, now: .zero)
    #expect(status == .ok)
    _ = try executive.run(upTo: 100, now: .zero)
    #expect(Array(try executive.processor(of: 1).registers[1...4]) == [1, 0, 0, 5])
  }

  @Test("closing a task's handle ends its wait, as it would itself")
  func closing() throws {
    var executive = try waiting()
    #expect(executive.closeMailbox(HandleReference(pid: 1, handle: 4), now: .zero) == .ok)
    #expect(executive.closeMailbox(HandleReference(pid: 1, handle: 4), now: .zero) == .invalidHandle)
    _ = try executive.run(upTo: 100, now: .zero)
    #expect(try executive.task(1).ending == .returned(status: 2))
  }

  @Test("a receive takes what is there, tells it, and never waits")
  func receiving() throws {
    var executive = Executive(policy: .desktop, platform: .host)
    let opening = try executive.openMailbox(target.span, flags: [], as: 0, now: .zero)
    let handle = HandleReference(pid: 0, handle: opening.handle)
    #expect(executive.receiveMessage(handle, room: 9, now: .zero) == .refused(.noData, length: 0))
    _ = executive.sendMessage([1, 2].span, through: handle, flags: [], channel: 3, now: .zero)
    #expect(executive.receiveMessage(handle, room: 1, now: .zero) == .refused(.messageTooLarge, length: 2))
    let first = executive.events.nextSequence
    guard case .message(let message) = executive.receiveMessage(handle, room: 2, now: .zero) else {
      Issue.record("there is no message")
      return
    }
    #expect(message.bytes == [1, 2] && message.channel == 3)
    #expect(kinds(executive, from: first) == [.receive])
  }

  @Test("a refusal is told: a limit as exhaustion, all else as an error")
  func refusals() throws {
    var policy = Policy.desktop
    policy.budget.mailboxes.descriptors = 1
    var executive = Executive(policy: policy, platform: .host)
    func opens(_ text: String) -> MailboxError? {
      do throws(MailboxError) {
        _ = try executive.openMailbox(Array(text.utf8).span, flags: [], as: 0, now: .zero)
        return nil
      } catch {
        return error
      }
    }
    #expect(opens("app:one") == nil)
    #expect(opens("app:two")?.isExhaustion == true)
    #expect(opens("nowhere:") == .invalidTarget(.unknownPrefix))
    #expect(kinds(executive, from: 1) == [.exhausted, .error])
  }
}
