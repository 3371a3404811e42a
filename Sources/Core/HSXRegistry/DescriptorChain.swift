public import HXE

/// Why a chain of descriptors in a task's memory is malformed.
public enum ChainError: Error, Equatable, Sendable {
  /// A descriptor at this address runs past the memory.
  case outOfBounds(address: UInt32)
  /// There are more descriptors than a chain can need: it runs in a circle, or is made to waste time.
  case tooLong
  /// A second descriptor of a known type.
  case repeated(type: UInt8, address: UInt32)
  /// The string at this address runs past the memory, or is longer than 255 bytes.
  case stringUnterminated(address: UInt32)
  /// The string at this address is not UTF-8.
  case stringNotUTF8(address: UInt32)
}

/// What a program says about a value or a command by a linked list in its memory. What is absent is nil; strings
/// are stretches of that memory.
public struct DescriptorChain: Equatable, Sendable {
  /// The most descriptors that are followed.
  public static var maximumCount: Int { 16 }
  /// The most bytes of a string.
  public static var maximumStringLength: Int { 255 }

  /// Types 1 to 5 and 16, as bits.
  private static var knownTypes: UInt32 { 0x1_003E }

  /// The group's name.
  public var groupName: TextRange?
  /// The object's name.
  public var name: TextRange?
  /// The unit.
  public var unit: TextRange?
  /// A change below this, in binary16 bits, is none.
  public var epsilon: UInt16?
  /// The least time between two changes, in milliseconds.
  public var rateMilliseconds: UInt16?
  /// The least value, in binary16 bits.
  public var minimum: UInt16?
  /// The greatest value, in binary16 bits.
  public var maximum: UInt16?
  /// The key under which it is stored; 0 for none.
  public var persistKey: UInt16?
  /// The time over which changes are gathered into one write, in milliseconds.
  public var debounceMilliseconds: UInt16?
  /// What a command does.
  public var help: TextRange?

  /// A chain that says nothing.
  public init() {}

  /// Follows the chain from `address`; 0 and 0xFFFF say nothing. Types that are not known are passed over.
  ///
  /// Whatever the memory holds, it looks at no more than 16 descriptors and 255 bytes a string.
  public init(at address: UInt32, in memory: Span<UInt8>) throws(ChainError) {
    self.init()
    var address = address
    var count = 0
    var seen: UInt32 = 0
    while address != 0, address != 0xFFFF {
      guard count < Self.maximumCount else { throw .tooLong }
      count += 1
      let type = try Self.byte(at: address, in: memory)
      let next = try Self.half(at: address, 2, in: memory)
      let bit = type < 32 ? Self.knownTypes & 1 << UInt32(type) : 0
      guard seen & bit == 0 else { throw .repeated(type: type, address: address) }
      seen |= bit
      switch type {
      case 1: groupName = try Self.string(at: address, 4, in: memory)
      case 2: name = try Self.string(at: address, 4, in: memory)
      case 3:
        unit = try Self.unit(at: address, in: memory)
        epsilon = try Self.half(at: address, 8, in: memory)
        rateMilliseconds = try Self.half(at: address, 10, in: memory)
      case 4:
        minimum = try Self.half(at: address, 4, in: memory)
        maximum = try Self.half(at: address, 6, in: memory)
      case 5:
        persistKey = try Self.half(at: address, 4, in: memory)
        debounceMilliseconds = try Self.half(at: address, 6, in: memory)
      case 16:
        name = try Self.string(at: address, 4, in: memory)
        help = try Self.string(at: address, 6, in: memory)
      default: break
      }
      address = UInt32(next)
    }
  }

  private static func byte(at address: UInt32, in memory: Span<UInt8>) throws(ChainError) -> UInt8 {
    // An address is any 32 bits of a register, which an `Int` of 32 bits does not hold.
    guard UInt64(address) < UInt64(memory.count) else { throw .outOfBounds(address: address) }
    return memory[Int(address)]
  }

  private static func half(
    at address: UInt32, _ offset: Int, in memory: Span<UInt8>
  ) throws(ChainError) -> UInt16 {
    let index = Int(address) + offset
    guard index + 1 < memory.count else { throw .outOfBounds(address: address) }
    return UInt16(memory[index]) | UInt16(memory[index + 1]) << 8
  }

  /// The string whose address stands at `offset`; nil for address 0 or 0xFFFF and for an empty one.
  private static func string(
    at address: UInt32, _ offset: Int, in memory: Span<UInt8>
  ) throws(ChainError) -> TextRange? {
    let start = try half(at: address, offset, in: memory)
    guard start != 0, start != 0xFFFF else { return nil }
    var count = 0
    while true {
      guard Int(start) + count < memory.count, count <= maximumStringLength else {
        throw .stringUnterminated(address: UInt32(start))
      }
      if memory[Int(start) + count] == 0 { break }
      count += 1
    }
    return try text(start: Int(start), count: count, in: memory)
  }

  private static func unit(at address: UInt32, in memory: Span<UInt8>) throws(ChainError) -> TextRange? {
    let start = Int(address) + 4
    guard start + 4 <= memory.count else { throw .outOfBounds(address: address) }
    var count = 0
    while count < 4, memory[start + count] != 0 { count += 1 }
    return try text(start: start, count: count, in: memory)
  }

  private static func text(
    start: Int, count: Int, in memory: Span<UInt8>
  ) throws(ChainError) -> TextRange? {
    guard count > 0 else { return nil }
    do throws(UTF8.ValidationError) {
      _ = try UTF8Span(validating: memory.extracting(start..<(start + count)))
    } catch {
      throw .stringNotUTF8(address: UInt32(truncatingIfNeeded: start))
    }
    return TextRange(
      start: UInt32(truncatingIfNeeded: start), count: UInt32(truncatingIfNeeded: count))
  }
}
