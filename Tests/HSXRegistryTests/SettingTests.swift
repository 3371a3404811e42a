import HSXHAL
import HSXRegistry
import HXE
import Testing

@Suite("Setting a value")
struct SettingTests {
  private let owner = Caller.task(1)
  private let user = Caller.client(.user)

  @Test("the statuses have the numbers of the specification")
  func numbers() {
    #expect(ValueStatus.allCases.map(\.rawValue) == [0, 1, 2, 3, 4, 5, 6])
    #expect(CommandStatus.allCases.map(\.rawValue) == [0, 1, 2, 3, 4, 5, 6, 7])
  }

  @Test("changes it and says from what to what, by whom, and whom to tell")
  func change() throws {
    var registry = try registry { $0.value(1, 2, initial: 1) }
    _ = registry.values.subscribe(oid, caller: .task(2), mailbox: 7)
    let result = registry.values.set(oid, to: half(2), caller: owner, now: at(5))
    let change = try #require(result.change)
    #expect(result.status == .ok && change.old == half(1) && change.new == half(2))
    #expect(change.caller == 1 && change.owner == 1 && change.writeDue == nil)
    #expect(change.subscribers == [Subscription(id: oid, pid: 2, mailbox: 7)])
    #expect(change.notice == [0x02, 0x01, 0x00, 0x3C, 0x00, 0x40])
    #expect(registry.values.get(oid, caller: user).bits == half(2))
  }

  @Test("that is unknown is not found")
  func unknown() throws {
    var registry = try registry { $0.value(1, 3) }
    #expect(registry.values.set(oid, to: 0, caller: owner, now: at(0)).status == .notFound)
    #expect(registry.values.get(oid, caller: owner).status == .notFound)
  }

  @Test(
    "takes the level, unless one is the owner or acts for it",
    arguments: [UInt8(0), 1, 2, 3, 4, 255], Caller.Level.allCases)
  func levels(required: UInt8, level: Caller.Level) throws {
    var registry = try registry { $0.value(1, 2, level: required) }
    let expected: ValueStatus = level.rawValue >= required ? .ok : .notPermitted
    #expect(registry.values.set(oid, to: half(1), caller: .client(level), now: at(0)).status == expected)
    #expect(registry.values.get(oid, caller: .client(level)).status == expected)
    #expect(registry.values.subscribe(oid, caller: .client(level), mailbox: 1).status == expected)
    let stranger = registry.values.set(oid, to: half(3), caller: .task(2), now: at(0)).status
    #expect(stranger == (required == 0 ? .ok : .notPermitted))
    #expect(registry.values.set(oid, to: half(2), caller: owner, now: at(0)).status == .ok)
    let acting = Caller.client(.public, actingAs: 1)
    #expect(registry.values.set(oid, to: half(4), caller: acting, now: at(0)).status == .ok)
  }

  @Test("that is read-only is the owner's alone")
  func readOnly() throws {
    var registry = try registry { $0.value(1, 2, flags: .readOnly) }
    #expect(
      registry.values.set(oid, to: half(1), caller: .client(.factory), now: at(0)).status == .notPermitted)
    #expect(registry.values.set(oid, to: half(1), caller: owner, now: at(0)).status == .ok)
    #expect(registry.values.get(oid, caller: .client(.public)).status == .ok)
  }

  @Test("with a pin takes a token, even acting as the owner; the owner's own calls do not")
  func pin() throws {
    var registry = try registry { $0.value(1, 2, flags: .pin, level: 1) }
    for (caller, expected) in [
      (Caller.client(.user), ValueStatus.notPermitted), (.client(.user, hasToken: true), .ok),
      (.client(.public, hasToken: true), .notPermitted), (.client(.factory, actingAs: 1), .notPermitted),
      (owner, .ok), (.task(2, hasToken: true), .notPermitted),
    ] {
      #expect(registry.values.set(oid, to: 0, caller: caller, now: at(0)).status == expected)
    }
    #expect(registry.values.get(oid, caller: .client(.user)).status == .ok)
  }

  @Test("to the same number, or one nearer than epsilon, is accepted and nothing changes")
  func epsilon() throws {
    var registry = try registry {
      $0.value(1, 2, flags: .persist, initial: 20, epsilon: 0.25, range: 5...20, key: 9)
    }
    let before = registry.fingerprint
    for number: Float16 in [20, 20.125, 19.875] {
      let result = registry.values.set(oid, to: half(number), caller: owner, now: at(0))
      #expect(result.status == .ok && result.change == nil)
    }
    #expect(registry.fingerprint == before)
    #expect(registry.values.set(oid, to: half(19.75), caller: owner, now: at(0)).change != nil)
  }

  @Test("over −0 to 0, or NaN to NaN, is no change")
  func zeros() throws {
    var registry = try registry { $0.value(1, 2) }
    #expect(registry.values.set(oid, to: 0x8000, caller: owner, now: at(0)).change == nil)
    #expect(registry.values.set(oid, to: 0x7E00, caller: owner, now: at(0)).change != nil)
    #expect(registry.values.set(oid, to: 0xFE01, caller: owner, now: at(0)).change == nil)
    #expect(registry.values.set(oid, to: 0x7C00, caller: owner, now: at(0)).change?.old == 0x7E00)
    #expect(registry.values.set(oid, to: 0x7C00, caller: owner, now: at(0)).change == nil)
    #expect(registry.values.set(oid, to: 0xFC00, caller: owner, now: at(0)).change != nil)
  }

  @Test("outside the range is invalid and the value kept; its bounds are inside; NaN is outside")
  func range() throws {
    var registry = try registry { $0.value(1, 2, initial: 10, range: -40...125) }
    for bits in [half(125.125), half(-40.03125), 0x7E00, 0x7C00, 0xFC00] {
      #expect(registry.values.set(oid, to: bits, caller: owner, now: at(0)).status == .invalid)
      #expect(registry.values[oid]?.bits == half(10))
    }
    #expect(registry.values.set(oid, to: half(125), caller: owner, now: at(0)).status == .ok)
    #expect(registry.values.set(oid, to: half(-40), caller: owner, now: at(0)).status == .ok)
  }

  @Test("sooner than its rate is busy, counted from the last change and not from other sets")
  func rate() throws {
    var registry = Registry(limits: .desktop)
    var chain = DescriptorChain()
    (chain.rateMilliseconds, chain.minimum, chain.maximum) = (100, half(0), half(9))
    let nothing: [UInt8] = []
    _ = try registry.registerValue(oid, flags: [], chain: chain, in: nothing.span, owner: 1)
    let steps: [(UInt64, Float16, ValueStatus)] = [
      (0, 1, .ok), (99, 2, .busy), (99, 10, .busy), (99, 1, .ok), (100, 10, .invalid), (100, 2, .ok),
      (150, 3, .busy),
      (200, 3, .ok),
    ]
    for (time, number, expected) in steps {
      #expect(registry.values.set(oid, to: half(number), caller: owner, now: at(time)).status == expected)
    }
  }

  @Test("agrees with arithmetic in double precision for numbers of every kind")
  func oracle() throws {
    var seeded = Seeded(5)
    var patterns: [UInt16] = [
      0, 0x8000, 1, 0x8001, 0x3FF, 0x400, 0x7BFF, 0xFBFF, 0x7C00, 0xFC00, 0x7E00, 0xFC01,
    ]
    patterns += (0..<60).map { _ in UInt16.random(in: 0 ... .max, using: &seeded) }
    func number(_ bits: UInt16) -> Double { Double(Float16(bitPattern: bits)) }
    for _ in 0..<4_000 {
      var pick = patterns.shuffled(using: &seeded)[..<5]
      guard let old = pick.popFirst(), let new = pick.popFirst(), let epsilon = pick.popFirst(),
        let low = pick.popFirst(), let high = pick.popFirst()
      else { return }
      var metadata = Metadata()
      var value = ValueDescriptor()
      (value.group, value.id, value.initial, value.epsilon) = (1, 2, old, epsilon)
      (value.minimum, value.maximum) = (low, high)
      metadata.values = [value]
      var registry = Registry(limits: .embedded)
      _ = try registry.declare(metadata, owner: 1)
      let result = registry.values.set(oid, to: new, caller: owner, now: at(0))
      let (x, y, e) = (number(old), number(new), number(epsilon))
      let isSame = x == y || (x.isNaN && y.isNaN) || (x.isFinite && y.isFinite && abs(x - y) < e)
      let hasRange = !(number(low) == 0 && number(high) == 0)
      let isOutside = hasRange && (y.isNaN || y < number(low) || y > number(high))
      #expect(result.status == (isSame || !isOutside ? .ok : .invalid))
      #expect((result.change != nil) == (!isSame && !isOutside))
    }
  }
}

@Suite("A stored value")
struct PersistenceTests {
  private let owner = Caller.task(1)

  private func stored(debounce: UInt16, key: UInt16 = 9) throws -> Registry {
    var registry = Registry(limits: .desktop)
    var chain = DescriptorChain()
    (chain.persistKey, chain.debounceMilliseconds) = (key, debounce)
    let nothing: [UInt8] = []
    _ = try registry.registerValue(oid, flags: .persist, chain: chain, in: nothing.span, owner: 1)
    return registry
  }

  @Test("is written once for all its changes within the debounce, with the last of them")
  func debounce() throws {
    var registry = try stored(debounce: 50)
    #expect(registry.values.set(oid, to: half(1), caller: owner, now: at(10)).change?.writeDue == at(60))
    #expect(registry.values.set(oid, to: half(2), caller: owner, now: at(40)).change?.writeDue == at(60))
    #expect(registry.values.nextWriteDue == at(60))
    #expect(registry.values.takeDueWrites(now: at(59)).isEmpty)
    #expect(registry.values.takeDueWrites(now: at(60)) == [PersistWrite(id: oid, key: 9, bits: half(2))])
    #expect(registry.values.nextWriteDue == nil)
    #expect(registry.values.scheduleWrite(oid, due: at(99)) == true)
    #expect(registry.values.takeDueWrites(now: at(99)).count == 1)
  }

  @Test("starts from what is stored if that is in range, else from what the image says")
  func restored() throws {
    let metadata = image {
      $0.value(1, 1, initial: 20, range: 5...35, key: 1)
      $0.value(1, 2, initial: 20, range: 5...35, key: 2)
      $0.value(1, 3, initial: 20)
    }
    var registry = Registry(limits: .desktop)
    let stored = [
      StoredValue(key: 2, bits: half(99)), StoredValue(key: 1, bits: half(30)), StoredValue(key: 0, bits: 1),
    ]
    _ = try registry.declare(metadata, owner: 1, stored: stored)
    #expect(registry.values.all.map(\.bits) == [30, 20, 20].map(half))
    #expect(registry.values.nextWriteDue == nil)
  }

  @Test("only loads or only saves if the manifest says so")
  func manifest() throws {
    var metadata = image { image in (1...3).forEach { image.value(1, $0, key: UInt16($0)) } }
    var manifest = Manifest()
    manifest.storageKeys = [
      Manifest.StorageKey(key: 1, mode: .load, length: 2),
      Manifest.StorageKey(key: 2, mode: .save, length: 2),
    ]
    metadata.manifest = manifest
    var registry = Registry(limits: .desktop)
    _ = try registry.declare(metadata, owner: 1, stored: (1...3).map { StoredValue(key: $0, bits: half(7)) })
    #expect(registry.values.all.map(\.bits) == [7, 0, 7].map(half))
    let due = registry.values.all.map {
      registry.values.set($0.id, to: half(1), caller: owner, now: at(1)).change?.writeDue != nil
    }
    #expect(due == [false, true, true])
  }

  @Test("follows its owner's word, and nobody else's")
  func persist() throws {
    var registry = try stored(debounce: 0)
    #expect(registry.values.persist(oid, mode: 0, caller: .client(.factory)).status == .notPermitted)
    #expect(registry.values.persist(ObjectID(7), mode: 0, caller: owner).status == .notFound)
    #expect(registry.values.persist(oid, mode: 3, caller: owner).status == .invalid)
    _ = registry.values.set(oid, to: half(1), caller: owner, now: at(0))
    #expect(registry.values.persist(oid, mode: 0, caller: owner).status == .ok)
    #expect(registry.values.nextWriteDue == nil && registry.values[oid]?.flags == [])
    #expect(registry.values.set(oid, to: half(2), caller: owner, now: at(0)).change?.writeDue == nil)
    #expect(registry.values.persist(oid, mode: 1, caller: owner).loadKey == 9)
    #expect(registry.values.set(oid, to: half(3), caller: owner, now: at(0)).change?.writeDue == nil)
    #expect(registry.values.persist(oid, mode: 2, caller: owner).status == .ok)
    #expect(registry.values.set(oid, to: half(4), caller: owner, now: at(8)).change?.writeDue == at(8))
    var keyless = try stored(debounce: 0, key: 0)
    #expect(keyless.values.persist(oid, mode: 2, caller: owner).status == .invalid)
    #expect(keyless.values.persist(oid, mode: 0, caller: owner).status == .ok)
  }

  @Test("that is restored tells its subscribers and is not written back")
  func restore() throws {
    var registry = try registry { $0.value(1, 2, range: 0...9, key: 4) }
    #expect(registry.values.restore(oid, to: half(10)).status == .invalid)
    #expect(registry.values.restore(oid, to: half(5)).change?.new == half(5))
    #expect(registry.values.restore(oid, to: half(5)).change == nil)
    #expect(registry.values.nextWriteDue == nil)
  }

  @Test("has a key that no other value may claim")
  func keys() throws {
    var registry = try registry { $0.value(1, 2, key: 4) }
    let other = ObjectID(group: 9, member: 9)
    #expect(
      refusal(&registry, image { $0.value(9, 9, key: 4) }, owner: 2)
        == .persistKeyTaken(4, by: oid, owner: 1))
    #expect(
      refusal(
        &registry,
        image {
          $0.value(9, 9, key: 5); $0.value(9, 8, key: 5)
        }, owner: 2)
        == .persistKeyTaken(5, by: other, owner: 2))
  }

  @Test("is still to be written when its task goes")
  func removal() throws {
    var registry = try stored(debounce: 1_000)
    _ = registry.values.set(oid, to: half(1), caller: owner, now: at(0))
    #expect(registry.remove(owner: 1).writes == [PersistWrite(id: oid, key: 9, bits: half(1))])
  }
}

@Suite("A subscription")
struct SubscriptionTests {
  @Test("to a sticky value gets the last value at once, to others nothing")
  func sticky() throws {
    var registry = try registry {
      $0.value(1, 2, flags: .sticky, initial: 1)
      $0.value(1, 3)
    }
    #expect(registry.values.subscribe(oid, caller: .task(2), mailbox: 1).notice == [2, 1, 0, 0x3C, 0, 0x3C])
    let other = registry.values.subscribe(ObjectID(group: 1, member: 3), caller: .task(2), mailbox: 1)
    #expect(other.status == .ok && other.notice == nil)
  }

  @Test("is one however often it is asked for, and there are no more than the limit")
  func bounds() throws {
    var registry = try registry(limits: .embedded) { $0.value(1, 2) }
    for mailbox in [UInt32(0), 0] + Array(1..<32) {
      #expect(registry.values.subscribe(oid, caller: .task(2), mailbox: mailbox).status == .ok)
    }
    #expect(registry.values.subscribe(oid, caller: .task(2), mailbox: 32).status == .noSpace)
    #expect(registry.values.subscriptions.count == 32)
  }

  @Test("ends by itself, with its mailbox, its task, or its value")
  func ends() throws {
    var registry = try registry {
      $0.value(1, 2)
      $0.value(1, 3)
    }
    let other = ObjectID(group: 1, member: 3)
    for (id, pid, mailbox) in [
      (oid, UInt32(2), UInt32(1)), (oid, 2, 2), (other, 2, 2), (oid, 3, 2), (other, 4, 1),
    ] {
      _ = registry.values.subscribe(id, caller: .task(pid), mailbox: mailbox)
    }
    #expect(registry.values.unsubscribe(Subscription(id: oid, pid: 2, mailbox: 1)) == true)
    #expect(registry.values.unsubscribe(Subscription(id: oid, pid: 2, mailbox: 1)) == false)
    registry.values.unsubscribe(pid: 2, mailbox: 2)
    #expect(registry.values.subscriptions.map(\.pid) == [3, 4])
    registry.values.unsubscribe(pid: 3)
    #expect(registry.remove(owner: 1).subscriptions == [Subscription(id: other, pid: 4, mailbox: 1)])
    #expect(registry.values.subscriptions.isEmpty)
  }
}
