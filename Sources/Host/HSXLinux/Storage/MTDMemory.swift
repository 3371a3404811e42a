import CHSXLinux
import Glibc
public import HSXHAL

/// A memory technology device by its character device, `/dev/mtdN`: NOR flash, or what block2mtd makes of a disk.
///
/// The device knows no fsync. The kernel's own sync of the driver is run when a descriptor open for writing is closed: for
/// that `sync()` opens and closes one more. Flash behind a controller has then finished. Under block2mtd the bytes have
/// then left the page cache, but may still be in the disk's; the disk is found by the device's name and gets an fsync, which
/// flushes that too (`Docs/storage_devices.md` has the measurement).
public struct MTDMemory: ~Copyable, NonvolatileMemory {
  /// What the kernel says the device is.
  public struct Medium: Equatable, Sendable {
    /// Of the kernel's list: 1 RAM, 3 NOR flash, 4 NAND flash, 6 DataFlash, and others.
    public var type: UInt8
    /// Bytes.
    public var size: Int
    /// Bytes that are erased together.
    public var eraseSize: Int
    /// Bytes that are written together.
    public var writeSize: Int
    /// Whether its erase units have different sizes.
    public var isMixed: Bool
    /// Whether the kernel lets it be written.
    public var isWritable: Bool
  }

  /// The memory's shape.
  public let geometry: Geometry
  private let file: StorageFile
  /// The disk behind block2mtd, -1 if there is none.
  private let disk: CInt

  /// Opens the device at `path`. Its content is not looked at.
  ///
  /// - Parameter ratedCycles: of an erase unit, from the chip's data sheet; the kernel does not tell.
  /// - Throws: `kind` if it is something else; `unsupported` for NAND (its bad blocks are for UBI to serve), for write units
  ///   over 32 bytes, erase units of different sizes, more than 1 GiB, and for a device that cannot be written though it
  ///   shall; `inUse`, or what the system says.
  public init(
    opening path: String, access: StorageAccess, ratedCycles: UInt32 = 100_000
  ) throws(StorageError) {
    let file = try StorageFile(opening: path, as: [.memoryTechnologyDevice], access: access)
    var shape = hsx_mtd_shape()
    let code = hsx_mtd_inspect(file.descriptor, &shape)
    guard code == 0 else { throw StorageError(path, .inspect, errno: code) }
    let medium = Medium(shape)
    guard medium.isServed, medium.isWritable || access == .readOnly,
      let geometry = Geometry(
        size: medium.size, writeUnit: medium.writeSize, eraseUnit: medium.eraseSize, erasedValue: 0xFF,
        ratedCycles: medium.type == Medium.ram ? 0 : ratedCycles)
    else { throw StorageError(path, .open, .unsupported(medium)) }
    let disk = access == .exclusive ? try Self.openDisk(behind: file) : -1
    self.geometry = geometry
    self.file = file
    self.disk = disk
  }

  deinit { if disk >= 0 { close(disk) } }

  /// What the system said to the last call that failed.
  public var lastError: StorageError? { file.lastError }

  /// Reads; fails with `unreadable` at the first unit that cannot be read, and then has read all before it.
  public func read(at offset: Int, into bytes: inout MutableSpan<UInt8>) throws(MemoryFault) {
    guard geometry.holds(bytes.count, at: offset) else { throw .misused(at: offset) }
    try file.read(at: offset, into: &bytes, unit: geometry.writeUnit)
  }

  /// Writes; fails with `refused` if the system does, if it was opened to be read, or after a sync that failed.
  public func program(_ bytes: Span<UInt8>, at offset: Int) throws(MemoryFault) {
    guard geometry.takes(bytes.count, at: offset) else { throw .misused(at: offset) }
    try file.write(bytes, at: offset)
  }

  /// Erases; fails with `refused` as `program` does.
  public func erase(sector: Int) throws(MemoryFault) {
    guard let start = geometry.start(of: sector) else { throw .misused(at: 0) }
    guard file.isWritable(.erase) else { throw .refused(at: start) }
    let code = hsx_mtd_erase(file.descriptor, UInt32(start), UInt32(geometry.eraseUnit))
    if code != 0 {
      file.note(.erase, code)
      throw .refused(at: start)
    }
  }

  /// Returns when everything written and erased is on the medium; after one failure it always fails.
  public func sync() throws(MemoryFault) {
    try file.sync {
      let second = open(file.path, O_RDWR | O_CLOEXEC | O_NOCTTY)
      guard second >= 0 else { return errno }
      guard close(second) == 0 else { return errno }
      return disk >= 0 ? StorageFile.flush(disk) : 0
    }
  }

  /// block2mtd names its devices by their disk, unless it is told another name.
  private static func openDisk(behind file: StorageFile) throws(StorageError) -> CInt {
    var status = stat()
    guard fstat(file.descriptor, &status) == 0 else { throw StorageError(file.path, .inspect, errno: errno) }
    let device = UInt64(status.st_rdev)
    let folder = "/sys/dev/char/\(hsx_device_major(device)):\(hsx_device_minor(device))"
    guard let name = TextFile.read(folder + "/name"), name.hasPrefix("block2mtd: ") else { return -1 }
    let path = String(name.dropFirst("block2mtd: ".count).prefix { $0 != "\n" })
    let disk = open(path, O_RDONLY | O_CLOEXEC)
    // Without the disk nothing would be lasting.
    guard disk >= 0 else { throw StorageError(path, .open, errno: errno) }
    return disk
  }
}

extension MTDMemory.Medium {
  static var ram: UInt8 { 1 }
  static var nor: UInt8 { 3 }
  private static var writeable: UInt32 { 0x400 }

  init(_ shape: hsx_mtd_shape) {
    type = shape.type
    size = Int(shape.size)
    eraseSize = Int(shape.eraseSize)
    writeSize = Int(shape.writeSize)
    isMixed = shape.regions > 1
    isWritable = shape.flags & Self.writeable != 0
  }

  /// Whether the store can use it for reading at least.
  var isServed: Bool { (type == Self.ram || type == Self.nor) && !isMixed && eraseSize > 0 }
}
