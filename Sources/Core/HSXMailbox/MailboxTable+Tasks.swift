public import HXE

/// The modes of a task's three stdio boxes.
public struct StdioModes: Equatable, Sendable {
  /// `svc:stdio.in`.
  public var input: MailboxMode
  /// `svc:stdio.out`.
  public var output: MailboxMode
  /// `svc:stdio.err`.
  public var error: MailboxMode

  /// Reading and writing, unless said otherwise.
  public init(
    input: MailboxMode = .readWrite, output: MailboxMode = .readWrite, error: MailboxMode = .readWrite
  ) {
    self.input = input
    self.output = output
    self.error = error
  }
}

extension MailboxTable {
  /// The names of the stdio boxes, without prefix and owner, in the order of their handles.
  public static var stdioNames: [ShortName] {
    [stdioName([0x69, 0x6E]), stdioName([0x6F, 0x75, 0x74]), stdioName([0x65, 0x72, 0x72])]
  }

  /// `stdio.` and a suffix. Spelt in bytes: a `String` here would bring its machinery into every firmware.
  private static func stdioName(_ suffix: [UInt8]) -> ShortName {
    var name = ShortName()
    for byte in [0x73, 0x74, 0x64, 0x69, 0x6F, 0x2E] + suffix { name.append(byte) }
    return name
  }

  /// Whether `declare` with these arguments would succeed now; the refusal if not. Changes nothing.
  /// Costs what `declare` does.
  public func canDeclare(
    _ declarations: [MailboxDescriptor], owner: UInt32, replacing: UInt32? = nil,
    superseding: UInt32? = nil, stdio: StdioModes = StdioModes()
  ) -> DeclarationRefusal? {
    var trial = self
    do throws(DeclarationRefusal) {
      _ = try trial.apply(
        declarations, owner: owner, replacing: replacing, superseding: superseding, stdio: stdio)
      return nil
    } catch {
      return error
    }
  }

  /// Makes, at one instant, what a task starts with: its control box and stdio with handles 1, 2 and 3 (unless
  /// it is here already), and the mailboxes that its image declares. All or none: a refusal leaves the table as
  /// it was. It does not refuse what `canDeclare` has just allowed.
  ///
  /// With `replacing` that task goes at the same instant: what it has does not count as taken, and a shared box
  /// that both declare stays, with its messages and other tasks' handles. A shared box that a third task has
  /// declared must have the same mode, and becomes as large as the larger of both.
  ///
  /// With `superseding` that task stands aside: it keeps what it has, but the mode that it declared a shared box
  /// with does not bind the new one. `declarations(of:)` before and `restore` after undo that.
  ///
  /// - Returns: what went with the replaced task.
  public mutating func declare(
    _ declarations: [MailboxDescriptor], owner: UInt32, replacing: UInt32? = nil,
    superseding: UInt32? = nil, stdio: StdioModes = StdioModes()
  ) throws(DeclarationRefusal) -> MailboxRemoval {
    var trial = self
    let removal = try trial.apply(
      declarations, owner: owner, replacing: replacing, superseding: superseding, stdio: stdio)
    self = trial
    return removal
  }

  /// Adds a task that declares nothing: `declare` with no declarations.
  public mutating func addTask(
    _ pid: UInt32, stdio: StdioModes = StdioModes()
  ) throws(DeclarationRefusal) {
    _ = try declare([], owner: pid, stdio: stdio)
  }

  private mutating func apply(
    _ declarations: [MailboxDescriptor], owner: UInt32, replacing: UInt32?, superseding: UInt32?,
    stdio: StdioModes
  ) throws(DeclarationRefusal) -> MailboxRemoval {
    let targets = try Self.targets(of: declarations, owner: owner)
    // Claimed first, so that the boxes survive the end of the replaced task.
    for target in targets {
      if let index = boxIndex(of: target) { boxes[index].addDeclarer(owner) }
    }
    var removal = MailboxRemoval()
    if let replacing, replacing != owner { removal = removeTask(replacing) }
    try checkDescriptors(for: targets, owner: owner)
    do throws(MailboxError) {
      try addTaskIfNew(owner, stdio: stdio)
    } catch {
      throw DeclarationRefusal(index: nil, error: error)
    }
    for index in declarations.indices {
      do throws(MailboxError) {
        try declare(declarations[index], as: targets[index], owner: owner, superseding: superseding)
      } catch {
        throw DeclarationRefusal(index: index, error: error)
      }
    }
    return removal
  }

  private static func targets(
    of declarations: [MailboxDescriptor], owner: UInt32
  ) throws(DeclarationRefusal) -> [MailboxTarget] {
    var targets: [MailboxTarget] = []
    for index in declarations.indices {
      let target: MailboxTarget
      do throws(TargetError) {
        target = try MailboxTarget.parse(declarations[index].target.span, caller: owner)
      } catch {
        throw DeclarationRefusal(index: index, error: .invalidTarget(error))
      }
      if owner != 0, let named = target.owner, named != owner {
        throw DeclarationRefusal(index: index, error: .notOwner(owner: named))
      }
      guard !targets.contains(target) else {
        throw DeclarationRefusal(index: index, error: .duplicateTarget)
      }
      targets.append(target)
    }
    return targets
  }

  /// Says at once how many descriptors all of it needs, and not where the table happens to end.
  private func checkDescriptors(
    for targets: [MailboxTarget], owner: UInt32
  ) throws(DeclarationRefusal) {
    var needed = 0
    for target in targets where boxIndex(of: target) == nil { needed += 1 }
    if owner != 0, !hasTask(owner) {
      for target in Self.initialTargets(of: owner) where !targets.contains(target) { needed += 1 }
    }
    let available = max(0, limits.descriptors - boxes.count)
    guard needed <= available else {
      throw DeclarationRefusal(
        index: nil, error: .descriptorsExhausted(needed: needed, available: available))
    }
  }

  private static func initialTargets(of pid: UInt32) -> [MailboxTarget] {
    stdioNames.map { MailboxTarget.service($0, of: pid) } + [MailboxTarget.control(of: pid)]
  }

  private mutating func addTaskIfNew(_ pid: UInt32, stdio: StdioModes) throws(MailboxError) {
    guard pid != 0, !hasTask(pid) else { return }
    guard limits.handlesPerTask >= 3 else { throw .handlesExhausted(limit: limits.handlesPerTask) }
    var place = tasks.count
    while place > 0, tasks[place - 1].pid > pid { place -= 1 }
    tasks.insert(Task(pid: pid, nextHandle: 1), at: place)
    let targets = Self.initialTargets(of: pid)
    let modes = [stdio.input, stdio.output, stdio.error, .readWrite]
    let access = [MailboxMode.read, .write, .write]
    for index in targets.indices {
      let id = try bind(pid: pid, target: targets[index], capacity: 0, mode: modes[index])
      guard index < access.count, let box = boxIndex(id: id) else { continue }
      _ = addHandle(pid: pid, to: box, access: access[index])
    }
  }

  private mutating func declare(
    _ declaration: MailboxDescriptor, as target: MailboxTarget, owner: UInt32, superseding: UInt32?
  ) throws(MailboxError) {
    let mode = declaration.mode.isEmpty ? MailboxMode.readWrite : declaration.mode
    var capacity = declaration.capacity ?? MailboxLimits.defaultCapacity
    if capacity == 0 { capacity = MailboxLimits.defaultCapacity }
    if let index = boxIndex(of: target) {
      let box = boxes[index]
      if box.declarers.contains(where: { $0 != owner && $0 != superseding }) {
        guard box.mode == mode else { throw .modeConflict(existing: box.mode) }
        capacity = max(capacity, box.capacity)
      }
    }
    _ = try bind(pid: owner, target: target, capacity: capacity, mode: mode)
  }
}
