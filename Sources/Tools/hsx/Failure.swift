import ArgumentParser
import Foundation
import HSXProvisioning
import HSXTranslation
import HXE

/// Something that was refused or failed, as it is told to a person: two lines on the standard error, exit 1.
struct Failure: Error {
  /// What was being done.
  var what: String
  var why: String
  var code: String
  var reason: String
  var remedy: String

  init(_ what: String, _ error: ProvisioningError) {
    self.what = what
    why = error.detail
    code = error.code.wireName
    reason = error.reasonWord
    remedy = error.remedy
  }

  init(_ what: String, _ error: ImageError) {
    self.init(what, ProvisioningError.image(error))
  }

  init(_ what: String, why: String, code: ErrorCode, reason: String, remedy: String) {
    self.what = what
    self.why = why
    self.code = code.wireName
    self.reason = reason
    self.remedy = remedy
  }

  /// A file that could not be read or written.
  init(_ what: String, file error: any Error) {
    self.init(
      what, why: (error as NSError).localizedDescription, code: .inputOutput, reason: "file",
      remedy: "Check the path, and that the file may be read or written.")
  }

  /// Tells it.
  func report() {
    printError("hsx: \(printable(what)): \(printable(why)) [\(code) \(reason)]")
    printError("  \(remedy)")
  }
}

extension ParsableCommand {
  /// Runs `body`; a `Failure` is told, and ends the command with 1.
  func reportingFailure(_ body: () throws -> Void) throws {
    do {
      try body()
    } catch let failure as Failure {
      failure.report()
      throw ExitCode(1)
    }
  }
}

/// The bytes of a file, or of the standard input for `-`.
///
/// - Parameter limit: more than this is refused, so that no file can take all memory.
func readFile(_ path: String, limit: Int = 16 << 20) throws -> [UInt8] {
  do {
    let handle = path == "-" ? FileHandle.standardInput : try FileHandle(forReadingFrom: URL(filePath: path))
    let data = try handle.read(upToCount: limit + 1) ?? Data()
    guard data.count <= limit else {
      throw Failure(
        path, why: "It is larger than \(limit) bytes.", code: .noSpace, reason: "file_too_large",
        remedy: "Give an image or a source of HSX; none is that large.")
    }
    return [UInt8](data)
  } catch let failure as Failure {
    throw failure
  } catch {
    throw Failure(path, file: error)
  }
}
