import CHSXLinux
import Glibc

/// The folder in which a file is being made, and the two names: the one it shall have, and the one it has until it is whole.
final class CreationSite {
  private let path: String
  private let name: String
  private let folder: CInt

  private var temporaryName: String { ".\(name).unfinished" }

  init(_ path: String) throws(StorageError) {
    self.path = path
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    name = String(parts.last ?? "")
    var folderPath = parts.dropLast().joined(separator: "/")
    if folderPath.isEmpty { folderPath = path.hasPrefix("/") ? "/" : "." }
    folder = open(folderPath, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard folder >= 0 else { throw StorageError(path, .create, errno: errno) }
    guard !name.isEmpty, name != ".", name != ".." else { throw StorageError(path, .create, .kind(.folder)) }
    var status = stat()
    // Only to spare the work; what counts is the renaming.
    if fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0 { throw StorageError(path, .create, .exists) }
  }

  deinit { if folder >= 0 { close(folder) } }

  /// The file under its other name, locked, empty to `size` bytes which the disk has room for.
  func begin(size: Int) throws(StorageError) -> StorageFile {
    let descriptor = openat(
      folder, temporaryName, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0o644)
    guard descriptor >= 0 else { throw StorageError(path, .create, errno: errno) }
    let file = try StorageFile(owning: descriptor, path: path)
    // Who held the lock until now may have given this file its name, and then it is a store.
    var mine = stat()
    var found = stat()
    guard fstat(descriptor, &mine) == 0 else { throw StorageError(path, .create, errno: errno) }
    guard fstatat(folder, temporaryName, &found, AT_SYMLINK_NOFOLLOW) == 0, mine.st_ino == found.st_ino,
      mine.st_dev == found.st_dev
    else { throw StorageError(path, .create, .replaced) }
    guard mine.st_mode & S_IFMT == S_IFREG, mine.st_nlink == 1 else {
      throw StorageError(path, .create, .exists)
    }
    guard ftruncate(descriptor, 0) == 0 else { throw failure(errno) }
    let code = posix_fallocate(descriptor, 0, off_t(size))
    guard code == 0 else { throw failure(code) }
    return file
  }

  /// Gives the file its name, if nothing has it.
  func publish(_ file: StorageFile) throws(StorageError) {
    while fsync(file.descriptor) != 0 {
      if errno != EINTR { throw failure(errno) }
    }
    let code = hsx_rename_new(folder, temporaryName, name)
    if code != 0 {
      // Not every file system can refuse to replace; those that cannot know hard links.
      guard code == EINVAL || code == ENOSYS else { throw failure(code) }
      guard linkat(folder, temporaryName, folder, name, 0) == 0 else { throw failure(errno) }
      unlinkat(folder, temporaryName, 0)
    }
    while fsync(folder) != 0 {
      if errno != EINTR { throw StorageError(path, .sync, errno: errno) }
    }
  }

  /// Takes the unfinished file away.
  func abandon() {
    unlinkat(folder, temporaryName, 0)
  }

  private func failure(_ code: Int32) -> StorageError {
    abandon()
    return code == EEXIST ? StorageError(path, .create, .exists) : StorageError(path, .create, errno: code)
  }
}
