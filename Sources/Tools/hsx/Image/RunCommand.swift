import ArgumentParser
import Foundation
import HSXExecutive
import HSXLinux
import HSXPersistence
import HSXProvisioning
import HSXProtocol
import HSXTranslation
import HXE
import MiniVM

struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Load an image into an executive inside this process and run it to its end.",
    discussion: """
      EXAMPLES
        hsx run hello.hxe
        hsx run --json --max-steps 100000 thermostat.hxe
        hsx run --stream --chunk 64 --events thermostat.hxe
        hsx run --store node.store odometer.hxe
      """)

  @Argument(help: "The image; - for the standard input.")
  var image: String

  @Option(help: "Stop after that many instructions.")
  var maxSteps: UInt64 = .max

  @Flag(help: "Load it in chunks, as over a link.")
  var stream = false

  @Option(help: "Bytes of a chunk, 1 to 32768; 4096 if not told. Needs --stream.")
  var chunk: Int?

  @Option(help: "A folder for the files that the program opens; without one it has none.")
  var files: String?

  @Option(
    help:
      "Keep persistent values in that file or device; a missing file is made, an existing one never formatted."
  )
  var store: String?

  @Flag(help: "Print each event as a line of JSON instead of the program's text.")
  var events = false

  @Flag(help: "Print each instruction to the standard error.")
  var trace = false

  @Flag(help: "One JSON object when it has ended.")
  var json = false

  @Flag(help: "Exit with the program's own status, modulo 256.")
  var exitStatus = false

  func validate() throws {
    guard let chunk else { return }
    guard stream else { throw ValidationError("--chunk says how to --stream, which is not asked for.") }
    guard (1...32_768).contains(chunk) else { throw ValidationError("--chunk must be from 1 to 32768.") }
  }

  func run() throws {
    try reportingFailure(json: json) {
      let bytes = try readFile(image)
      var record = RunRecord()
      var driver = try makeDriver()
      let activation = try load(bytes, &driver, &record)
      let outcome = try drive(activation.pid, &driver, &record)
      try storeAll(&driver, &record)
      let report = try RunReport(activation, outcome, driver.executive, record)
      if json { try printJSON(report) }
      if let failure = record.outputFailure { throw failure }
      do {
        try conclude(report, outcome)
      } catch var failure as Failure {
        failure.isReported = true
        throw failure
      }
    }
  }

  // MARK: Loading

  private func makeDriver() throws -> LocalDriver {
    var policy = Policy.desktop
    // Without a store nothing persists, and an image that needs one is told so.
    if store == nil { policy.capabilities.remove(.storage) }
    var executive = LocalExecutive(policy: policy, platform: .host)
    if let store {
      let device = try openStore(store)
      do throws(StoreError) {
        try executive.attachStorage(device)
      } catch {
        throw Failure(store, .store(error))
      }
      for warning in executive.storageWarnings where warning != .corrected {
        printError("hsx: \(store): \(warning.message) [\(warning.word)]")
      }
    }
    do {
      guard let files else { return try LocalDriver(executive, folder: nil) }
      return try LocalDriver(executive, folder: TaskFolder(path: files))
    } catch let error as SystemCallError {
      throw Failure(files ?? "", .file, why: error.message)
    }
  }

  private func load(
    _ bytes: [UInt8], _ driver: inout LocalDriver, _ record: inout RunRecord
  ) throws -> Activation {
    let stem = AppName.stem(ofPath: image)
    let options = LoadOptions(
      source: .file(path: Array(image.utf8)), fallbackName: ShortName(stem) ?? ShortName())
    let nonce = UInt64.random(in: .min ... .max)
    do throws(ProvisioningError) {
      let activation =
        stream
        ? try loadInChunks(bytes, options, nonce, &driver)
        : try driver.executive.load(bytes.span, options: options, nonce: nonce, now: driver.now)
      guard let activation else { throw .wrongState(.sealed) }
      return activation
    } catch {
      driver.deliverEvents { take($0, &record) }
      throw Failure(image, error)
    }
  }

  private func loadInChunks(
    _ bytes: [UInt8], _ options: LoadOptions, _ nonce: UInt64, _ driver: inout LocalDriver
  ) throws(ProvisioningError) -> Activation? {
    var request = TransferRequest(options: options, nonce: nonce)
    request.totalBytes = UInt32(clamping: bytes.count)
    request.crc32 = CRC32.checksum(bytes.span, .fast)
    let receipt = try driver.executive.loadBegin(request, now: driver.now)
    var sequence: UInt32 = 0
    let chunk = chunk ?? 4096
    for start in stride(from: 0, to: bytes.count, by: chunk) {
      let piece = bytes.span.extracting(start..<min(start + chunk, bytes.count))
      let written = try driver.executive.loadWrite(
        .handle(receipt.handle), by: .anonymous, sequence: sequence, piece, now: driver.now)
      sequence = written.nextSequence
    }
    return try driver.executive.loadEnd(.handle(receipt.handle), by: .anonymous, now: driver.now)
  }

  // MARK: Running

  private func drive(
    _ pid: PID, _ driver: inout LocalDriver, _ record: inout RunRecord
  ) throws -> LocalDriver.Outcome {
    do throws(ProvisioningError) {
      if trace { try driver.executive.trace(pid, true) }
      return try driver.run(
        pid, budget: maxSteps, isTraced: trace, afterSlice: { if trace { show($0, pid) } },
        deliver: { take($0, &record) })
    } catch {
      throw Failure(image, error)
    }
  }

  /// What a program has changed and not yet stored is stored before the process ends.
  private func storeAll(_ driver: inout LocalDriver, _ record: inout RunRecord) throws {
    defer { driver.deliverEvents { take($0, &record) } }
    do throws(ProvisioningError) {
      try driver.executive.flush(now: driver.now)
    } catch {
      throw Failure(store ?? image, error)
    }
  }

  private func take(_ event: Event, _ record: inout RunRecord) {
    if json { record.keep(event) }
    if case .output(let stream, let bytes) = event.body {
      if stream == .standardOutput, json { record.keep(bytes) }
      if !events, !json || stream == .standardError {
        record.noteFailure {
          try write(bytes, to: stream == .standardOutput ? .standardOutput : .standardError)
        }
      }
    }
    guard events, !json, let line = try? EventRecord(event).line() else { return }
    record.noteFailure { try write([UInt8](line) + [UInt8(ascii: "\n")], to: .standardOutput) }
  }

  private func show(_ executive: borrowing LocalExecutive, _ pid: PID) {
    guard let last = try? executive.lastInstruction(of: pid) else { return }
    func hex(_ number: UInt32, _ digits: Int) -> String {
      let text = String(number, radix: 16)
      return String(repeating: "0", count: max(0, digits - text.count)) + text
    }
    var line = "\(hex(last.programCounter, 4))  \(hex(last.word, 8))"
    if let access = last.access {
      line += "  \(access.isWrite ? "writes" : "reads") \(access.byteCount) at \(hex(access.address, 4))"
    }
    printError(line)
  }

  // MARK: The end

  private func conclude(_ report: RunReport, _ outcome: LocalDriver.Outcome) throws {
    switch outcome {
    case .ended:
      if exitStatus, let status = report.exitStatus { throw ExitCode(Int32(status & 0xFF)) }
      if !json, !events {
        printError(
          "\(report.appName): \(report.state) \(report.exitStatus ?? 0), \(report.retired) instructions")
      }
    case .faulted(let fault):
      throw Failure(
        report.appName, ToolReason(fault), why: "It was stopped by a fault (\(fault.word)) at \(report.pc).")
    case .budget:
      throw Failure(
        report.appName, .budgetSpent, why: "It has retired \(report.retired) instructions and not ended.")
    case .breakpoint(let code):
      throw Failure(report.appName, .debugBreak, why: "It met the break \(code) at \(report.pc).")
    case .waiting:
      throw Failure(report.appName, .waiting, why: "It waits for a message that nobody here can send.")
    }
  }
}
