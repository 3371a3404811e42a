import HSXHAL
import HSXMailbox
import HXE
import Testing

@Suite("A task's mailboxes")
struct LifetimeTests {
  @Test("go with it, and others who wait at them are told")
  func ownedGo() throws {
    var bench = try Bench()
    _ = try bench.bind("app:private@1")
    let other = try bench.open("app:private@1", by: 2)
    let own = try bench.open("pid:", by: 1)
    _ = bench.receive(own, .forever)
    _ = bench.receive(other, .forever)
    let removal = bench.table.removeTask(1)
    #expect(removal.descriptors.count == 5)
    #expect(removal.closed == [other])
    #expect(removal.woken.map(\.receiver) == [own, other])
    #expect(bench.send("a", other).status == .invalidHandle)
    #expect(!bench.table.hasTask(1))
  }

  @Test("that are shared stay while another has declared them or has them open")
  func sharedStay() throws {
    var bench = try Bench(tasks: 1...3)
    _ = try bench.bind("app:a")
    _ = try bench.bind("shared:b")
    _ = try bench.bind("shared:b", by: 3)
    _ = try bench.bind("shared:c")
    let handle = try bench.open("app:a", by: 2)
    _ = bench.send("kept", handle)
    _ = bench.table.removeTask(1)
    #expect(bench.text(handle) == "kept")
    #expect(bench.table.descriptor(of: try target("shared:b")) != nil)
    #expect(bench.table.descriptor(of: try target("shared:c")) == nil)
    let closed = bench.table.close(handle)
    let removal = try #require(closed)
    #expect(removal.descriptors.count == 1)
    #expect(bench.table.descriptor(of: try target("app:a")) == nil)
  }

  @Test("opened without a bind are made, and go with their last handle")
  func openMakes() throws {
    var bench = try Bench()
    let opening = try bench.table.open(pid: 1, target: target("app:x"), flags: [])
    #expect(opening.isNew)
    let other = try bench.table.open(pid: 2, target: target("app:x"), flags: [])
    #expect(!other.isNew && other.descriptor == opening.descriptor)
    _ = bench.table.close(HandleReference(pid: 1, handle: opening.handle))
    #expect(bench.table.descriptor(of: try target("app:x")) != nil)
    _ = bench.table.close(HandleReference(pid: 2, handle: other.handle))
    #expect(bench.table.descriptor(of: try target("app:x")) == nil)
  }

  @Test("are nobody else's to make, to change, or to bring back")
  func owners() throws {
    var bench = try Bench()
    #expect(bindError(&bench, "svc:stdio.out@2", by: 1) == .notOwner(owner: 2))
    #expect(bindError(&bench, "pid:2", by: 1) == .notOwner(owner: 2))
    #expect(bindError(&bench, "app:x@2", by: 1) == .notOwner(owner: 2))
    #expect(openError(&bench, "app:x@2", by: 1) == .noSuchMailbox)
    #expect(openError(&bench, "pid:9", by: 0) == .noSuchMailbox)
    #expect(bindError(&bench, "app:x", by: 9) == .noSuchTask)
    _ = try bench.bind("svc:stdio.out@2", by: 0, mode: [.readWrite, .fanOutDrop])
    #expect(bench.table.snapshots(of: 2)[1].mode.rawValue == 0x13)
  }

  @Test("leave the executive's publications reachable by name")
  func services() throws {
    var bench = try Bench()
    let first = try bench.open("prov.status", by: 1)
    let second = try bench.open("svc:prov.status", by: 2)
    let name = try #require(ShortName("prov.status"))
    let found = bench.table.descriptors(ofService: name)
    #expect(found == [bench.table.descriptor(of: first), bench.table.descriptor(of: second)])
  }

  @Test("are as many as the descriptors, the handles and the bytes allow")
  func limits() throws {
    var bench = try Bench(limits: .embedded)
    #expect(
      bindError(&bench, "app:big", by: 1, capacity: 8_000) == .bytesExhausted(needed: 8_000, available: 7_680)
    )
    for number in 0..<8 { _ = try bench.bind("app:\(number)") }
    #expect(bindError(&bench, "app:8", by: 1) == .descriptorsExhausted(needed: 1, available: 0))
    #expect(openError(&bench, "app:8", by: 1)?.status == .noDescriptor)
    for number in 0..<5 { _ = try bench.open("app:\(number)", by: 1) }
    #expect(openError(&bench, "app:5", by: 1) == .handlesExhausted(limit: 8))
    #expect(openError(&bench, "app:5", by: 2) == nil)
    #expect(MailboxLimits.desktop.descriptors == 256 && MailboxLimits.desktop.handlesPerTask == 64)
  }

  @Test("show in the statistics and in the list what there is")
  func statistics() throws {
    var bench = try Bench()
    _ = try bench.bind("app:x", mode: [.readWrite, .fanOutBlock])
    let reader = try bench.open("app:x", by: 2, .read)
    let writer = try bench.open("app:x", by: 1, .write)
    _ = bench.send("abc", writer)
    _ = bench.receive(HandleReference(pid: 1, handle: 1), .forever)
    let statistics = bench.table.statistics
    #expect(statistics.activeDescriptors == 9 && statistics.freeDescriptors == 247)
    #expect(statistics.bytesUsed == 11 && statistics.queueDepth == 1 && statistics.handlesTotal == 8)
    #expect(statistics.waiters == 1 && statistics.fanOutDescriptors == 1)
    #expect(statistics.bytesAvailable == 0x10_0000 - 9 * 64)
    #expect(bench.table.handleCounts.map(\.count) == [0, 4, 4])
    let shown = try #require(bench.table.snapshots(of: 2).last)
    #expect(shown.mode.rawValue == 0x23 && shown.subscribers == 1 && shown.headSequence == 0)
    #expect(shown.nextSequence == 1 && shown.bytesUsed == 11 && shown.target.owner == nil)
    _ = reader
  }
}

@Suite("A declaration")
struct DeclarationTests {
  private func refusal(
    _ table: inout MailboxTable, _ declarations: [MailboxDescriptor], owner: UInt32, replacing: UInt32? = nil
  ) -> DeclarationRefusal? {
    let before = table.fingerprint
    let foretold = table.canDeclare(declarations, owner: owner, replacing: replacing)
    #expect(table.fingerprint == before)
    do throws(DeclarationRefusal) {
      _ = try table.declare(declarations, owner: owner, replacing: replacing)
      #expect(foretold == nil)
      return nil
    } catch {
      #expect(foretold == error)
      #expect(table.fingerprint == before)
      return error
    }
  }

  @Test("makes the task's first boxes and the image's at one instant")
  func makes() throws {
    var bench = try Bench()
    let removal = try bench.table.declare(
      [declaration("app:telemetry", capacity: 96, mode: [.readWrite, .fanOutDrop]), declaration("inbox")],
      owner: 3)
    #expect(removal == bench.table.removeTask(99))
    let shown = bench.table.snapshots(of: 3)
    #expect(
      shown.map { String(decoding: $0.target.text, as: UTF8.self) } == [
        "svc:stdio.in@3", "svc:stdio.out@3", "svc:stdio.err@3", "pid:3", "app:telemetry", "svc:inbox@3",
      ])
    #expect(shown.map(\.capacity) == [64, 64, 64, 64, 96, 64])
  }

  @Test("that is refused leaves no trace, and says which entry and why")
  func refuses() throws {
    var bench = try Bench(limits: .embedded)
    _ = try bench.bind("shared:alarms", mode: .read)
    let good = try declaration("app:good")
    #expect(
      refusal(&bench.table, [good, try declaration("app:x@2")], owner: 3)
        == DeclarationRefusal(index: 1, error: .notOwner(owner: 2)))
    #expect(
      refusal(&bench.table, [try declaration("inbox"), try declaration("svc:inbox")], owner: 3)
        == DeclarationRefusal(index: 1, error: .duplicateTarget))
    #expect(
      refusal(&bench.table, [try declaration("what:x")], owner: 3)
        == DeclarationRefusal(index: 0, error: .invalidTarget(.unknownPrefix)))
    #expect(
      refusal(&bench.table, [good, try declaration("shared:alarms")], owner: 3)
        == DeclarationRefusal(index: 1, error: .modeConflict(existing: .read)))
    #expect(
      refusal(&bench.table, [good, try declaration("app:big", capacity: 100_000)], owner: 3)?.index == 1)
    let many = try (0..<4).map { try declaration("app:\($0)") }
    #expect(
      refusal(&bench.table, many, owner: 3)
        == DeclarationRefusal(index: nil, error: .descriptorsExhausted(needed: 8, available: 7)))
    #expect(refusal(&bench.table, Array(many.dropLast()), owner: 3) == nil)
  }

  @Test("of a replacement does not count what goes, and keeps the shared boxes that both declare")
  func replaces() throws {
    var bench = try Bench(limits: .embedded)
    let box = try declaration("app:data", mode: [.readWrite, .fanOut])
    let many = try (0..<3).map { try declaration("own\($0)") }
    #expect(refusal(&bench.table, [box] + many, owner: 3) == nil)
    let reader = try bench.open("app:data", by: 2, .read)
    let writer = try bench.open("app:data", by: 3, .write)
    _ = bench.send("kept", writer)
    #expect(refusal(&bench.table, [box] + many, owner: 4) != nil)
    let removal = try bench.table.declare([box] + many, owner: 4, replacing: 3)
    #expect(removal.descriptors.count == 7)
    #expect(!bench.table.hasTask(3) && bench.table.hasTask(4))
    #expect(bench.text(reader) == "kept")
    #expect(try bench.open("app:data", by: 4).handle == 4)
  }

  @Test("of a replacement may change the mode of a box that only the old one declared")
  func replacesMode() throws {
    var bench = try Bench()
    _ = try bench.table.declare([declaration("app:data")], owner: 3)
    _ = try bench.table.declare([declaration("app:data", mode: .read)], owner: 4, replacing: 3)
    #expect(bench.table.snapshots(of: 4).first?.mode == .read)
  }

  @Test("of a box that another has declared makes it as large as the larger")
  func joins() throws {
    var bench = try Bench()
    _ = try bench.bind("shared:x", capacity: 100)
    _ = try bench.table.declare([declaration("shared:x")], owner: 3)
    #expect(bench.table.snapshots(of: 1).last?.capacity == 100)
    _ = try bench.table.declare([declaration("shared:x", capacity: 200)], owner: 4)
    #expect(bench.table.snapshots(of: 1).last?.capacity == 200)
  }

  @Test("and its task's end leave the table as it was before")
  func noTrace() throws {
    var bench = try Bench()
    _ = try bench.bind("shared:x", mode: [.readWrite, .tap])
    let tap = try bench.open("shared:x", by: 2, .tap)
    let writer = try bench.open("shared:x", by: 1)
    _ = bench.send("a", writer)
    _ = bench.receive(HandleReference(pid: 1, handle: 1), .until(Instant(milliseconds: 4)))
    let before = bench.table.fingerprint
    _ = try bench.table.declare([declaration("app:y"), declaration("z")], owner: 9)
    #expect(bench.table.fingerprint != before)
    _ = bench.table.removeTask(9)
    #expect(bench.table.fingerprint == before)
    _ = bench.text(tap)
    #expect(bench.table.fingerprint != before)
  }
}
