import CHSXLinux
import Glibc

/// The kernel's list of file locks.
enum LockTable {
  /// The process that holds a lock on the file of `descriptor`, as far as the system tells.
  static func holder(of descriptor: CInt) -> Int32? {
    var status = stat()
    guard fstat(descriptor, &status) == 0, let text = TextFile.read("/proc/locks") else { return nil }
    let device = UInt64(status.st_dev)
    let major = hsx_device_major(device)
    let minor = hsx_device_minor(device)
    return holder(in: text, major: major, minor: minor, inode: UInt64(status.st_ino))
  }

  /// Finds the line of the file in the text of `/proc/locks`: `1: FLOCK  ADVISORY  WRITE 1234 fd:01:5678 0 EOF`. Of
  /// those that wait an arrow is the second word.
  static func holder(in text: String, major: UInt32, minor: UInt32, inode: UInt64) -> Int32? {
    for line in text.split(separator: "\n") {
      let words = line.split(separator: " ")
      guard words.count > 5, words[1] == "FLOCK", let process = Int32(words[4]), process > 0 else { continue }
      let file = words[5].split(separator: ":")
      guard file.count == 3, UInt32(file[0], radix: 16) == major, UInt32(file[1], radix: 16) == minor,
        UInt64(file[2]) == inode
      else { continue }
      return process
    }
    return nil
  }
}

/// A small file of the kernel, whole.
enum TextFile {
  /// Its text, at most 64 KiB; nil if it cannot be read.
  static func read(_ path: String) -> String? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: 0x1_0000)
    var count = 0
    while count < bytes.count {
      let room = bytes.count - count
      let got = bytes.withUnsafeMutableBytes {
        Glibc.read(descriptor, $0.baseAddress?.advanced(by: count), room)
      }
      if got < 0, errno == EINTR { continue }
      if got <= 0 { break }
      count += got
    }
    return String(decoding: bytes.prefix(count), as: UTF8.self)
  }
}
