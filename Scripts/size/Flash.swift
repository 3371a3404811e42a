import HSXHAL

@_extern(c, "flash_read") func flash_read(_ offset: Int, _ bytes: UnsafeMutableRawPointer, _ count: Int) -> Bool
@_extern(c, "flash_program") func flash_program(_ offset: Int, _ bytes: UnsafeRawPointer, _ count: Int) -> Bool
@_extern(c, "flash_erase") func flash_erase(_ sector: Int) -> Bool

struct Flash: NonvolatileMemory {
  let geometry: Geometry
  mutating func read(at offset: Int, into bytes: inout MutableSpan<UInt8>) throws(MemoryFault) {
    let isRead = unsafe bytes.withUnsafeMutableBytes { unsafe flash_read(offset, $0.baseAddress!, $0.count) }
    if !isRead { throw .unreadable(at: offset) }
  }
  mutating func program(_ bytes: Span<UInt8>, at offset: Int) throws(MemoryFault) {
    let isDone = unsafe bytes.withUnsafeBytes { unsafe flash_program(offset, $0.baseAddress!, $0.count) }
    if !isDone { throw .refused(at: offset) }
  }
  mutating func erase(sector: Int) throws(MemoryFault) {
    if !flash_erase(sector) { throw .refused(at: sector) }
  }
  mutating func sync() throws(MemoryFault) {}
}
