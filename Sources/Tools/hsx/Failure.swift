import ArgumentParser
import Foundation
import HSXProvisioning
import HSXProtocol
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
  /// The file offset, when it is about bytes.
  var offset: UInt32?
  /// What the daemon's short form has behind the reason: `3` in `unknown_pid:3`.
  var about: String?

  init(_ what: String, _ error: ProvisioningError) {
    self.what = what
    why = error.detail
    code = error.code.wireName
    reason = error.reasonWord
    remedy = error.remedy
    offset = error.offset
  }

  init(_ what: String, _ error: ImageError) {
    self.init(what, ProvisioningError.image(error))
  }

  init(_ what: String, _ reason: ToolReason, why: String) {
    self.what = what
    self.why = why
    code = reason.code.wireName
    self.reason = reason.rawValue
    remedy = reason.remedy
  }

  /// A file that could not be read or written; the system's own words, without Foundation's.
  init(_ what: String, file error: any Error) {
    let error = error as NSError
    let underlying = error.userInfo[NSUnderlyingErrorKey] as? NSError
    let system = error.domain == NSPOSIXErrorDomain ? error : underlying
    self.init(
      what, .file,
      why: system.map { String(cString: strerror(Int32($0.code))) } ?? "It cannot be read or written")
  }

  /// Whether the object on the standard output says it already.
  var isReported = false

  struct Record: Encodable {
    var ok = false
    var code: String
    var reason: String
    @Nullable var offset: UInt32?
    var detail: String
  }

  var record: Record {
    Record(code: code, reason: reason, offset: offset, detail: why)
  }

  /// Tells it.
  func report() {
    printError("hsx: \(printable(what)): \(printable(why)) [\(code) \(reason)]")
    printError("  \(remedy)")
  }
}

extension ParsableCommand {
  /// Runs `body`; a `Failure` is told, and ends the command with 1. With `json` it is an object on the standard
  /// output too, unless `body` has printed one already.
  func reportingFailure(json: Bool = false, _ body: () throws -> Void) throws {
    do {
      try body()
    } catch let failure as Failure {
      failure.report()
      if json, !failure.isReported { try printJSON(failure.record) }
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
      throw Failure(path, .fileTooLarge, why: "It is larger than \(limit) bytes.")
    }
    return [UInt8](data)
  } catch let failure as Failure {
    throw failure
  } catch {
    throw Failure(path, file: error)
  }
}
