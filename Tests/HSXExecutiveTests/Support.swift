import Foundation
import HSXAssembler
@testable import HSXExecutive
import HSXHAL
import HSXMailbox
@testable import HSXProvisioning
import HSXRegistry
import HSXSigning
import HXE
import MiniVM

/// An executive without a store.
typealias Executive = HSXExecutive.Executive<NoMemory, HostCryptography>

/// What must be as before after a load that failed.
struct Fingerprint: Equatable {
  var tasks: [ExecutiveTask]
  var objects: RegistryFingerprint
  var mailboxes: MailboxFingerprint
  var places: Int
  var names: AppNames
  var transfers: Int
  var standbys: Int
}

extension HSXExecutive.Executive where Memory: ~Copyable {
  var fingerprint: Fingerprint {
    Fingerprint(
      tasks: tasks, objects: objects.fingerprint, mailboxes: mailboxes.fingerprint,
      places: machine.taskCount, names: provisioner.names, transfers: transfers.count,
      standbys: provisioner.standbys.count)
  }

  /// Loads an image as a user would from a file.
  mutating func load(
    _ image: [UInt8], replaces: Bool = false, fallbackName: String = "", probation: UInt32? = nil,
    at milliseconds: UInt64 = 0
  ) throws(ProvisioningError) -> PID {
    let options = LoadOptions(
      source: .file(path: Array("test.hxe".utf8)), fallbackName: ShortName(fallbackName) ?? ShortName(),
      replaces: replaces, probation: probation)
    let activation = try load(
      image.span, options: options, nonce: 7, now: Instant(milliseconds: milliseconds))
    return activation?.pid ?? 0
  }

  mutating func begin(
    total: UInt32? = nil, crc32: UInt32? = nil, owner: UInt64? = nil, sealsOnly: Bool = false,
    at milliseconds: UInt64 = 0
  ) throws(ProvisioningError) -> Provisioner.Key {
    var request = TransferRequest(
      options: LoadOptions(source: .rpc(peer: []), sealsOnly: sealsOnly), nonce: 99)
    request.totalBytes = total
    request.crc32 = crc32
    request.owner = owner
    return .handle(try loadBegin(request, now: Instant(milliseconds: milliseconds)).handle)
  }

  mutating func write(
    _ key: Provisioner.Key, _ sequence: UInt32, _ bytes: [UInt8], by caller: Provisioner.Caller = .admin,
    at milliseconds: UInt64 = 0
  ) throws(ProvisioningError) -> WriteReceipt {
    try loadWrite(
      key, by: caller, sequence: sequence, bytes.span, now: Instant(milliseconds: milliseconds))
  }

  mutating func end(_ key: Provisioner.Key, at milliseconds: UInt64 = 0) throws(ProvisioningError)
    -> Activation?
  {
    try loadEnd(key, by: .admin, now: Instant(milliseconds: milliseconds))
  }

  /// The bodies of all events from `sequence` on.
  func bodies(from sequence: UInt64 = 1) -> [EventBody] {
    (max(sequence, events.oldestSequence)..<events.nextSequence).compactMap { events.event($0)?.body }
  }
}

/// The refusal of a call; nil if there is none.
func refusal<Value>(_ body: () throws(ProvisioningError) -> Value) -> ProvisioningError? {
  do throws(ProvisioningError) {
    _ = try body()
    return nil
  } catch {
    return error
  }
}

/// An image of this program.
func assembled(
  _ source: String, name: String = "app", allowsMultiple: Bool = true, capabilities: Capabilities = []
) throws -> [UInt8] {
  try Assembler.assemble(
    source,
    options: AssemblyOptions(
      appName: name, allowsMultipleInstances: allowsMultiple, requiredCapabilities: capabilities))
}

/// The names of all golden images, good and bad.
func allImages() throws -> [String] {
  let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Fixtures/vectors/images")
  func stems(_ path: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.appending(path: path).path)
      .filter { $0.hasSuffix(".hxe") }.map { path + String($0.dropLast(4)) }.sorted()
  }
  return try stems("") + stems("bad/")
}

extension [UInt8] {
  func chunks(of size: Int) -> [[UInt8]] {
    stride(from: 0, to: count, by: size).map { Array(self[$0..<Swift.min($0 + size, count)]) }
  }
}
