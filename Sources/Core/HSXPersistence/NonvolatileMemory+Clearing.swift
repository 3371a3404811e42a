import HSXHAL

extension NonvolatileMemory where Self: ~Copyable {
  /// Erases a stretch, or fills it with the erased value where nothing can be erased. Whole units.
  mutating func clear(from start: Int, size: Int) throws(StoreError) {
    let unit = geometry.eraseUnit
    let fill = InlineArray<32, UInt8>(repeating: geometry.erasedValue)
    // A power of two of at most 32 bytes divides every partition of a memory without erase units.
    let step = unit > 0 ? unit : geometry.writeUnit > 8 ? geometry.writeUnit : 8
    var offset = start
    while offset < start &+ size {
      do {
        if unit > 0 {
          try erase(sector: offset / unit)
        } else {
          try program(fill.span.extracting(0..<step), at: offset)
        }
      } catch {
        throw .memory(error)
      }
      offset &+= step
    }
  }

  /// `sync()`, with the store's error.
  mutating func settle() throws(StoreError) {
    do { try sync() } catch { throw .memory(error) }
  }
}
