import HSXHAL
import HSXRegistry
import HXE
import Testing

/// A value by the specification's words, in double precision.
private struct NaiveValue {
  var id: UInt16
  var owner: UInt32
  var flags: UInt8
  var level: UInt8
  var bits: UInt16
  var epsilon: Double
  var low: Double
  var high: Double
  var rate: UInt64
  var key: UInt16
  var debounce: UInt64
  var changed: UInt64?
  var due: UInt64?
  var texts: [String]
  var subscribers: [Subscription] = []

  var number: Double { Double(Float16(bitPattern: bits)) }
}

@Suite("A registry in any order of calls")
struct ModelTests {
  @Test("answers what a naive model answers", arguments: 1...12)
  func agrees(seed: UInt64) throws {
    var run = Run(seed: seed)
    for step in 0..<1_000 {
      run.step()
      guard run.isSame else {
        Issue.record("seed \(seed), step \(step): \(run.last)")
        return
      }
    }
    #expect(run.statuses.count == 7, "every status came up")
    #expect(run.writes > 8)
  }
}

private struct Run {
  static let limits = RegistryLimits(values: 9, commands: 1, stringBytes: 26, subscriptions: 6)
  static let numbers: [Float16] = [0, 1, 1.25, 1.5, 2, 4, -3, 100, .infinity, .nan]
  var registry = Registry(limits: limits)
  var model: [NaiveValue] = []
  var seeded: Seeded
  var now: UInt64 = 0
  var isSame = true
  var last = ""
  var statuses: Set<ValueStatus> = []
  var writes = 0

  init(seed: UInt64) { seeded = Seeded(seed) }

  mutating func pick(_ count: Int) -> Int { Int.random(in: 0..<count, using: &seeded) }
  mutating func number() -> Float16 { Self.numbers[pick(Self.numbers.count)] }

  mutating func check<Value: Equatable>(_ real: Value, _ expected: Value, _ what: String) {
    guard real != expected, isSame else { return }
    isSame = false
    last = "\(what): \(real), expected \(expected)"
  }

  mutating func check(status real: ValueStatus, _ expected: ValueStatus, _ what: String) {
    statuses.insert(real)
    check(real, expected, what)
  }

  mutating func caller() -> Caller {
    if pick(2) == 0 { return .task(UInt32(1 + pick(4)), hasToken: pick(2) == 0) }
    let level = Caller.Level.allCases[pick(4)]
    return .client(level, actingAs: UInt32(pick(4)), hasToken: pick(2) == 0)
  }

  /// The bytes of different strings in use.
  var stringBytes: Int { Set(model.flatMap(\.texts)).reduce(0) { $0 + $1.utf8.count } }

  mutating func step() {
    now += UInt64(pick(12))
    switch pick(16) {
    case 0...3: register()
    case 4 where pick(3) == 0:
      let owner = UInt32(1 + pick(4))
      let removal = registry.remove(owner: owner)
      check(removal.values.map(\.rawValue), model.filter { $0.owner == owner }.map(\.id), "removed")
      check(removal.writes.count, model.filter { $0.owner == owner && $0.due != nil }.count, "pending")
      model.removeAll { $0.owner == owner }
      for index in model.indices { model[index].subscribers.removeAll { $0.pid == owner } }
    case 5, 6: subscribe()
    case 7:
      let due = model.filter { ($0.due ?? .max) <= now }.map(\.id)
      let taken = registry.values.takeDueWrites(now: at(now))
      writes += taken.count
      check(taken.map(\.id.rawValue).sorted(), due, "due")
      for index in model.indices where due.contains(model[index].id) { model[index].due = nil }
    default: set()
    }
    check(registry.values.all.map(\.id.rawValue), model.map(\.id), "ids")
    check(registry.values.all.map(\.bits), model.map(\.bits), "bits")
    check(registry.strings.usedBytes, stringBytes, "string bytes")
    check(registry.values.nextWriteDue, model.compactMap(\.due).min().map(at), "next due")
    for (value, expected) in zip(registry.values.all, model) {
      check([value.name, value.unit].compactMap { $0 }.map { text(registry, $0) }, expected.texts, "texts")
    }
  }

  mutating func register() {
    let id = UInt16(pick(12))
    let owner = UInt32(1 + pick(4))
    var new = NaiveValue(
      id: id, owner: owner, flags: [0, 0, 2, 4, 1, 8, 31][pick(7)], level: [0, 0, 1, 2, 4][pick(5)], bits: 0,
      epsilon: 0, low: 0,
      high: 0,
      rate: UInt64(pick(3) * 30), key: [0, 1, 2, 3, 4, 5, 6, 7, 8][pick(9)], debounce: UInt64(pick(100)),
      texts: [])
    let words = ["", "a", "bb", "ccccc", "dddddddd", "eeeeeeee"]
    var memory: [UInt8] = []
    var chain = DescriptorChain()
    for index in 0..<2 {
      let word = words[pick(words.count)]
      guard !word.isEmpty else { continue }
      let range = TextRange(start: UInt32(memory.count), count: UInt32(word.utf8.count))
      memory += bytes(word)
      new.texts.append(word)
      if index == 0 { chain.name = range } else { chain.unit = range }
    }
    let epsilon = [0, 0, 0.25, 1.5, -1, .nan, .infinity][pick(7)] as Float16
    let hasRange = pick(2) == 0
    let low = hasRange ? [-3, 0, 1, .nan, 4][pick(5)] as Float16 : 0
    let high = hasRange ? [2, 4, 100, .nan, -0.0][pick(5)] as Float16 : 0
    (new.epsilon, new.low, new.high) = (Double(epsilon), Double(low), Double(high))
    chain.epsilon = half(epsilon)
    (chain.minimum, chain.maximum) = (half(low), half(high))
    (chain.rateMilliseconds, chain.debounceMilliseconds) = (UInt16(new.rate), UInt16(new.debounce))
    chain.persistKey = new.key
    let known = model.first { $0.id == id }
    // Registering one's own again is told of elsewhere.
    guard known?.owner != owner else { return }
    var status = ValueStatus.ok
    do throws(RegistryError) {
      _ = try registry.registerValue(
        ObjectID(id), flags: ValueFlags(rawValue: new.flags), authLevel: new.level, chain: chain,
        in: memory.span,
        owner: owner)
    } catch { status = error.valueStatus }
    var expected = ValueStatus.ok
    let missing = Set(new.texts).subtracting(model.flatMap(\.texts)).reduce(0) { $0 + $1.utf8.count }
    if known != nil {
      expected = .exists
    } else if model.count == Self.limits.values {
      expected = .noSpace
    } else if new.key != 0, model.contains(where: { $0.key == new.key }) {
      expected = .exists
    } else if stringBytes + missing > Self.limits.stringBytes {
      expected = .noSpace
    }
    check(status: status, expected, "register \(id)")
    guard expected == .ok else { return }
    model.append(new)
    model.sort { $0.id < $1.id }
  }

  mutating func set() {
    let id = UInt16(pick(12))
    let bits = half(number())
    let caller = caller()
    let real = registry.values.set(ObjectID(id), to: bits, caller: caller, now: at(now))
    guard let index = model.firstIndex(where: { $0.id == id }) else {
      return check(status: real.status, .notFound, "set")
    }
    let value = model[index]
    let isOwner = caller.pid == value.owner
    let next = Double(Float16(bitPattern: bits))
    let isNear =
      value.number == next || (value.number.isNaN && next.isNaN)
      || (value.number.isFinite && next.isFinite && abs(next - value.number) < value.epsilon)
    let isOutside =
      !(value.low == 0 && value.high == 0) && (next.isNaN || next < value.low || next > value.high)
    var expected = ValueStatus.ok
    if !isOwner, caller.level.rawValue < value.level || value.flags & 1 != 0 {
      expected = .notPermitted
    } else if value.flags & 8 != 0, !caller.hasToken, !isOwner || !caller.isTask {
      expected = .notPermitted
    } else if isNear {
      expected = .ok
    } else if let changed = value.changed, now - changed < value.rate {
      expected = .busy
    } else if isOutside {
      expected = .invalid
    } else {
      model[index].bits = bits
      model[index].changed = now
      if value.key != 0 { model[index].due = value.due ?? now + value.debounce }
      check(real.change?.old, value.bits, "old")
      check(real.change?.subscribers, value.subscribers, "subscribers")
      check(real.change?.writeDue, model[index].due.map(at), "write due")
    }
    check(status: real.status, expected, "set \(id)")
    check(
      real.change != nil, model[index].bits != value.bits || model[index].changed != value.changed, "change")
  }

  mutating func subscribe() {
    let id = UInt16(pick(12))
    let caller = caller()
    let subscription = Subscription(id: ObjectID(id), pid: caller.pid, mailbox: UInt32(pick(3)))
    if pick(3) == 0 {
      var ended = false
      for index in model.indices {
        ended = ended || model[index].subscribers.contains(subscription)
        model[index].subscribers.removeAll { $0 == subscription }
      }
      return check(registry.values.unsubscribe(subscription), ended, "unsubscribe")
    }
    let real = registry.values.subscribe(ObjectID(id), caller: caller, mailbox: subscription.mailbox)
    guard let index = model.firstIndex(where: { $0.id == id }) else {
      return check(status: real.status, .notFound, "subscribe")
    }
    let value = model[index]
    let count = model.reduce(0) { $0 + $1.subscribers.count }
    if caller.pid != value.owner, caller.level.rawValue < value.level {
      return check(status: real.status, .notPermitted, "subscribe")
    }
    if !value.subscribers.contains(subscription) {
      guard count < Self.limits.subscriptions else {
        return check(status: real.status, .noSpace, "subscribe")
      }
      model[index].subscribers.append(subscription)
    }
    check(status: real.status, .ok, "subscribe")
    check(real.notice != nil, value.flags & 4 != 0, "sticky")
  }
}
