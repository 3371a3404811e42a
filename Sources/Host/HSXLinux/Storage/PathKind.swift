import CHSXLinux
import Glibc

/// What is found at a path.
public enum PathKind: Equatable, Sendable {
  /// A file that holds bytes.
  case file
  /// A file of sysfs: a device's registers, such as an EEPROM.
  case sysfsFile
  /// A memory technology device, by its character device.
  case memoryTechnologyDevice
  case folder
  case pipe
  case socket
  case blockDevice
  /// Any other character device.
  case characterDevice

  /// The kind of what is at `path`; links are followed. Nothing is opened, for opening alone can have an effect on a
  /// device (a watchdog is armed by it), and waits on a pipe.
  public init(at path: String) throws(StorageError) {
    var status = stat()
    guard stat(path, &status) == 0 else { throw StorageError(path, .inspect, errno: errno) }
    switch status.st_mode & S_IFMT {
    case S_IFDIR: self = .folder
    case S_IFIFO: self = .pipe
    case S_IFSOCK: self = .socket
    case S_IFBLK: self = .blockDevice
    case S_IFCHR:
      let isMTD = hsx_device_major(UInt64(status.st_rdev)) == Self.mtdMajor
      self = isMTD ? .memoryTechnologyDevice : .characterDevice
    default:
      var system: Int64 = 0
      let code = hsx_file_system(path, &system)
      guard code == 0 else { throw StorageError(path, .inspect, errno: code) }
      self = system == Self.sysfsMagic ? .sysfsFile : .file
    }
  }

  private static var mtdMajor: UInt32 { 90 }
  private static var sysfsMagic: Int64 { 0x6265_6572 }
}
