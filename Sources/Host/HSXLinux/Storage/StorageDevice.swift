public import HSXHAL

/// A memory under Linux, of whichever kind its path is.
public enum StorageDevice: ~Copyable, NonvolatileMemory {
  case file(FileMemory)
  case mtd(MTDMemory)
  case eeprom(EEPROMMemory)

  /// Opens what is at `path`: a plain file, a file of sysfs as EEPROM, or a memory technology device. An EEPROM gets the units
  /// of the store that is on it, if there is one.
  ///
  /// - Throws: `kind` for anything else (a disk is reached by block2mtd), and what the device's own initializer throws.
  public static func open(path: String, access: StorageAccess) throws(StorageError) -> StorageDevice {
    switch try PathKind(at: path) {
    case .file: .file(try FileMemory(opening: path, access: access))
    case .sysfsFile: .eeprom(try EEPROMMemory(asFormatted: path, access: access))
    case .memoryTechnologyDevice: .mtd(try MTDMemory(opening: path, access: access))
    case let kind: throw StorageError(path, .open, .kind(kind))
    }
  }

  /// The shape of the memory that it is.
  public var geometry: Geometry {
    switch self {
    case .file(let memory): memory.geometry
    case .mtd(let memory): memory.geometry
    case .eeprom(let memory): memory.geometry
    }
  }

  /// What the system said to the last call that failed: the reason behind a `MemoryFault`.
  public var lastError: StorageError? {
    switch self {
    case .file(let memory): memory.lastError
    case .mtd(let memory): memory.lastError
    case .eeprom(let memory): memory.lastError
    }
  }

  /// Reads; fails with `unreadable` at the first unit that cannot be read, and then has read all before it.
  public func read(at offset: Int, into bytes: inout MutableSpan<UInt8>) throws(MemoryFault) {
    switch self {
    case .file(let memory): try memory.read(at: offset, into: &bytes)
    case .mtd(let memory): try memory.read(at: offset, into: &bytes)
    case .eeprom(let memory): try memory.read(at: offset, into: &bytes)
    }
  }

  /// Writes; fails with `refused` if the system does, if it was opened to be read, or after a sync that failed.
  public func program(_ bytes: Span<UInt8>, at offset: Int) throws(MemoryFault) {
    switch self {
    case .file(let memory): try memory.program(bytes, at: offset)
    case .mtd(let memory): try memory.program(bytes, at: offset)
    case .eeprom(let memory): try memory.program(bytes, at: offset)
    }
  }

  /// Erases, where there are erase units.
  public func erase(sector: Int) throws(MemoryFault) {
    switch self {
    case .file(let memory): try memory.erase(sector: sector)
    case .mtd(let memory): try memory.erase(sector: sector)
    case .eeprom(let memory): try memory.erase(sector: sector)
    }
  }

  /// Returns when everything written and erased is on the medium; after one failure it always fails.
  public func sync() throws(MemoryFault) {
    switch self {
    case .file(let memory): try memory.sync()
    case .mtd(let memory): try memory.sync()
    case .eeprom(let memory): try memory.sync()
    }
  }
}
