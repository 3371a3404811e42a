import HSXHAL

extension FileMemory {
  /// Why a file was not made: the file, or what `format` threw.
  public enum CreationError<Failure: Error>: Error {
    case storage(StorageError)
    case format(Failure)
  }

  /// Makes a file of `size` bytes at `path` with what `format` writes into it, and opens it.
  ///
  /// The file is made under another name in the same folder, and gets its own only when it is whole and on the medium; the
  /// folder is synced behind that. So a file that is half made is never found under `path`, whenever the power is
  /// cut; what is left of one is used up by the next try. What exists at `path` is never touched. The space is taken at once,
  /// so that a full disk is noticed here and not later.
  ///
  /// - Parameter format: writes the first content; it need not sync.
  /// - Throws: `exists`, `size`, `inUse` if another process is making the same, what the system says, or what
  ///   `format` threw; then nothing is left behind.
  public static func create(
    at path: String, size: Int
  ) throws(StorageError) -> FileMemory {
    do throws(CreationError<Never>) {
      return try create(at: path, size: size) { (_: inout FileMemory) throws(Never) in }
    } catch {
      switch error {
      case .storage(let error): throw error
      }
    }
  }

  /// The same with what `format` writes.
  public static func create<Failure: Error>(
    at path: String, size: Int, format: (inout FileMemory) throws(Failure) -> Void
  ) throws(CreationError<Failure>) -> FileMemory {
    let site: CreationSite
    let file: StorageFile
    let geometry: Geometry
    do throws(StorageError) {
      guard sizes.contains(size) else {
        throw StorageError(path, .create, .size(found: size, allowed: sizes))
      }
      site = try CreationSite(path)
      file = try site.begin(size: size)
      geometry = try Self.geometry(of: file)
    } catch {
      throw .storage(error)
    }
    var memory = FileMemory(file, geometry)
    do throws(Failure) {
      try format(&memory)
    } catch {
      site.abandon()
      throw .format(error)
    }
    do throws(StorageError) {
      try site.publish(file)
    } catch {
      throw .storage(error)
    }
    return memory
  }
}
