import HXE

/// One entry of `.mailbox`, checked, and written as it stands but for its target.
struct MailboxEntry {
  let target: [UInt8]
  let json: [UInt8]

  private static let modes: Set<String> = [
    "RDONLY", "WRONLY", "RDWR", "FANOUT", "FANOUT_DROP", "FANOUT_BLOCK", "TAP", "RO", "READONLY", "WO",
    "WRITEONLY", "RW",
  ]

  init(_ members: [JSONValue.Member], _ cursor: Cursor, at position: Int) throws(AssemblyError) {
    let fields = MetadataFields(members, cursor, at: position)
    let target = try Self.target(fields)
    self.target = target
    try Self.checkMode(fields)
    for name in ["capacity", "queue_depth"] { _ = try fields.unsigned(name, bits: 32) }
    var written = members.filter { $0.key != Array("target".utf8) }
    written.append(JSONValue.Member(Array("target".utf8), .string(target)))
    guard written.allSatisfy({ $0.value.isFinite }) else {
      throw cursor.error(
        .unexpected(found: "a number that JSON cannot write", expected: "a finite number"), at: position)
    }
    // In the file the entry stands two levels down, and a loader reads no deeper than this.
    let limit = JSONReader.depthLimit - 2
    guard JSONValue.object(written).depth <= limit else {
      throw cursor.error(.nestedTooDeep(limit: limit), at: position)
    }
    json = JSONValue.object(written).canonicalText
    let refusal: ImageError?
    do throws(ImageBuildError) {
      refusal = try Probe.refusal(mailboxes: [ImageBuilder.Mailbox(target: target, json: json)])
    } catch {
      throw cursor.error(.image(error), at: position)
    }
    if let refusal { throw cursor.error(.mailboxRefused(refusal.reason), at: position) }
  }

  /// The target without white space around it; the name serves if it is empty.
  private static func target(_ fields: MetadataFields) throws(AssemblyError) -> [UInt8] {
    for name in ["target", "name"] {
      guard let field = fields.member([name]) else { continue }
      guard case .string(let bytes) = field.member.value else { throw fields.wrong(field, "a string") }
      if bytes.isEmpty { continue }
      let target = Array(MetadataFields.trimmed(String(decoding: bytes, as: UTF8.self)).utf8)
      guard !target.isEmpty, target.count <= ShortName.capacity else {
        throw fields.wrong(field, "1 to \(ShortName.capacity) bytes of UTF-8")
      }
      return target
    }
    throw fields.missing("target")
  }

  /// A mode that no reader would take is refused here, where there is a line to point at.
  private static func checkMode(_ fields: MetadataFields) throws(AssemblyError) {
    _ = try fields.unsigned("mode_mask", bits: 16)
    for name in ["mode", "flags"] {
      guard let field = fields.member([name]) else { continue }
      if case .string(let bytes) = field.member.value {
        let parts = String(decoding: bytes, as: UTF8.self).split { $0 == "|" || $0 == "," }
        let names = parts.map { MetadataFields.trimmed(String($0)).uppercased() }
        guard names.allSatisfy({ modes.contains($0) || MetadataFields.integer($0) != nil }) else {
          throw fields.wrong(
            field, "a number, or names joined by |: \(modes.sorted().joined(separator: ", "))")
        }
      } else {
        _ = try fields.unsigned(name, bits: 16)
      }
    }
  }
}

extension JSONValue {
  /// Levels of arrays and objects.
  fileprivate var depth: Int {
    switch self {
    case .array(let elements): 1 + (elements.map(\.depth).max() ?? 0)
    case .object(let members): 1 + (members.map(\.value.depth).max() ?? 0)
    default: 0
    }
  }

  /// Whether every number in it is one that JSON can write.
  fileprivate var isFinite: Bool {
    switch self {
    case .number(let number): number.isFinite
    case .array(let elements): elements.allSatisfy(\.isFinite)
    case .object(let members): members.allSatisfy(\.value.isFinite)
    default: true
    }
  }
}
