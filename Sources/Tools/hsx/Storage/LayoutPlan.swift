import ArgumentParser
import HSXHAL
import HSXPersistence

/// A number of bytes as it is typed: `4096`, `64K`, `4M`.
struct ByteCount: ExpressibleByArgument {
  var bytes: Int

  init?(argument: String) { self.init(argument) }

  init?(_ text: some StringProtocol) {
    let factor =
      text.hasSuffix("K") || text.hasSuffix("k")
      ? 1024 : text.hasSuffix("M") || text.hasSuffix("m") ? 1 << 20 : 1
    let digits = factor == 1 ? text[...] : text.dropLast()
    guard !digits.isEmpty, digits.allSatisfy({ $0.isASCII && $0.isNumber }), let number = Int(digits),
      number > 0, number <= 1 << 30, number * factor <= 1 << 30
    else { return nil }
    bytes = number * factor
  }
}

/// A layout as it is typed: `ring=8x4K,log=4x4K,trust=16K,slots=6x128K`.
struct LayoutPlan: ExpressibleByArgument {
  struct Part {
    var count = 0
    var size = 0

    var bytes: Int { count * size }
  }

  private var ring = Part()
  private var log = Part()
  private var trust = Part()
  private var slots = Part()
  private var order: [WritableKeyPath<LayoutPlan, Part>] = []

  init?(argument: String) {
    for text in argument.split(separator: ",", omittingEmptySubsequences: false) {
      let sides = text.split(separator: "=", maxSplits: 1)
      guard sides.count == 2 else { return nil }
      let part: WritableKeyPath<LayoutPlan, Part>
      switch sides[0] {
      case "ring": part = \.ring
      case "log": part = \.log
      case "trust": part = \.trust
      case "slots": part = \.slots
      default: return nil
      }
      let numbers = sides[1].split(separator: "x", omittingEmptySubsequences: false)
      guard self[keyPath: part].count == 0, let size = numbers.last.flatMap({ ByteCount($0) }) else {
        return nil
      }
      let count = numbers.count == 1 ? 1 : numbers.count == 2 ? Int(numbers[0]) ?? 0 : 0
      guard (1...64).contains(count) else { return nil }
      self[keyPath: part] = Part(count: count, size: size.bytes)
      order.append(part)
    }
    guard ring.count > 0 else { return nil }
  }

  /// The first byte behind the last part, of parts from `start` on.
  func end(from start: Int) -> Int { order.reduce(start) { $0 + self[keyPath: $1].bytes } }

  /// The layout, in a memory of this shape; nil if the parts do not fit or are of no use.
  func layout(in geometry: Geometry, from start: Int) -> Layout? {
    func offset(of part: WritableKeyPath<LayoutPlan, Part>) -> Int {
      guard let index = order.firstIndex(of: part) else { return 0 }
      return order[..<index].reduce(start) { $0 + self[keyPath: $1].bytes }
    }
    let trustStart = offset(of: \.trust)
    return Layout(
      ring: Ring(offset: offset(of: \.ring), pageSize: ring.size, pageCount: ring.count),
      log: Ring(offset: offset(of: \.log), pageSize: log.size, pageCount: log.count),
      trust: trustStart..<trustStart + trust.bytes, slotsOffset: offset(of: \.slots), slotSize: slots.size,
      slotCount: slots.count, validating: geometry)
  }
}
