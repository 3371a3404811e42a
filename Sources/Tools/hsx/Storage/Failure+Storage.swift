import HSXLinux
import HSXPersistence
import HSXProvisioning
import HSXTranslation

extension Failure {
  /// A storage device that cannot be opened or made.
  init(_ what: String, _ error: StorageError) {
    let reason: ToolReason =
      switch error.cause {
      case .system, .exists, .replaced: .file
      case .inUse: .storageInUse
      case .kind, .size, .unsupported: .notStorage
      }
    self.init(what, reason, why: error.sentence)
  }

  /// A store that cannot be opened or made.
  init(_ what: String, _ error: FileMemory.CreationError<StoreError>) {
    switch error {
    case .storage(let error): self.init(what, error)
    case .format(let error): self.init(what, .store(error))
    }
  }
}

/// Opens the storage device of `--store` for this process alone, and makes it if it is missing.
func openStore(_ path: String) throws -> StorageDevice {
  do throws(FileMemory.CreationError<StoreError>) {
    return try StorageDevice.openStore(path: path)
  } catch {
    throw Failure(path, error)
  }
}
