/// An entry of the mailbox JSON while its members come, in any order and under either of their names.
///
/// A member that another one overrides must have the right type, but what it says is not judged: a `name` beside
/// a `target` may be as long as it likes. So the weaker ones are judged when the entry is complete.
struct MailboxDraft {
  /// What a member says, or what is wrong with it.
  private enum Claim<Value> {
    case value(Value)
    case fault(ImageError)
  }

  private var target: ShortName?
  private var name: Claim<ShortName>?
  private var capacity: UInt32?
  private var queueDepth: UInt32?
  private var modeMask: UInt16?
  private var mode: Claim<UInt16>?
  private var flags: Claim<UInt16>?
  private var owner: Int64?
  private var bindings: [MailboxBinding] = []

  /// Reads the members of the entry that has begun, to its end; at most `bindings` bindings.
  mutating func read(_ document: inout ImageDocument, bindings limit: UInt32) throws(ImageError) {
    while let member = try document.member() {
      if document.json.matches(member, "target") {
        switch try nameClaim(&document) {
        case .value(let text): target = text
        case .fault(let fault): throw fault
        case nil: target = nil
        }
      } else if document.json.matches(member, "name") {
        name = try nameClaim(&document)
      } else if document.json.matches(member, "capacity") {
        capacity = try document.looseInteger(0...0xFFFF_FFFF).map { UInt32(truncatingIfNeeded: $0) }
      } else if document.json.matches(member, "queue_depth") {
        queueDepth = try document.looseInteger(0...0xFFFF_FFFF).map { UInt32(truncatingIfNeeded: $0) }
      } else if document.json.matches(member, "mode_mask") {
        modeMask = try document.looseInteger(0...0xFFFF).map { UInt16(truncatingIfNeeded: $0) }
      } else if document.json.matches(member, "mode") {
        mode = try modeClaim(&document)
      } else if document.json.matches(member, "flags") {
        flags = try modeClaim(&document)
      } else if document.json.matches(member, "owner_pid") {
        owner = try document.looseInteger()
      } else if document.json.matches(member, "bindings") {
        try readBindings(&document, limit)
      } else {
        try document.skipValue()
      }
    }
  }

  /// The mailbox, now that the entry at the file offset `file` is complete.
  func mailbox(at file: UInt32) throws(ImageError) -> MailboxDescriptor {
    var mailbox = MailboxDescriptor()
    var first: ImageError?
    if let target {
      mailbox.target = target
    } else {
      switch name {
      case .value(let text): mailbox.target = text
      case .fault(let fault): first = fault
      case nil: throw ImageError(.mailboxTargetMissing, at: file)
      }
    }
    if let modeMask {
      mailbox.mode = Self.mode(modeMask)
    } else {
      switch mode ?? flags {
      case .value(let bits): mailbox.mode = Self.mode(bits)
      case .fault(let fault): if first.map({ fault.offset < $0.offset }) ?? true { first = fault }
      case nil: mailbox.mode = .readWrite
      }
    }
    if let first { throw first }
    if let bytes = capacity ?? queueDepth, bytes != 0 { mailbox.capacity = bytes }
    mailbox.ownerPID = owner
    mailbox.bindings = bindings
    return mailbox
  }

  private static func mode(_ bits: UInt16) -> MailboxMode {
    bits == 0 ? .readWrite : MailboxMode(rawValue: bits)
  }

  /// A target; nil for null and for white space.
  private func nameClaim(_ document: inout ImageDocument) throws(ImageError) -> Claim<ShortName>? {
    guard let string = try document.string() else { return nil }
    let decoded = document.json.decode(string)
    let text = decoded.span.trimmingASCIIWhitespace()
    guard !text.isEmpty else { return nil }
    guard let name = ShortName(text) else {
      return .fault(targetTooLong(text.count, at: document.fileOffset(string.start - 1)))
    }
    return .value(name)
  }

  private func modeClaim(_ document: inout ImageDocument) throws(ImageError) -> Claim<UInt16>? {
    let token = try document.next()
    switch token.kind {
    case .null: return nil
    case .integer(let number):
      guard let bits = UInt16(exactly: number) else { throw document.fault(token) }
      return .value(bits)
    case .string(let text):
      guard let bits = MailboxMode.bits(naming: document.json.decode(text).span) else {
        return .fault(ImageError(.mailboxModeUnknown, at: document.fileOffset(token.offset)))
      }
      return .value(bits)
    default: throw document.fault(token)
    }
  }

  private mutating func readBindings(
    _ document: inout ImageDocument, _ limit: UInt32
  ) throws(ImageError) {
    bindings = []
    guard try document.beginArray() else { return }
    while let start = try document.beginElement() {
      guard UInt32(truncatingIfNeeded: bindings.count) < limit else {
        throw ImageError(
          .metadataBudgetExceeded, at: document.fileOffset(start.offset), found: limit &+ 1, expected: limit)
      }
      var pid: Int64?
      var flags: Int64?
      while let member = try document.member() {
        if document.json.matches(member, "pid") {
          pid = try document.looseInteger()
        } else if document.json.matches(member, "flags") {
          flags = try document.looseInteger()
        } else {
          try document.skipValue()
        }
      }
      guard let pid else { throw document.fault(start) }
      bindings.append(MailboxBinding(pid: pid, flags: flags))
    }
  }
}
