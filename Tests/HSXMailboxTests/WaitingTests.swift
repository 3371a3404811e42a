import HSXHAL
import HSXMailbox
import HXE
import Testing

@Suite("Waiting")
struct WaitingTests {
  private func instant(_ milliseconds: UInt64) -> Instant { Instant(milliseconds: milliseconds) }

  @Test("a timeout of 0 polls, 0xFFFF waits forever, all else is milliseconds from now")
  func timeouts() {
    #expect(Wait.milliseconds(0, from: instant(5)) == .poll)
    #expect(Wait.milliseconds(1, from: instant(5)) == .until(instant(6)))
    #expect(Wait.milliseconds(0xFFFE, from: instant(5)) == .until(instant(65_539)))
    #expect(Wait.milliseconds(0xFFFF, from: instant(5)) == .forever)
    #expect(Wait.milliseconds(.max, from: instant(5)) == .forever)
  }

  @Test("waits run out at their deadline, not before, first come first")
  func expiry() throws {
    var bench = try Bench(tasks: 1...3)
    let handles = try (1...3).map { try bench.open("app:x", by: $0) }
    _ = bench.receive(handles[0], .until(instant(20)))
    _ = bench.receive(handles[1], .forever)
    _ = bench.receive(handles[2], .until(instant(10)))
    #expect(bench.table.nextDeadline == instant(10))
    #expect(bench.table.expireWaiters(now: Instant(microseconds: 9_999)).isEmpty)
    #expect(bench.table.expireWaiters(now: instant(10)).map(\.receiver) == [handles[2]])
    #expect(bench.table.nextDeadline == instant(20))
    let woken = bench.table.expireWaiters(now: instant(99))
    #expect(woken.map(\.reception) == [.refused(.timedOut, length: 0)])
    #expect(bench.table.nextDeadline == nil)
    #expect(bench.send("a", handles[0]).woken.map(\.receiver) == [handles[1]])
  }

  @Test("a wait can be given up once")
  func cancel() throws {
    var bench = try Bench()
    let handle = try bench.open("app:x", by: 1)
    #expect(bench.receive(handle, .forever) == .waiting(1))
    #expect(bench.table.cancelWait(1) == true)
    #expect(bench.table.cancelWait(1) == false)
    #expect(bench.send("a", handle).woken.isEmpty)
  }

  @Test("there are no more waiters than the limit")
  func limit() throws {
    var bench = try Bench(limits: .embedded)
    let handle = try bench.open("app:x", by: 1)
    for number in 1...16 { #expect(bench.receive(handle, .forever) == .waiting(UInt32(number))) }
    #expect(bench.receive(handle, .forever) == .refused(.wouldBlock, length: 0))
  }

  @Test("closing a handle ends the waits through it, and no others")
  func close() throws {
    var bench = try Bench()
    let first = try bench.open("app:x", by: 1)
    let second = try bench.open("app:x", by: 2)
    _ = bench.receive(first, .forever)
    _ = bench.receive(second, .forever)
    let closed = bench.table.close(first)
    let removal = try #require(closed)
    #expect(removal.woken.map(\.receiver) == [first])
    #expect(removal.woken.map(\.reception) == [.refused(.invalidHandle, length: 0)])
    #expect(bench.table.close(first) == nil)
    #expect(bench.send("a", second).woken.map(\.receiver) == [second])
  }
}

@Suite("A tap")
struct TapTests {
  @Test("gets copies from its beginning on, takes nothing from the readers, and delays nobody")
  func copies() throws {
    var bench = try Bench()
    _ = try bench.bind("app:x", capacity: 18, mode: [.readWrite, .tap])
    let handle = try bench.open("app:x", by: 1)
    let tap = try bench.open("app:x", by: 2)
    _ = bench.send("a", handle)
    #expect(bench.table.tap(tap, on: true) == .ok)
    #expect(bench.send("b", handle).copies == 1)
    #expect(bench.text(handle) == "a")
    for text in ["c", "d"] {
      _ = bench.text(handle)
      #expect(bench.send(text, handle).status == .ok)
    }
    #expect([bench.text(tap), bench.text(tap), bench.text(tap)] == ["c!", "d", nil])
    #expect(bench.table.tap(tap, on: false) == .ok)
    #expect(bench.text(tap) == "d")
  }

  @Test("is not a reader of a fan-out box: a blocking one does not wait for it")
  func fanOut() throws {
    var bench = try Bench()
    _ = try bench.bind("app:x", capacity: 9, mode: [.readWrite, .fanOutBlock, .tap])
    let writer = try bench.open("app:x", by: 1, .write)
    let tap = try bench.open("app:x", by: 2, .tap)
    for text in ["a", "b", "c"] { #expect(bench.send(text, writer).status == .ok) }
    #expect(bench.text(tap) == "c!")
  }

  @Test("that waits is woken besides the reader")
  func waits() throws {
    var bench = try Bench()
    _ = try bench.bind("app:x", mode: [.readWrite, .tap])
    let reader = try bench.open("app:x", by: 1)
    let tap = try bench.open("app:x", by: 2, .tap)
    _ = bench.receive(tap, .forever)
    _ = bench.receive(reader, .forever)
    let woken = bench.send("a", reader).woken
    #expect(woken.map(\.receiver) == [reader, tap])
    #expect(woken.map(bench.text) == ["a", "a"])
    _ = bench.receive(tap, .forever)
    #expect(bench.table.tap(tap, on: false) == .wouldBlock)
  }

  @Test("needs the box's leave, unless it is one's own or one is the executive")
  func leave() throws {
    var bench = try Bench()
    _ = try bench.bind("app:x")
    let mine = try bench.open("app:x", by: 1)
    let other = try bench.open("app:x", by: 2)
    let executive = try bench.open("app:x", by: 0)
    #expect(bench.table.tap(other, on: true) == .invalidHandle)
    #expect(openError(&bench, "app:x", by: 2, .tap) == .notPermitted(mode: .readWrite))
    #expect(bench.table.tap(mine, on: true) == .ok)
    #expect(bench.table.tap(executive, on: true) == .ok)
    #expect(bench.table.tap(HandleReference(pid: 2, handle: 99), on: true) == .invalidHandle)
  }

  @Test("of the embedded profile gets at most 20 messages a second, and is told of the loss")
  func rate() throws {
    var bench = try Bench(limits: .embedded)
    _ = try bench.bind("app:x", capacity: 1024, mode: [.readWrite, .tap])
    let handle = try bench.open("app:x", by: 1)
    let tap = try bench.open("app:x", by: 2, .tap)
    let shed = (0..<25).map { _ in bench.send("a", handle).shed }
    #expect(shed == Array(repeating: 0, count: 20) + Array(repeating: 1, count: 5))
    bench.now = Instant(milliseconds: 999)
    #expect(bench.send("a", handle).shed == 1)
    bench.now = Instant(milliseconds: 1_000)
    #expect(bench.send("b", handle).copies == 1)
    let texts = (0..<21).map { _ in bench.text(tap) }
    #expect(texts.first == "a!" && texts.last == "b")
  }

  @Test("reserves the box's capacity, and gives it back")
  func room() throws {
    var bench = try Bench(limits: .embedded)
    _ = try bench.bind("app:x", capacity: 4096)
    let handle = try bench.open("app:x", by: 1)
    let before = bench.table.bytesAvailable
    #expect(bench.table.tap(handle, on: true) == .noDescriptor)
    _ = try bench.bind("app:x", capacity: 1024)
    #expect(bench.table.tap(handle, on: true) == .ok)
    #expect(bench.table.bytesAvailable == before + 4096 - 2048)
    _ = bench.table.close(handle)
    #expect(bench.table.bytesAvailable == before + 4096 - 1024)
  }
}
