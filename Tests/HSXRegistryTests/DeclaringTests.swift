import HSXHAL
import HSXRegistry
import HXE
import Testing

@Suite("Declaring an image's objects")
struct DeclaringTests {
  private let thermostat = image {
    $0.value(
      1, 1, "setpoint", group: "heat", unit: "degC", flags: .persist, level: 1, initial: 21.5, epsilon: 0.25,
      range: 5...35, key: 4353)
    $0.value(1, 2, "temperature", group: "heat", unit: "degC", flags: .readOnly, initial: 19)
    $0.command(1, 16, "reset", group: "heat", help: "Restore", flags: .pin, level: 2, handler: 64)
  }

  @Test("registers what it says, each string once")
  func registers() throws {
    var registry = Registry(limits: .desktop)
    _ = try registry.declare(thermostat, owner: 3)
    let value = try #require(registry.values[ObjectID(0x0101)])
    #expect(
      value.owner == 3 && value.bits == half(21.5) && value.epsilon == half(0.25) && value.authLevel == 1)
    #expect(value.minimum == half(5) && value.maximum == half(35) && value.persistKey == 4353)
    #expect(
      [value.name, value.groupName, value.unit].map { text(registry, $0) } == ["setpoint", "heat", "degC"])
    let command = try #require(registry.commands[ObjectID(0x0110)])
    #expect(command.handler == 64 && command.owner == 3 && text(registry, command.help) == "Restore")
    #expect(text(registry, command.groupName) == "heat" && text(registry, nil) == "")
    #expect(registry.strings.usedBytes == "setpointheatdegCtemperatureresetRestore".count)
    #expect(registry.values.ids(inGroup: 0xFF).map(\.rawValue) == [0x0101, 0x0102])
    #expect(registry.values.ids(inGroup: 2).isEmpty && registry.commands.ids(inGroup: 1).count == 1)
  }

  @Test("and removing them leaves no trace")
  func noTrace() throws {
    var registry = try registry { $0.value(9, 9, "temperature", group: "cold") }
    let before = registry.fingerprint
    _ = try registry.declare(thermostat, owner: 3)
    #expect(registry.fingerprint != before)
    let removal = registry.remove(owner: 3)
    #expect(removal.values.map(\.rawValue) == [0x0101, 0x0102] && removal.commands == [ObjectID(0x0110)])
    #expect(registry.fingerprint == before)
    #expect(registry.strings.usedBytes == "temperaturecold".count)
  }

  @Test("refuses a number that another has, all or none; a value and a command may have the same")
  func exists() throws {
    var registry = try registry {
      $0.value(1, 2)
      $0.command(1, 3)
    }
    let free = image { $0.value(1, 1) }.values
    var metadata = image { $0.value(1, 2) }
    metadata.values = free + metadata.values
    #expect(refusal(&registry, metadata, owner: 2) == .valueExists(oid, owner: 1))
    #expect(
      refusal(
        &registry,
        image {
          $0.value(1, 1); $0.command(1, 3)
        }, owner: 2)
        == .commandExists(ObjectID(0x0103), owner: 1))
    #expect(
      refusal(
        &registry,
        image {
          $0.value(7, 7); $0.value(7, 7)
        }, owner: 2)
        == .valueExists(ObjectID(0x0707), owner: 2))
    #expect(
      refusal(
        &registry,
        image {
          $0.command(7, 7); $0.command(7, 7)
        }, owner: 2)
        == .commandExists(ObjectID(0x0707), owner: 2))
    #expect(
      refusal(
        &registry,
        image {
          $0.command(1, 2); $0.value(1, 3)
        }, owner: 2) == nil)
    #expect(RegistryError.valueExists(oid, owner: 1).valueStatus == .exists)
  }

  @Test("refuses what does not fit and says what is needed and free")
  func full() throws {
    var registry = try registry(limits: .embedded) { image in
      (0..<60).forEach { image.value(1, $0) }
      (0..<15).forEach { image.command(1, $0) }
      image.value(2, 0, String(repeating: "x", count: 2_000))
    }
    func values(_ count: UInt8) -> Metadata { image { image in (0..<count).forEach { image.value(3, $0) } } }
    #expect(refusal(&registry, values(4), owner: 2) == .noSpace(.values, needed: 4, available: 3))
    #expect(
      refusal(
        &registry,
        image {
          $0.command(3, 0); $0.command(3, 1)
        }, owner: 2)
        == .noSpace(.commands, needed: 2, available: 1))
    let long = String(repeating: "y", count: 30)
    #expect(
      refusal(&registry, image { $0.value(3, 0, long, group: long, unit: "ab" + long) }, owner: 2)
        == .noSpace(.strings, needed: 62, available: 48))
    #expect(refusal(&registry, values(3), owner: 2) == nil)
    #expect(RegistryLimits.desktop.values == 256 && RegistryLimits.desktop.stringBytes == 4096)
  }

  @Test("refuses strings outside the text and handlers between instructions")
  func malformed() {
    var registry = Registry(limits: .desktop)
    var metadata = image { $0.value(1, 2, "a") }
    metadata.values[0].unit = TextRange(start: 1, count: .max)
    #expect(refusal(&registry, metadata, owner: 1) == .invalidDescriptor(.outOfBounds(address: 1)))
    #expect(
      refusal(&registry, image { $0.command(1, 2, handler: 6) }, owner: 1)
        == .handlerUnaligned(oid, offset: 6))
  }

  @Test("of a replacement does not count what goes, carries stored values over, and keeps others listening")
  func replaces() throws {
    var registry = Registry(limits: RegistryLimits(values: 2, commands: 1, stringBytes: 60, subscriptions: 9))
    _ = try registry.declare(thermostat, owner: 1)
    let setpoint = ObjectID(0x0101)
    _ = registry.values.set(setpoint, to: half(30), caller: .task(1), now: at(0))
    _ = registry.values.set(ObjectID(0x0102), to: half(30), caller: .task(1), now: at(0))
    for pid in [UInt32(1), 5] {
      _ = registry.values.subscribe(setpoint, caller: .task(pid).at(.user), mailbox: 4)
      _ = registry.values.subscribe(ObjectID(0x0102), caller: .task(pid), mailbox: 4)
    }
    #expect(refusal(&registry, thermostat, owner: 2) != nil)
    var next = thermostat
    next.values.removeLast()
    let removal = try registry.declare(next, owner: 2, replacing: .removed(1))
    #expect(registry.values.all.map(\.owner) == [2] && registry.values[setpoint]?.bits == half(30))
    #expect(registry.values.subscriptions == [Subscription(id: setpoint, pid: 5, mailbox: 4)])
    #expect(removal.subscriptions.count == 3 && removal.writes.map(\.key) == [4353])
    _ = try registry.declare(
      thermostat, owner: 3, replacing: .removed(2), stored: [StoredValue(key: 4353, bits: half(7))])
    #expect(registry.values.all.map(\.bits) == [half(7), half(19)])
  }

  @Test("says once when a table is above 80 %, and once when it is below 70 %")
  func warnings() throws {
    var registry = Registry(
      limits: RegistryLimits(values: 10, commands: 10, stringBytes: 99, subscriptions: 9))
    func grow(_ range: Range<UInt8>, owner: UInt32) throws -> [CapacityChange] {
      try registry.declare(image { image in range.forEach { image.value(1, $0) } }, owner: owner)
        .capacityChanges
    }
    #expect(try grow(0..<6, owner: 1).isEmpty)
    #expect(try grow(6..<8, owner: 2).isEmpty)
    #expect(try grow(8..<9, owner: 3) == [change(true, 9)])
    #expect(try grow(9..<10, owner: 4).isEmpty)
    #expect(registry.valueUse.usagePercent == 100 && registry.valueUse.isWarning)
    #expect(registry.remove(owner: 2).capacityChanges.isEmpty)
    #expect(registry.remove(owner: 3).capacityChanges.isEmpty)
    #expect(registry.remove(owner: 4).capacityChanges == [change(false, 6)])
    #expect(registry.valueUse.highWaterPercent == 100 && registry.valueUse.usagePercent == 60)
    #expect(registry.stringUse.used == 0 && registry.commandUse.capacity == 10)
  }

  private func change(_ isRaised: Bool, _ used: Int) -> CapacityChange {
    CapacityChange(resource: .values, isRaised: isRaised, used: used, capacity: 10)
  }
}

extension Caller {
  fileprivate func at(_ level: Level) -> Caller {
    var caller = self
    caller.level = level
    return caller
  }
}

@Suite("A name")
struct NameTests {
  @Test("means an object in full, or alone if nothing else has it")
  func names() throws {
    let registry = try registry {
      $0.value(1, 1, "setpoint", group: "heat")
      $0.value(2, 1, "setpoint", group: "cool")
      $0.value(3, 1, "trips", group: "odo")
      $0.value(3, 2, "odo:trips", group: "x")
      $0.value(3, 3)
      $0.command(3, 1, "trips")
      $0.value(4, 1, "twin", group: "g")
      $0.value(4, 2, "twin", group: "g")
    }
    for (name, expected) in [
      ("heat:setpoint", NameMatch.found(ObjectID(0x0101))), ("cool:setpoint", .found(ObjectID(0x0201))),
      ("setpoint", .ambiguous), ("trips", .found(ObjectID(0x0301))), ("odo:trips", .found(ObjectID(0x0301))),
      ("x:odo:trips", .found(ObjectID(0x0302))), ("", .unknown), (":", .unknown), ("heat:", .unknown),
      ("heat", .unknown), ("heat:trips", .unknown), ("g:twin", .ambiguous),
    ] {
      #expect(registry.value(named: bytes(name).span) == expected, "\(name)")
    }
    #expect(registry.command(named: bytes("trips").span) == .found(ObjectID(0x0301)))
    #expect(registry.command(named: bytes("setpoint").span) == .unknown)
  }
}

@Suite("A command")
struct CommandTests {
  @Test("may be called by whom its level, its pin and its kind allow, in this order")
  func authorize() throws {
    let registry = try registry {
      $0.command(1, 2, flags: [.pin, .async], level: 1)
      $0.command(1, 3, level: 2)
    }
    let plain = ObjectID(0x0103)
    for (id, caller, isAsync, expected) in [
      (ObjectID(9), Caller.task(1), false, CommandStatus.notFound),
      (oid, .client(.public, hasToken: true), false, .notPermitted),
      (oid, .client(.user), false, .notPermitted),
      (oid, .client(.user, hasToken: true), true, .ok), (oid, .task(1), false, .notPermitted),
      (oid, .task(1, hasToken: true), false, .ok), (plain, .task(1), false, .ok),
      (plain, .task(1), true, .notAsync),
      (plain, .client(.user), true, .notPermitted), (plain, .client(.factory), false, .ok),
    ] {
      #expect(registry.commands.authorize(id, caller: caller, isAsync: isAsync) == expected)
    }
  }

  @Test("called without waiting answers with number, status and, if there is one, result")
  func answer() {
    #expect(CommandTable.answer(oid, status: .failed, result: nil) == [2, 1, 7, 0])
    #expect(CommandTable.answer(oid, status: .ok, result: 0x0403_0201) == [2, 1, 0, 0, 1, 2, 3, 4])
  }
}
