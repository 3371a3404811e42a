import HSXExecutive
import HSXHAL
public import HSXPersistence

extension StorageDevice {
  /// Bytes of the file that `openStore` makes.
  private static let storeSize = 4 << 20

  /// Opens what is at `path` for a store, for this process alone. A file that is missing is made and formatted, 4 MiB
  /// long; what is there is never formatted, whatever it holds.
  public static func openStore(
    path: String
  ) throws(FileMemory.CreationError<StoreError>) -> StorageDevice {
    do throws(StorageError) {
      return try open(path: path, access: .exclusive)
    } catch {
      guard error.isMissing else { throw .storage(error) }
      return .file(try FileMemory.create(at: path, size: storeSize, format: formatStore))
    }
  }

  private static func formatStore(_ memory: inout FileMemory) throws(StoreError) {
    guard let layout = Layout.standard(for: memory.geometry) else {
      throw .layout(needed: storeSize, available: memory.geometry.size)
    }
    _ = try StateStore.format(layout, in: &memory)
  }
}

extension StorageError {
  /// Whether there is nothing at the path.
  fileprivate var isMissing: Bool {
    guard operation == .inspect, case .system(let error) = cause else { return false }
    return error.isMissing
  }

  /// Why it did not go, as a sentence for a person.
  public var sentence: String {
    switch cause {
    case .system(let error): error.message
    case .exists: "Something of this name has appeared meanwhile."
    case .replaced: "Another file has taken this name meanwhile."
    case .inUse(let process):
      process.map { "Process \($0) works with it." } ?? "Another process works with it."
    case .kind(let kind): "It is a \(kind.word)."
    case .size(let found, let allowed):
      "It has \(found) bytes, and must have from \(allowed.lowerBound) to \(allowed.upperBound)."
    case .unsupported(let medium):
      "Its erase units are of \(medium.eraseSize) bytes and its write units of \(medium.writeSize), type \(medium.type)."
    }
  }
}

extension PathKind {
  fileprivate var word: String {
    switch self {
    case .file: "file"
    case .sysfsFile: "file of sysfs"
    case .memoryTechnologyDevice: "memory technology device"
    case .folder: "folder"
    case .pipe: "pipe"
    case .socket: "socket"
    case .blockDevice: "block device"
    case .characterDevice: "character device"
    }
  }
}
