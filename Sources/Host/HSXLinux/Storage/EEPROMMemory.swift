import Glibc
public import HSXHAL
import HSXPersistence

/// An EEPROM or FRAM chip by its file in sysfs (`eeprom`, `nvmem`), or a plain file that stands for one.
///
/// The file has the chip's size and never another. The driver behind sysfs writes through: a write returns when the chip has
/// finished, so `sync()` has nothing left to do there; a plain file is opened with O_DSYNC and behaves alike.
///
/// The chip's page is not told by the system, and a cut tears whatever the driver was writing. By default the memory is
/// FRAM, whose bytes are simply overwritten. An EEPROM, whose cells can be left weak by a cut, should be opened with an
/// erase unit of a multiple of its page: `erase` then fills the unit with 0xFF, and the store treats it as it does flash.
public struct EEPROMMemory: ~Copyable, NonvolatileMemory {
  /// Bytes that a chip can have.
  public static var sizes: ClosedRange<Int> { 64...0x100_0000 }

  /// The memory's shape.
  public private(set) var geometry: Geometry
  private let file: StorageFile

  /// Opens the chip's file at `path`. Its content is not looked at.
  ///
  /// - Parameters:
  ///   - writeUnit: what the driver takes at the least, aligned.
  ///   - eraseUnit: 0 for FRAM; for EEPROM a multiple of the chip's page.
  ///   - ratedCycles: of a cell; 0 if it does not wear.
  /// - Throws: `kind` if it is something else, `size` if the units do not divide it or it is out of range, `inUse`, or
  ///   what the system says.
  public init(
    opening path: String, access: StorageAccess, writeUnit: Int = 1, eraseUnit: Int = 0,
    ratedCycles: UInt32 = 0
  ) throws(StorageError) {
    let file = try StorageFile(opening: path, as: [.sysfsFile, .file], access: access, flags: O_DSYNC)
    let size = try file.size()
    guard Self.sizes.contains(size),
      let geometry = Geometry(
        size: size, writeUnit: writeUnit, eraseUnit: eraseUnit, erasedValue: 0xFF, ratedCycles: ratedCycles)
    else { throw StorageError(path, .open, .size(found: size, allowed: Self.sizes)) }
    self.geometry = geometry
    self.file = file
  }

  /// Opens the chip's file at `path` with the units of the store that is on it; as FRAM if there is none.
  ///
  /// - Throws: what the other initializer throws.
  public init(asFormatted path: String, access: StorageAccess) throws(StorageError) {
    try self.init(opening: path, access: access)
    guard let units = SuperblockUnits(in: &self),
      let found = Geometry(
        size: geometry.size, writeUnit: units.writeUnit, eraseUnit: units.eraseUnit, erasedValue: 0xFF,
        ratedCycles: 0)
    else { return }
    geometry = found
  }

  /// What the system said to the last call that failed.
  public var lastError: StorageError? { file.lastError }

  /// Reads; fails with `unreadable` at the first unit that cannot be read, and then has read all before it.
  public func read(at offset: Int, into bytes: inout MutableSpan<UInt8>) throws(MemoryFault) {
    guard geometry.holds(bytes.count, at: offset) else { throw .misused(at: offset) }
    let unit = geometry.writeUnit
    if offset % unit == 0, bytes.count % unit == 0 {
      try file.read(at: offset, into: &bytes, unit: unit)
      return
    }
    // A driver with words of several bytes takes whole ones only.
    let start = offset / unit * unit
    var whole = [UInt8](repeating: 0, count: (offset + bytes.count + unit - 1) / unit * unit - start)
    var span = whole.mutableSpan
    var stopped: MemoryFault?
    do throws(MemoryFault) {
      try file.read(at: start, into: &span, unit: unit)
    } catch {
      stopped = error
    }
    for index in bytes.indices { bytes[index] = whole[offset - start + index] }
    if let stopped { throw stopped }
  }

  /// Writes; fails with `refused` if the system does, if it was opened to be read, or after a sync that failed.
  public func program(_ bytes: Span<UInt8>, at offset: Int) throws(MemoryFault) {
    guard geometry.takes(bytes.count, at: offset) else { throw .misused(at: offset) }
    try file.write(bytes, at: offset)
  }

  /// Fills the erase unit with 0xFF, if it was opened with any.
  public func erase(sector: Int) throws(MemoryFault) {
    guard let start = geometry.start(of: sector) else { throw .misused(at: 0) }
    let blank = [UInt8](repeating: 0xFF, count: geometry.eraseUnit)
    try file.write(blank.span, at: start)
  }

  /// Returns when everything written and erased is on the medium; after one failure it always fails.
  public func sync() throws(MemoryFault) {
    try file.sync {
      let code = StorageFile.flush(file.descriptor)
      // Files of sysfs know no fsync on some kernels, and need none.
      return code == EINVAL ? 0 : code
    }
  }
}
