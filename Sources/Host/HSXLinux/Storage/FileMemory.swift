import Glibc
public import HSXHAL

/// A memory in a plain file: bytes that are simply overwritten, erased to zero, so that a file without content reads as erased.
///
/// One process at a time writes, held by a lock that ends with the process. `sync()` is fdatasync: it returns when the
/// system says that the disk has the bytes. After a sync that failed everything more is refused, for the system may have
/// dropped what it could not write.
public struct FileMemory: ~Copyable, NonvolatileMemory {
  /// Bytes that a file can have.
  public static var sizes: ClosedRange<Int> { 1...0x4000_0000 }

  /// The memory's shape.
  public let geometry: Geometry
  let file: StorageFile

  /// Opens the file at `path`. Its content is not looked at.
  ///
  /// - Throws: `kind` if it is no plain file, `size`, `inUse`, `replaced`, or what the system says.
  public init(opening path: String, access: StorageAccess) throws(StorageError) {
    let file = try StorageFile(opening: path, as: [.file], access: access)
    self.init(file, try Self.geometry(of: file))
  }

  init(_ file: StorageFile, _ geometry: Geometry) {
    self.file = file
    self.geometry = geometry
  }

  static func geometry(of file: StorageFile) throws(StorageError) -> Geometry {
    let size = try file.size()
    guard sizes.contains(size),
      let geometry = Geometry(size: size, writeUnit: 1, eraseUnit: 0, erasedValue: 0xFF, ratedCycles: 0)
    else { throw StorageError(file.path, .open, .size(found: size, allowed: sizes)) }
    return geometry
  }

  /// What the system said to the last call that failed.
  public var lastError: StorageError? { file.lastError }

  /// Reads; fails with `unreadable` at the first unit that cannot be read, and then has read all before it.
  public func read(at offset: Int, into bytes: inout MutableSpan<UInt8>) throws(MemoryFault) {
    guard geometry.holds(bytes.count, at: offset) else { throw .misused(at: offset) }
    try file.read(at: offset, into: &bytes, unit: 1)
  }

  /// Writes; fails with `refused` if the system does, if it was opened to be read, or after a sync that failed.
  public func program(_ bytes: Span<UInt8>, at offset: Int) throws(MemoryFault) {
    guard geometry.takes(bytes.count, at: offset) else { throw .misused(at: offset) }
    try file.write(bytes, at: offset)
  }

  /// Fails: a file has no erase units.
  public func erase(sector: Int) throws(MemoryFault) { throw .misused(at: 0) }

  /// Returns when everything written and erased is on the medium; after one failure it always fails.
  public func sync() throws(MemoryFault) {
    try file.sync { StorageFile.flush(file.descriptor) }
  }
}

extension Geometry {
  /// Whether `count` bytes at `offset` are inside the memory.
  func holds(_ count: Int, at offset: Int) -> Bool {
    offset >= 0 && offset <= size && count <= size - offset
  }

  /// Whether they are, and are whole write units besides.
  func takes(_ count: Int, at offset: Int) -> Bool {
    holds(count, at: offset) && offset % writeUnit == 0 && count % writeUnit == 0
  }

  /// Where the erase unit number `sector` begins; nil if there is none.
  func start(of sector: Int) -> Int? {
    guard eraseUnit > 0, sector >= 0, sector < size / eraseUnit else { return nil }
    return sector * eraseUnit
  }
}
