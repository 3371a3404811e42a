import ArgumentParser
import HSXExecutive
import HSXHAL
import HSXLinux
import HSXPersistence
import HSXProvisioning
import HSXProtocol
import HSXTranslation
import HXE

struct PersistCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "persist",
    abstract: "Store a task's image, or with --store an image file, as its app's active one.",
    discussion: """
      The image is staged, read back, its hash compared; then it takes its app's place with the values that its schema \
      admits, and the one before it stays as the fallback. It is on trial from the node's next start. A command that was cut short goes on where it was. An image that \
      is active already is not written again.

      EXAMPLES
        hsx persist thermostat
        hsx persist 3 --target fram
        hsx persist --store node.store thermostat.hxe
        hsx persist --store node.store --confirm thermostat.hxe
        hsx persist --store /dev/mtd0 --json thermostat.hxe
      """)

  @Argument(
    help: "The task's pid or name; with --store, the image file, - for the standard input.",
    completion: .tasks)
  var image: String

  @Option(help: "Of the daemon's store, the memory: flash or fram; flash if not told.")
  var target: StorageTarget?

  @OptionGroup var options: StoreOptions

  @Flag(help: "Take it for proved, instead of putting it on trial.")
  var confirm = false

  @Flag(help: "One JSON object.")
  var json = false

  func validate() throws {
    guard target == nil || options.store == nil else {
      throw ValidationError("A --store file is one memory.")
    }
    guard !confirm || options.store != nil else {
      throw ValidationError("--confirm belongs to --store; what the daemon runs proves itself by running.")
    }
  }

  func run() async throws {
    try await reportingFailure(json: json) {
      guard let options = options.offline else { return try await persistTask() }
      let bytes = try readFile(image)
      let (slot, changed) = try store(bytes, in: options)
      if confirm { try options.confirm(slot) }
      let outcome = try SlotOutcome(slot, in: options.store, changed: changed)
      if json { try printJSON(outcome) } else { try printLine(outcome.line) }
    }
  }

  /// Stores the image of a task that runs.
  private func persistTask() async throws {
    let answer = try await options.client.withDaemon { daemon in
      var request = StoreRequest()
      request.pid = try await daemon.pid(of: image)
      request.target = (target ?? .flash).rawValue
      return try await daemon.ask(.provisionPersist(request), as: PersistAnswer.self, about: image)
    }
    if json { return try printJSON(answer) }
    let stored = answer.image
    try printLine("\(printable(image)): slot \(stored.slot), revision \(stored.revision)")
  }

  /// The slot in which the image is active, and whether anything was written for it.
  private func store(_ bytes: [UInt8], in options: OfflineStore) throws -> (slot: UInt8, changed: Bool) {
    let hash = sha256(bytes)
    var executive = try options.executive(isMaking: true)
    do throws(ProvisioningError) {
      let same = try executive.slots().filter { $0.sha256 == hash && !$0.isDamaged }
      if let active = same.first(where: { $0.state.isActive }) { return (active.slot, false) }
      let nonce = UInt64.random(in: .min ... .max)
      if let waiting = same.first(where: { $0.state.phase == .verified }) {
        _ = try executive.activate(slot: waiting.slot, nonce: nonce, now: .zero)
        return (waiting.slot, true)
      }
      try load(bytes, hash, nonce, &executive)
      let stored = try executive.slots().first { $0.sha256 == hash && $0.state.isActive }
      guard let stored else { throw .store(.noSlot) }
      return (stored.slot, true)
    } catch {
      throw Failure(offline: image, error)
    }
  }

  private func load(
    _ bytes: [UInt8], _ hash: [UInt8], _ nonce: UInt64, _ executive: inout LocalExecutive
  ) throws(ProvisioningError) {
    var request = TransferRequest(
      options: LoadOptions(
        source: .file(path: Array(image.utf8)),
        fallbackName: ShortName(AppName.stem(ofPath: image)) ?? ShortName(), replaces: true,
        persists: .flash), nonce: nonce)
    request.totalBytes = UInt32(clamping: bytes.count)
    request.crc32 = CRC32.checksum(bytes.span, .fast)
    request.sha256 = hash
    let receipt = try executive.loadBegin(request, now: .zero)
    var sequence = receipt.nextSequence
    let chunk = Int(receipt.chunkBytes)
    for start in stride(from: Int(receipt.offset), to: bytes.count, by: chunk) {
      let piece = bytes.span.extracting(start..<min(start + chunk, bytes.count))
      sequence = try executive.loadWrite(
        .handle(receipt.handle), by: .anonymous, sequence: sequence, piece, now: .zero
      ).nextSequence
    }
    _ = try executive.loadEnd(.handle(receipt.handle), by: .anonymous, now: .zero)
  }
}
