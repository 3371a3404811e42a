/// A stretch of `Metadata.text`: a name, a unit or a help text.
public struct TextRange: Equatable, Sendable {
  /// The first byte.
  public var start: UInt32
  /// The number of bytes.
  public var count: UInt32

  /// The stretch of `count` bytes from `start`.
  public init(start: UInt32, count: UInt32) {
    self.start = start
    self.count = count
  }
}

/// Everything that an image declares beside its code and data, validated.
public struct Metadata: Equatable, Sendable {
  /// The section table, in its order.
  public var sections: [SectionEntry] = []
  /// The values, in file order.
  public var values: [ValueDescriptor] = []
  /// The commands, in file order.
  public var commands: [CommandDescriptor] = []
  /// The mailboxes, in file order.
  public var mailboxes: [MailboxDescriptor] = []
  /// The manifest, if there is one.
  public var manifest: Manifest?
  /// The signature section, if there is one.
  public var signature: SignatureSection?
  /// The strings of values and commands, UTF-8, each where a `TextRange` says.
  public var text: [UInt8] = []

  /// No metadata at all.
  public init() {}

  /// The bytes of a string, without copying them.
  @_lifetime(borrow self)
  public func text(_ range: TextRange) -> Span<UInt8> {
    text.span.extracting(Int(range.start)..<Int(range.start &+ range.count))
  }
}
