import Glibc
import HSXHAL
import HSXLinux

/// The device under test, or one whose `sync` does less than it promises, to see that the host notices.
struct WeakenedDevice: ~Copyable, NonvolatileMemory {
  enum Sync: String {
    /// As the device has it.
    case full
    /// Only what closing the device does: the driver's own sync.
    case close
    /// Nothing.
    case none
  }

  private let path: String
  private let device: StorageDevice
  private let strength: Sync

  init(path: String, strength: Sync) throws(StorageError) {
    self.path = path
    device = try StorageDevice.open(path: path, access: .exclusive)
    self.strength = strength
  }

  var geometry: Geometry { device.geometry }

  func read(at offset: Int, into bytes: inout MutableSpan<UInt8>) throws(MemoryFault) {
    try device.read(at: offset, into: &bytes)
  }

  func program(_ bytes: Span<UInt8>, at offset: Int) throws(MemoryFault) {
    try device.program(bytes, at: offset)
  }

  func erase(sector: Int) throws(MemoryFault) { try device.erase(sector: sector) }

  func sync() throws(MemoryFault) {
    switch strength {
    case .full: try device.sync()
    case .close: close(open(path, O_RDWR))
    case .none: break
    }
  }
}
