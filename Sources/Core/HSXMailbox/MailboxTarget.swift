public import HXE

/// The four kinds of mailboxes. The numbers are those of `mailbox_snapshot`.
public enum MailboxNamespace: UInt8, CaseIterable, Equatable, Sendable {
  /// `pid:`, a task's control box.
  case pid = 0
  /// `svc:`, a service of the executive, one box an owner.
  case service = 1
  /// `app:`, shared by name, or one owner's.
  case app = 2
  /// `shared:`, nobody's.
  case shared = 3
}

/// Why a text is not a target.
public enum TargetError: Error, Equatable, Sendable {
  /// There is nothing.
  case empty
  /// There are more than 32 bytes.
  case tooLong(count: Int)
  /// What stands before the colon is none of `pid`, `svc`, `app`, `shared`.
  case unknownPrefix
  /// No name stands between prefix and owner.
  case emptyName
  /// A byte of the name is a control character or a space.
  case invalidCharacter(offset: Int)
  /// What stands behind `pid:` or `@` is not a pid.
  case invalidPID
  /// An owner stands where there can be none: behind `pid:N` or a `shared:` name.
  case unexpectedOwner
}

/// What a mailbox is known by, in canonical form: two texts that mean one box give equal targets.
public struct MailboxTarget: Equatable, Comparable, Sendable {
  /// The kind.
  public let namespace: MailboxNamespace
  /// The name without prefix and owner; empty for a control box.
  public let name: ShortName
  /// The pid that it belongs to; nil if it is shared by its name.
  public let owner: UInt32?

  private init(namespace: MailboxNamespace, name: ShortName, owner: UInt32?) {
    self.namespace = namespace
    self.name = name
    self.owner = owner
  }

  /// The control box of a task.
  public static func control(of pid: UInt32) -> MailboxTarget {
    MailboxTarget(namespace: .pid, name: ShortName(), owner: pid)
  }

  /// The service box `name` of a task.
  public static func service(_ name: ShortName, of pid: UInt32) -> MailboxTarget {
    MailboxTarget(namespace: .service, name: name, owner: pid)
  }

  /// Reads `[prefix:]name[@owner]` as `caller` means it: without a prefix it is `svc:`, a service without an
  /// owner is the caller's, and `pid:` alone is the caller's control box.
  public static func parse(_ text: Span<UInt8>, caller: UInt32) throws(TargetError) -> MailboxTarget {
    guard !text.isEmpty else { throw .empty }
    guard text.count <= ShortName.capacity else { throw .tooLong(count: text.count) }
    for offset in text.indices where text[offset] <= 0x20 || text[offset] == 0x7F {
      throw .invalidCharacter(offset: offset)
    }
    var nameStart = 0
    var namespace = MailboxNamespace.service
    if let colon = firstIndex(of: UInt8(ascii: ":"), in: text) {
      namespace = try prefix(text.extracting(first: colon))
      nameStart = colon + 1
    }
    var nameEnd = text.count
    var owner: UInt32?
    if let at = lastIndex(of: UInt8(ascii: "@"), in: text), at >= nameStart {
      owner = try pid(text.extracting((at + 1)..<text.count))
      nameEnd = at
    }
    let rest = text.extracting(nameStart..<nameEnd)
    switch namespace {
    case .pid:
      guard owner == nil else { throw .unexpectedOwner }
      return control(of: rest.isEmpty ? caller : try pid(rest))
    case .service: owner = owner ?? caller
    case .app: break
    case .shared: guard owner == nil else { throw .unexpectedOwner }
    }
    guard !rest.isEmpty, let name = ShortName(rest) else { throw .emptyName }
    return MailboxTarget(namespace: namespace, name: name, owner: owner)
  }

  /// The canonical text: `pid:3`, `svc:stdio.out@3`, `app:telemetry`, `app:private@3`, `shared:alarms`.
  /// It may be longer than the 32 bytes a program can write, since it names the owner.
  public var text: [UInt8] {
    var text: [UInt8] = []
    switch namespace {
    case .pid: text.append(contentsOf: [0x70, 0x69, 0x64, 0x3A])
    case .service: text.append(contentsOf: [0x73, 0x76, 0x63, 0x3A])
    case .app: text.append(contentsOf: [0x61, 0x70, 0x70, 0x3A])
    case .shared: text.append(contentsOf: [0x73, 0x68, 0x61, 0x72, 0x65, 0x64, 0x3A])
    }
    for index in 0..<name.count { text.append(name[index]) }
    if let owner {
      if namespace != .pid { text.append(UInt8(ascii: "@")) }
      Self.append(owner, to: &text)
    }
    return text
  }

  /// Orders targets by namespace, name and owner, those without an owner first.
  public static func < (left: MailboxTarget, right: MailboxTarget) -> Bool {
    if left.namespace != right.namespace { return left.namespace.rawValue < right.namespace.rawValue }
    if left.name != right.name { return left.name < right.name }
    guard let rightOwner = right.owner else { return false }
    guard let leftOwner = left.owner else { return true }
    return leftOwner < rightOwner
  }

  private static func append(_ number: UInt32, to text: inout [UInt8]) {
    let start = text.count
    var rest = number
    repeat {
      text.insert(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10), at: start)
      rest /= 10
    } while rest > 0
  }

  private static func prefix(_ text: Span<UInt8>) throws(TargetError) -> MailboxNamespace {
    if equal(text, [0x70, 0x69, 0x64]) { return .pid }
    if equal(text, [0x73, 0x76, 0x63]) { return .service }
    if equal(text, [0x61, 0x70, 0x70]) { return .app }
    if equal(text, [0x73, 0x68, 0x61, 0x72, 0x65, 0x64]) { return .shared }
    throw .unknownPrefix
  }

  private static func pid(_ digits: Span<UInt8>) throws(TargetError) -> UInt32 {
    guard !digits.isEmpty else { throw .invalidPID }
    var number: UInt32 = 0
    for index in digits.indices {
      let digit = digits[index] &- UInt8(ascii: "0")
      guard digit < 10 else { throw .invalidPID }
      let (tenfold, over) = number.multipliedReportingOverflow(by: 10)
      let (sum, carry) = tenfold.addingReportingOverflow(UInt32(digit))
      guard !over, !carry else { throw .invalidPID }
      number = sum
    }
    return number
  }

  private static func equal(_ text: Span<UInt8>, _ word: [UInt8]) -> Bool {
    guard text.count == word.count else { return false }
    for index in text.indices where text[index] != word[index] { return false }
    return true
  }

  private static func firstIndex(of byte: UInt8, in text: Span<UInt8>) -> Int? {
    for index in text.indices where text[index] == byte { return index }
    return nil
  }

  private static func lastIndex(of byte: UInt8, in text: Span<UInt8>) -> Int? {
    var found: Int?
    for index in text.indices where text[index] == byte { found = index }
    return found
  }
}
