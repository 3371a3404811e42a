import Glibc
import HSXHAL

/// An open file, locked, with calls that either do all they were asked or say where they stopped.
///
/// A class, so that the devices over it need not be mutable to note a failure.
final class StorageFile {
  let path: String
  let access: StorageAccess
  let descriptor: CInt
  /// What the system said to the last call that failed.
  private(set) var lastError: StorageError?
  /// A sync that failed may have dropped what it should have written, and the next would report success: nothing is
  /// lasting any more.
  private var isBroken = false

  /// Opens and locks what is at `path`, if it is of one of `kinds`.
  init(
    opening path: String, as kinds: [PathKind], access: StorageAccess, flags: CInt = 0
  ) throws(StorageError) {
    let kind = try PathKind(at: path)
    guard kinds.contains(kind) else { throw StorageError(path, .open, .kind(kind)) }
    // If a pipe takes the name in this very moment, opening it must not wait.
    let mode = (access == .exclusive ? O_RDWR : O_RDONLY) | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | flags
    self.path = path
    self.access = access
    descriptor = open(path, mode)
    guard descriptor >= 0 else { throw StorageError(path, .open, errno: errno) }
    try lock()
    guard try names(path) else { throw StorageError(path, .open, .replaced) }
  }

  /// Takes over a descriptor that has just been opened, to be written, for what will be at `path`; locks it.
  init(owning descriptor: CInt, path: String) throws(StorageError) {
    self.path = path
    access = .exclusive
    self.descriptor = descriptor
    try lock()
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// Bytes, as the system tells.
  func size() throws(StorageError) -> Int {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw StorageError(path, .inspect, errno: errno) }
    return Int(status.st_size)
  }

  /// Whether `path` still leads to this file.
  func names(_ path: String) throws(StorageError) -> Bool {
    var mine = stat()
    var found = stat()
    guard fstat(descriptor, &mine) == 0 else { throw StorageError(path, .inspect, errno: errno) }
    guard stat(path, &found) == 0 else { return false }
    return mine.st_dev == found.st_dev && mine.st_ino == found.st_ino
  }

  /// The lock belongs to this opening of the file: it ends with it, however the process ends.
  private func lock() throws(StorageError) {
    let kind = access == .exclusive ? LOCK_EX : LOCK_SH
    while flock(descriptor, kind | LOCK_NB) != 0 {
      switch errno {
      case EINTR: continue
      case EWOULDBLOCK: throw StorageError(path, .lock, .inUse(by: LockTable.holder(of: descriptor)))
      case let code: throw StorageError(path, .lock, errno: code)
      }
    }
  }

  /// Reads all of `bytes` from `offset`; of what cannot be read, names the first unit.
  func read(at offset: Int, into bytes: inout MutableSpan<UInt8>, unit: Int) throws(MemoryFault) {
    let failure = bytes.withUnsafeMutableBytes { buffer in
      Self.fill(buffer, from: offset, unit: unit) { pread(descriptor, $0, $1, off_t($2)) }
    }
    guard let failure else { return }
    note(.read, failure.code)
    throw .unreadable(at: failure.offset)
  }

  /// Fills `buffer` by calls that may read less than they are asked, and fail as a whole for one bad unit; then they
  /// are narrowed down, so that all before it is read.
  ///
  /// - Parameter call: reads to an address so many bytes from an offset; a count, 0 at the end, or -1 with errno.
  /// - Returns: where the unit begins that cannot be read, and the errno; nil if all is read.
  static func fill(
    _ buffer: UnsafeMutableRawBufferPointer, from offset: Int, unit: Int,
    by call: (UnsafeMutableRawPointer?, Int, Int) -> Int
  ) -> (offset: Int, code: Int32)? {
    var done = 0
    var length = buffer.count
    while done < buffer.count {
      let place = offset + done
      length = min(length, buffer.count - done)
      let got = call(buffer.baseAddress?.advanced(by: done), length, place)
      let toNextUnit = unit - place % unit
      if got > 0 {
        done += got
      } else if got < 0, errno == EINTR {
        continue
      } else if got < 0, length > toNextUnit {
        length = max(toNextUnit, length / 2)
      } else {
        return (place / unit * unit, got < 0 ? errno : ENODATA)
      }
    }
    return nil
  }

  /// Writes all of `bytes` at `offset`.
  func write(_ bytes: Span<UInt8>, at offset: Int) throws(MemoryFault) {
    guard isWritable(.write) else { throw .refused(at: offset) }
    let isDone = bytes.withUnsafeBytes { buffer -> Bool in
      var done = 0
      while done < buffer.count {
        let put = pwrite(
          descriptor, buffer.baseAddress?.advanced(by: done), buffer.count - done, off_t(offset + done))
        if put > 0 {
          done += put
        } else if put < 0, errno == EINTR {
          continue
        } else {
          note(.write, put < 0 ? errno : EIO)
          return false
        }
      }
      return true
    }
    if !isDone { throw .refused(at: offset) }
  }

  /// Carries out `body`, which makes lasting what was written and answers 0 or the errno; after one failure never again.
  func sync(_ body: () -> Int32) throws(MemoryFault) {
    guard isWritable(.sync) else { throw .refused(at: 0) }
    let code = body()
    if code != 0 {
      isBroken = true
      note(.sync, code)
      throw .refused(at: 0)
    }
  }

  /// False, with the reason noted, if nothing may be written.
  func isWritable(_ operation: StorageError.Operation) -> Bool {
    if access == .readOnly {
      note(operation, EROFS)
      return false
    }
    return !isBroken
  }

  func note(_ operation: StorageError.Operation, _ code: Int32) {
    lastError = StorageError(path, operation, errno: code)
  }

  /// Waits until the bytes of `descriptor` are on the medium. 0, or the errno.
  static func flush(_ descriptor: CInt) -> Int32 {
    while fdatasync(descriptor) != 0 {
      if errno != EINTR { return errno }
    }
    return 0
  }
}
