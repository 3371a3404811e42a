import HSXHAL

@testable import HSXLinux

extension NonvolatileMemory where Self: ~Copyable {
  mutating func write(_ bytes: [UInt8], at offset: Int) throws(MemoryFault) {
    try program(bytes.span, at: offset)
  }

  mutating func bytes(at offset: Int, _ count: Int) throws(MemoryFault) -> [UInt8] {
    var bytes = [UInt8](repeating: 0xAA, count: count)
    var span = bytes.mutableSpan
    try read(at: offset, into: &span)
    return bytes
  }
}

/// Why a device could not be opened; nil if it could.
func cause<Device: ~Copyable>(_ open: () throws -> Device) -> StorageError.Cause? {
  do {
    _ = try open()
    return nil
  } catch {
    return (error as? StorageError)?.cause
  }
}
