import HSXExecutive
import HSXHAL
import HSXLinux
import HSXPersistence
import HSXProvisioning
import HSXTranslation

/// The storage device of `--store`.
enum StoreFile {
  /// Bytes of a new file.
  private static let size = 4 << 20

  /// Opens what is at `path`, for this process alone. A file that is missing is made and formatted; what is there is
  /// never formatted, whatever it holds.
  static func open(_ path: String) throws -> StorageDevice {
    do throws(StorageError) {
      return try StorageDevice.open(path: path, access: .exclusive)
    } catch {
      guard error.isMissing else { throw Failure(path, error) }
      return try create(path)
    }
  }

  private static func create(_ path: String) throws -> StorageDevice {
    do throws(FileMemory.CreationError<StoreError>) {
      return .file(try FileMemory.create(at: path, size: size, format: format))
    } catch {
      switch error {
      case .storage(let error): throw Failure(path, error)
      case .format(let error): throw Failure(path, .store(error))
      }
    }
  }

  private static func format(_ memory: inout FileMemory) throws(StoreError) {
    guard let layout = Layout.standard(for: memory.geometry) else {
      throw .layout(needed: size, available: memory.geometry.size)
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
}

extension Failure {
  /// A storage device that cannot be opened or made.
  init(_ what: String, _ error: StorageError) {
    switch error.cause {
    case .system(let error): self.init(what, .file, why: error.message)
    case .exists: self.init(what, .file, why: "Something of this name has appeared meanwhile.")
    case .replaced: self.init(what, .file, why: "Another file has taken this name meanwhile.")
    case .inUse(let process):
      self.init(
        what, .storageInUse,
        why: process.map { "Process \($0) works with it." } ?? "Another process works with it.")
    case .kind(let kind): self.init(what, .notStorage, why: "It is a \(kind.word).")
    case .size(let found, let allowed):
      self.init(
        what, .notStorage,
        why: "It has \(found) bytes, and must have from \(allowed.lowerBound) to \(allowed.upperBound).")
    case .unsupported(let medium):
      self.init(
        what, .notStorage,
        why:
          "Its erase units are of \(medium.eraseSize) bytes and its write units of \(medium.writeSize), type \(medium.type)."
      )
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
