/// The memory of a platform that has none to keep anything in. There is no value of this type.
public enum NoMemory: NonvolatileMemory {
  /// Never asked.
  public var geometry: Geometry {
    switch self {}
  }

  /// Never called.
  public mutating func read(at offset: Int, into bytes: inout MutableSpan<UInt8>) throws(MemoryFault) {
    switch self {}
  }

  /// Never called.
  public mutating func program(_ bytes: Span<UInt8>, at offset: Int) throws(MemoryFault) {
    switch self {}
  }

  /// Never called.
  public mutating func erase(sector: Int) throws(MemoryFault) {
    switch self {}
  }

  /// Never called.
  public mutating func sync() throws(MemoryFault) {
    switch self {}
  }
}
