import Glibc
public import HSXExecutive

/// Carries out the file operations of one task, inside one folder.
///
/// The executive has already refused absolute paths and `..`; here no path component may be a symbolic link
/// either, so nothing outside the folder can be reached. Descriptors are the task's own: from 3 on, never the
/// process's.
public struct TaskFolder: ~Copyable {
  /// The flags of `open` that a task can give.
  public struct OpenFlags: OptionSet, Sendable {
    /// The bits as in R2.
    public let rawValue: UInt32
    /// The set with these bits.
    public init(rawValue: UInt32) { self.rawValue = rawValue }
    /// For writing; without it for reading only.
    public static var write: OpenFlags { OpenFlags(rawValue: 1) }
    /// Made if it is not there.
    public static var create: OpenFlags { OpenFlags(rawValue: 2) }
    /// Emptied.
    public static var truncate: OpenFlags { OpenFlags(rawValue: 4) }
    /// Every write goes to the end.
    public static var append: OpenFlags { OpenFlags(rawValue: 8) }
  }

  /// The most files that a task can have open.
  public static var openLimit: Int { 16 }

  private let root: CInt
  private var open: [UInt32: CInt] = [:]

  /// The folder at `path`, which must exist.
  ///
  /// - Throws: `Errno`-like code of the system when it cannot be opened.
  public init(path: String) throws(SystemCallError) {
    root = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard root >= 0 else { throw SystemCallError(code: errno) }
  }

  deinit {
    for descriptor in open.values { close(descriptor) }
    close(root)
  }

  /// Closes what the task has left open.
  public mutating func closeAll() {
    for descriptor in open.values { close(descriptor) }
    open.removeAll()
  }

  /// Carries out an operation.
  ///
  /// - Returns: what `Executive.completeFile` takes: the descriptor or count, or -1; and the bytes read or, for
  ///   a list, the names, each with a newline.
  public mutating func perform(_ operation: FileOperation) -> (result: Int32, data: [UInt8]) {
    switch operation {
    case .open(let path, let flags): (openFile(path, OpenFlags(rawValue: flags)), [])
    case .read(let descriptor, let count): read(descriptor, Int(count))
    case .write(let descriptor, let bytes): (write(descriptor, bytes), [])
    case .close(let descriptor): (closeFile(descriptor), [])
    case .list(let path): list(path)
    case .delete(let path): (at(path) { unlinkat($0, $1, 0) }, [])
    case .rename(let from, let to): (rename(from, to), [])
    case .makeDirectory(let path): (at(path) { mkdirat($0, $1, 0o755) }, [])
    }
  }

  private mutating func openFile(_ path: [UInt8], _ flags: OpenFlags) -> Int32 {
    guard open.count < Self.openLimit else { return -1 }
    var mode = flags.contains(.write) ? O_RDWR : O_RDONLY
    if flags.contains(.create) { mode |= O_CREAT }
    if flags.contains(.truncate) { mode |= O_TRUNC }
    if flags.contains(.append) { mode |= O_APPEND }
    // Without O_NONBLOCK a named pipe in the folder would hold up the whole executive.
    let descriptor = at(path) { openat($0, $1, mode | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0o644) }
    guard descriptor >= 0 else { return -1 }
    var number: UInt32 = 3
    while open[number] != nil { number += 1 }
    open[number] = descriptor
    return Int32(number)
  }

  private func read(_ number: UInt32, _ count: Int) -> (Int32, [UInt8]) {
    guard let descriptor = open[number] else { return (-1, []) }
    var bytes = [UInt8](repeating: 0, count: min(count, 0x1_0000))
    let got = Glibc.read(descriptor, &bytes, bytes.count)
    guard got >= 0 else { return (-1, []) }
    return (Int32(got), [UInt8](bytes.prefix(got)))
  }

  private func write(_ number: UInt32, _ bytes: [UInt8]) -> Int32 {
    guard let descriptor = open[number] else { return -1 }
    return Int32(Glibc.write(descriptor, bytes, bytes.count))
  }

  private mutating func closeFile(_ number: UInt32) -> Int32 {
    guard let descriptor = open.removeValue(forKey: number) else { return -1 }
    return close(descriptor)
  }

  private func list(_ path: [UInt8]) -> (Int32, [UInt8]) {
    let descriptor = at(path) { openat($0, $1, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW) }
    guard descriptor >= 0 else { return (-1, []) }
    guard let directory = fdopendir(descriptor) else {
      close(descriptor)
      return (-1, [])
    }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
        tuple.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    let text = names.sorted().map { $0 + "\n" }.joined()
    return (Int32(names.count), [UInt8](text.utf8))
  }

  private func rename(_ from: [UInt8], _ to: [UInt8]) -> Int32 {
    at(from) { fromFolder, fromName in
      at(to) { toFolder, toName in renameat(fromFolder, fromName, toFolder, toName) }
    }
  }

  /// Calls `body` with the folder that holds the last component of `path`, and that component; -1 if a folder on
  /// the way is missing or a link.
  private func at(_ path: [UInt8], _ body: (CInt, String) -> CInt) -> CInt {
    var parts = String(decoding: path, as: UTF8.self).split(separator: "/").filter { $0 != "." }.map(
      String.init)
    guard !parts.contains("..") else { return -1 }
    let last = parts.popLast() ?? "."
    var folder = dup(root)
    defer { close(folder) }
    for part in parts {
      let next = openat(folder, part, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)
      guard next >= 0 else { return -1 }
      close(folder)
      folder = next
    }
    return body(folder, last)
  }
}

/// What the system answered to a call that failed.
public struct SystemCallError: Error, Equatable, Sendable {
  /// The number of errno.
  public var code: Int32

  /// Whether there is nothing of that name.
  public var isMissing: Bool { code == ENOENT }

  /// The system's own sentence.
  public var message: String { String(cString: strerror(code)) }
}
