import HSXHAL
import HSXMailbox
import HXE
import Testing

@Suite("Delivery")
struct DeliveryTests {
  @Test("the statuses and namespaces have the numbers of the specification")
  func numbers() {
    #expect(MailboxStatus.allCases.map(\.rawValue) == [0, 1, 2, 3, 4, 5, 7, 0xFF])
    #expect(MailboxNamespace.allCases.map(\.rawValue) == [0, 1, 2, 3])
  }

  @Test("a task has stdin, stdout and stderr as handles 1, 2, 3, and opens 4 first")
  func stdio() throws {
    var bench = try Bench()
    for (handle, name) in zip(UInt32(1)..., ["stdio.in", "stdio.out", "stdio.err"]) {
      let descriptor = bench.table.descriptor(of: HandleReference(pid: 1, handle: handle))
      #expect(descriptor == bench.table.descriptor(of: try target(name)))
    }
    #expect(bench.table.descriptor(of: try target("pid:")) != nil)
    #expect(try bench.open("app:x", by: 1).handle == 4)
    _ = bench.table.close(HandleReference(pid: 1, handle: 4))
    #expect(try bench.open("app:x", by: 1).handle == 5)
    #expect(try bench.open("app:x", by: 2).handle == 4)
  }

  @Test("stdin is for reading, stdout and stderr for writing; the executive does the other half")
  func stdioDirections() throws {
    var bench = try Bench()
    let input = HandleReference(pid: 1, handle: 1)
    let output = HandleReference(pid: 1, handle: 2)
    #expect(bench.send("x", input).status == .invalidHandle)
    #expect(bench.receive(output) == .refused(.invalidHandle, length: 0))
    #expect(bench.send("out", output, flags: .standardOutput).status == .ok)
    let reader = try bench.open("svc:stdio.out@1", by: 0)
    guard case .message(let message) = bench.receive(reader) else {
      Issue.record("no message")
      return
    }
    #expect(message.bytes == bytes("out") && message.flags == .standardOutput && message.source == 1)
    let box = try #require(bench.table.descriptor(of: try target("stdio.in")))
    _ = bench.table.send(bytes("in").span, to: box, source: 0, flags: [], channel: 3, now: .zero)
    guard case .message(let answer) = bench.receive(input) else {
      Issue.record("no message")
      return
    }
    #expect(answer.bytes == bytes("in") && answer.source == 0 && answer.channel == 3)
  }

  @Test("a message costs its length and 8; what exceeds the capacity is too large, what does not fit blocks")
  func capacity() throws {
    var bench = try Bench()
    _ = try bench.bind("app:x")
    let handle = try bench.open("app:x", by: 1)
    let full = String(repeating: "a", count: 56)
    #expect(bench.send(full + "b", handle).status == .messageTooLarge)
    #expect(bench.send(full, handle).status == .ok)
    #expect(bench.send("", handle).status == .wouldBlock)
    let peek = try #require(bench.table.peek(handle))
    #expect(peek.depth == 1 && peek.bytes == 64 && peek.nextLength == 56)
    #expect(bench.text(handle) == full)
    for _ in 0..<8 { #expect(bench.send("", handle).status == .ok) }
    #expect(bench.send("", handle).status == .wouldBlock)
  }

  @Test("a single-reader box gives each message to exactly one reader, in order, with its number")
  func singleReader() throws {
    var bench = try Bench()
    let first = try bench.open("app:x", by: 1)
    let second = try bench.open("app:x", by: 2)
    #expect(["a", "b", "c"].map { bench.send($0, first).sequence } == [0, 1, 2])
    #expect(bench.text(second) == "a")
    #expect(bench.text(first) == "b")
    #expect(bench.text(second) == "c")
    #expect(bench.receive(first) == .refused(.noData, length: 0))
  }

  @Test("a single-reader send wakes the first waiter alone and hands it the message")
  func wakesOne() throws {
    var bench = try Bench()
    let first = try bench.open("app:x", by: 1)
    let second = try bench.open("app:x", by: 2)
    #expect(bench.receive(second, .forever) == .waiting(1))
    #expect(bench.receive(first, .forever) == .waiting(2))
    let delivery = bench.send("a", first, channel: 9)
    #expect(delivery.woken.map(\.receiver) == [second])
    #expect(delivery.woken.map(\.waiter) == [1])
    #expect(delivery.woken.first.flatMap(bench.text) == "a")
    #expect(bench.table.peek(second)?.depth == 0)
    #expect(bench.send("b", first).woken.map(\.receiver) == [first])
    #expect(bench.send("c", first).woken.isEmpty)
  }

  @Test("a waiter without the room is told so, and the message goes to the next, or stays")
  func smallRoom() throws {
    var bench = try Bench()
    let first = try bench.open("app:x", by: 1)
    let second = try bench.open("app:x", by: 2)
    _ = bench.receive(first, room: 2, .forever)
    _ = bench.receive(second, room: 3, .forever)
    let delivery = bench.send("abc", first)
    #expect(delivery.woken.first?.reception == .refused(.messageTooLarge, length: 3))
    #expect(delivery.woken.last.flatMap(bench.text) == "abc")
    _ = bench.receive(first, room: 2, .forever)
    #expect(bench.send("def", first).woken.count == 1)
    #expect(bench.receive(second, room: 2) == .refused(.messageTooLarge, length: 3))
    #expect(bench.text(second) == "def")
  }

  @Test(
    "in a fan-out box every reader sees every message from its opening on, and a send wakes all",
    arguments: [MailboxMode.fanOut, .fanOutDrop, .fanOutBlock])
  func fanOut(mode: MailboxMode) throws {
    var bench = try Bench(tasks: 1...3)
    _ = try bench.bind("app:x", mode: [.read, .write, mode])
    let writer = try bench.open("app:x", by: 1, .write)
    #expect(bench.send("unseen", writer).status == .ok)
    let first = try bench.open("app:x", by: 2, .read)
    _ = bench.send("a", writer)
    let second = try bench.open("app:x", by: 3, .read)
    _ = bench.send("b", writer)
    #expect(bench.text(first) == "a")
    #expect(bench.text(first) == "b")
    #expect(bench.text(second) == "b")
    #expect(bench.table.snapshots(of: 1).last?.queueDepth == 0)
    _ = bench.receive(second, .forever)
    _ = bench.receive(first, .forever)
    let delivery = bench.send("c", writer)
    #expect(delivery.woken.map(\.receiver) == [second, first])
    #expect(delivery.woken.map(bench.text) == ["c", "c"])
  }

  @Test("a full dropping box discards the oldest and marks the readers that lost it, once")
  func drop() throws {
    var bench = try Bench(tasks: 1...3)
    _ = try bench.bind("app:x", capacity: 18, mode: [.readWrite, .fanOutDrop])
    let writer = try bench.open("app:x", by: 1, .write)
    let slow = try bench.open("app:x", by: 2, .read)
    let fast = try bench.open("app:x", by: 3, .read)
    _ = bench.send("a", writer)
    _ = bench.send("b", writer)
    #expect(bench.text(fast) == "a")
    let delivery = bench.send("c", writer)
    #expect(delivery.discarded == 1)
    #expect(delivery.overruns == [slow])
    #expect([bench.text(slow), bench.text(slow), bench.text(slow)] == ["b!", "c", nil])
    #expect([bench.text(fast), bench.text(fast), bench.text(fast)] == ["b", "c", nil])
  }

  @Test("a full blocking box refuses until its slowest reader has read, or closed")
  func block() throws {
    var bench = try Bench(tasks: 1...3)
    _ = try bench.bind("app:x", capacity: 9, mode: [.readWrite, .fanOutBlock])
    let writer = try bench.open("app:x", by: 1, .write)
    let slow = try bench.open("app:x", by: 2, .read)
    let fast = try bench.open("app:x", by: 3, .read)
    #expect(bench.send("a", writer).status == .ok)
    #expect(bench.text(fast) == "a")
    #expect(bench.send("b", writer).status == .wouldBlock)
    #expect(bench.text(slow) == "a")
    #expect(bench.send("b", writer).status == .ok)
    #expect(bench.text(fast) == "b")
    #expect(bench.send("c", writer).status == .wouldBlock)
    _ = bench.table.close(slow)
    #expect(bench.send("c", writer).status == .ok)
  }

  @Test("nobody can pretend that a reader has lost something")
  func pretence() throws {
    var bench = try Bench()
    let handle = try bench.open("app:x", by: 1)
    _ = bench.send("a", handle, flags: [.overrun, .outOfBand])
    guard case .message(let message) = bench.receive(handle) else {
      Issue.record("no message")
      return
    }
    #expect(message.flags == .outOfBand)
  }

  @Test("a mode binds others, not the owner, the declarer, or the executive")
  func modes() throws {
    var bench = try Bench(tasks: 1...3)
    _ = try bench.bind("app:inbox", mode: .write)
    #expect(openError(&bench, "app:inbox", by: 2, .read) == .notPermitted(mode: .write))
    let writer = try bench.open("app:inbox", by: 2)
    let reader = try bench.open("app:inbox", by: 1)
    #expect(bench.send("a", writer).status == .ok)
    #expect(bench.receive(writer) == .refused(.invalidHandle, length: 0))
    #expect(bench.text(reader) == "a")
    _ = try bench.open("app:inbox", by: 0, .read)
  }

  @Test("a box that becomes fan-out shows its readers what is queued; ceasing, nothing is read twice")
  func modeChange() throws {
    var bench = try Bench(tasks: 1...3)
    _ = try bench.bind("app:x")
    let first = try bench.open("app:x", by: 1)
    let second = try bench.open("app:x", by: 2)
    for text in ["a", "b", "c"] { _ = bench.send(text, first) }
    _ = try bench.bind("app:x", mode: [.readWrite, .fanOut])
    #expect([bench.text(first), bench.text(first)] == ["a", "b"])
    #expect(bench.text(second) == "a")
    _ = try bench.bind("app:x")
    #expect(bench.text(second) == "c!")
    #expect(bench.text(first) == nil)
    #expect(bench.table.snapshots(of: 1).last?.nextSequence == 3)
  }

  @Test("a box made smaller than what it holds takes nothing until it has been read")
  func shrink() throws {
    var bench = try Bench()
    _ = try bench.bind("app:x", capacity: 30)
    let handle = try bench.open("app:x", by: 1)
    for text in ["a", "b", "c"] { #expect(bench.send(text, handle).status == .ok) }
    _ = try bench.bind("app:x", capacity: 10)
    #expect(bench.send("d", handle).status == .wouldBlock)
    #expect([bench.text(handle), bench.text(handle)] == ["a", "b"])
    #expect(bench.send("d", handle).status == .wouldBlock)
    #expect(bench.text(handle) == "c")
    #expect(bench.send("d", handle).status == .ok)
  }
}
