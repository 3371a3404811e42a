/// A name of at most 32 bytes, held in place: an app's name or a mailbox's target.
public struct ShortName: Equatable, Comparable, Sendable {
  /// The most bytes a name can have.
  public static var capacity: Int { 32 }

  private var storage = InlineArray<32, UInt8>(repeating: 0)
  private var length: UInt8 = 0

  /// The empty name.
  public init() {}

  /// The name with these bytes, or nil if there are more than `capacity`.
  public init?(_ bytes: Span<UInt8>) {
    guard bytes.count <= Self.capacity else { return nil }
    for index in bytes.indices { storage[index] = bytes[index] }
    length = UInt8(truncatingIfNeeded: bytes.count)
  }

  /// The name with the UTF-8 of `text`, or nil if there are more than `capacity` bytes.
  public init?(_ text: String) {
    self.init(text.utf8.span)
  }

  /// The number of bytes.
  public var count: Int { Int(length) }

  /// Whether there are no bytes.
  public var isEmpty: Bool { length == 0 }

  /// The byte at `index`, which must be below `count`.
  public subscript(index: Int) -> UInt8 {
    precondition(index < count)
    return storage[index]
  }

  /// The bytes, without copying them.
  public var span: Span<UInt8> {
    @_lifetime(borrow self) get { storage.span.extracting(first: count) }
  }

  /// Adds a byte; false, and nothing added, if the name is full.
  @discardableResult
  public mutating func append(_ byte: UInt8) -> Bool {
    guard count < Self.capacity else { return false }
    storage[count] = byte
    length += 1
    return true
  }

  /// Cuts the name to its first `count` bytes.
  public mutating func truncate(to count: Int) {
    guard count < self.count else { return }
    for index in count..<self.count { storage[index] = 0 }
    length = UInt8(truncatingIfNeeded: count)
  }

  /// Whether the bytes are the same.
  public static func == (left: ShortName, right: ShortName) -> Bool {
    guard left.length == right.length else { return false }
    for index in 0..<left.count where left.storage[index] != right.storage[index] { return false }
    return true
  }

  /// Orders names bytewise, a prefix before what it begins.
  public static func < (left: ShortName, right: ShortName) -> Bool {
    for index in 0..<min(left.count, right.count) where left.storage[index] != right.storage[index] {
      return left.storage[index] < right.storage[index]
    }
    return left.length < right.length
  }
}
