import ArgumentParser
import HSXExecutive
import HSXHAL
import HSXLinux
import HSXPersistence
import HSXProvisioning
import HSXSigning
import HSXTranslation
import HXE
import MiniVM

/// Where the store is that a command works on: a file, or the daemon's.
struct StoreOptions: ParsableArguments {
  @Option(
    help: "A storage file or device that nobody else has open; the daemon's store if not told.",
    completion: .file())
  var store: String?

  @OptionGroup(title: "Connection") var client: ClientOptions

  func validate() throws {
    guard store == nil || (client.host == nil && client.port == nil && client.socket == nil) else {
      throw ValidationError("--store is worked on without a daemon; give either it or where the daemon is.")
    }
  }

  /// The file; nil for the daemon's.
  var offline: OfflineStore? { store.map { OfflineStore(store: $0) } }
}

/// A store that commands work on while nobody runs on it.
struct OfflineStore {
  /// The file or device.
  let store: String

  /// An executive in which nothing runs, over that store: the rules are the same as on a node.
  ///
  /// What it activates does not run here, so that an image gets its first attempt at the node's next start.
  ///
  /// - Parameter isMaking: whether a missing file is made.
  func executive(isMaking: Bool = false) throws -> LocalExecutive {
    var policy = Policy.desktop
    policy.retainsImages = false
    policy.trialAttempts = policy.bootAttempts
    var executive = LocalExecutive(policy: policy, platform: .host)
    let device = isMaking ? try openStore(store) : try OfflineStore.open(store)
    do throws(StoreError) {
      try executive.attachStorage(device)
    } catch {
      throw Failure(store, .store(error))
    }
    return executive
  }

  /// What is at a path, to be written.
  static func open(_ path: String) throws -> StorageDevice {
    do throws(StorageError) {
      return try StorageDevice.open(path: path, access: .exclusive)
    } catch {
      throw Failure(path, error)
    }
  }
}

extension OfflineStore {
  /// Takes the active image in a slot for proved: it is on trial no more.
  func confirm(_ slot: UInt8) throws {
    var device = try OfflineStore.open(store)
    do throws(StoreError) {
      var store = try StateStore(mounting: &device)
      var batch = Batch<608>()
      try store.confirm(UInt16(slot), into: &batch)
      guard batch.count > 0 else { return }
      try store.commit(batch, in: &device)
      let revision = try store.descriptor(of: UInt16(slot), in: &device).revision
      let record = AuditRecord(
        code: AuditCode.confirmed.rawValue, subject: UInt32(slot), detail: UInt32(revision))
      _ = try store.log.append(record, at: .zero, in: &device)
    } catch {
      throw Failure("slot \(slot)", .store(error))
    }
  }
}

extension Failure {
  /// A refusal over a store in which nothing runs: an image on trial has to be told how that ends.
  init(offline what: String, _ error: ProvisioningError) {
    self.init(what, error)
    if case .store(.hashRejected(let slot)) = error {
      remedy = "Build a corrected image, or let it be tried again: `hsx slots --clear \(slot)`."
    }
    guard case .store(.slotState(let slot, let state)) = error else { return }
    switch state.phase {
    case .trial:
      why = "The image in slot \(slot) is still on trial."
      remedy =
        "Start the node to let it prove itself, or take it for proved: `hsx activate --slot \(slot) --confirm`."
    default: remedy = "`hsx slots` shows what is in which slot, and in which state."
    }
  }
}

/// A slot after a command has changed it, or found nothing to change.
struct SlotOutcome: Encodable {
  var ok = true
  /// Whether anything was written.
  var changed: Bool
  var slot: StorageReport.Slot

  /// Looks at the store again, as it is now.
  init(_ number: UInt8, in store: String, changed: Bool) throws {
    let survey = try StorageSurvey.read(store)
    guard let slot = survey.slots.first(where: { $0.number == UInt16(number) }) else {
      throw Failure(store, .unknownSlot(number))
    }
    self.changed = changed
    self.slot = StorageReport.Slot(slot)
  }

  /// It as a line.
  var line: String {
    let revision = slot.revision.map { ", revision \($0)" } ?? ""
    let state = slot.attempts.map { "on trial, \($0) attempts" } ?? slot.state
    return "\(printable(slot.appName ?? "–")): slot \(slot.slot)\(revision), "
      + (slot.active ? "active, \(state)" : state) + (changed ? "" : " (as it was)")
  }
}

/// The SHA-256 of bytes.
func sha256(_ bytes: [UInt8]) -> [UInt8] {
  var digest = HostCryptography.Digest()
  digest.update(bytes.span)
  let hash = digest.finish()
  return hash.indices.map { hash[$0] }
}
