import ArgumentParser
import HSXExecutive
import HSXHAL
import HSXLinux
import HSXPersistence
import HSXProvisioning
import HSXProtocol
import HSXTranslation
import HXE

struct ActivateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "activate", abstract: "Make a stored image its app's active one.",
    discussion: """
      Of an app, the newest image that waits; or the image in a slot. An image that waits is on trial from the node's next \
      start; the app's fallback takes over as with rollback.

      EXAMPLES
        hsx activate thermostat
        hsx activate --slot 3
        hsx activate --store node.store thermostat
        hsx activate --store node.store --slot 3 --confirm
      """)

  @Argument(help: "The app's name.", completion: .apps)
  var app: String?

  @Option(help: "The slot instead.")
  var slot: UInt8?

  @OptionGroup var options: StoreOptions

  @Flag(help: "Take it for proved: it is on trial no more.")
  var confirm = false

  @Flag(help: "One JSON object.")
  var json = false

  func validate() throws {
    guard (app == nil) != (slot == nil) else {
      throw ValidationError("Name either an app or a --slot.")
    }
    guard !confirm || options.store != nil else {
      throw ValidationError("--confirm belongs to --store; what the daemon runs proves itself by running.")
    }
  }

  func run() async throws {
    try await reportingFailure(json: json) {
      guard let options = options.offline else {
        return try await options.client.activate(app: app, slot: slot, json: json)
      }
      let (slot, changed) = try activate(in: options)
      if confirm { try options.confirm(slot) }
      let outcome = try SlotOutcome(slot, in: options.store, changed: changed)
      if json { try printJSON(outcome) } else { try printLine(outcome.line) }
    }
  }

  private func activate(in options: OfflineStore) throws -> (slot: UInt8, changed: Bool) {
    var executive = try options.executive()
    do throws(ProvisioningError) {
      let facts = try chosen(&executive)
      if facts.state.isActive { return (facts.slot, false) }
      _ = try executive.activate(slot: facts.slot, nonce: .random(in: .min ... .max), now: .zero)
      return (facts.slot, true)
    } catch {
      throw Failure(offline: app ?? "slot \(slot.map(String.init) ?? "")", error)
    }
  }

  private func chosen(_ executive: inout LocalExecutive) throws(ProvisioningError) -> SlotFacts {
    if let slot {
      let all = try executive.slots()
      guard Int(slot) < all.count else { throw .unknownSlot(slot) }
      return all[Int(slot)]
    }
    let name = ShortName(app ?? "") ?? ShortName()
    let images = try executive.history(of: name)
    let found =
      images.first { $0.state.phase == .verified } ?? images.first { $0.state.isActive }
    guard let found else { throw .unknownApp(name) }
    return found
  }
}

struct RollbackCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rollback", abstract: "Go back to the image before an app's active one, with its values.",
    discussion: """
      The image that was active is rejected: its hash is not taken again until its slot is cleared. Without a name, the app \
      that is stored if there is only one.

      EXAMPLES
        hsx rollback thermostat
        hsx rollback --store node.store
        hsx rollback --store node.store thermostat
      """)

  @Argument(help: "The app's name.", completion: .apps)
  var app: String?

  @OptionGroup var options: StoreOptions

  @Flag(help: "One JSON object.")
  var json = false

  func run() async throws {
    try await reportingFailure(json: json) {
      guard let options = options.offline else {
        var request = StoreRequest()
        request.app = app
        return try await options.client.change(
          .provisionRollback(request), about: app ?? "rollback", json: json)
      }
      let outcome = try SlotOutcome(try rollBack(in: options), in: options.store, changed: true)
      if json { try printJSON(outcome) } else { try printLine(outcome.line) }
    }
  }

  private func rollBack(in options: OfflineStore) throws -> UInt8 {
    var executive = try options.executive()
    let name = try chosen(&executive, in: options)
    do throws(ProvisioningError) {
      _ = try executive.rollback(name, nonce: .random(in: .min ... .max), now: .zero)
      guard let active = try executive.history(of: name).first(where: { $0.state.isActive }) else {
        throw .unknownApp(name)
      }
      return active.slot
    } catch {
      throw Failure(offline: app ?? options.store, error)
    }
  }

  private func chosen(_ executive: inout LocalExecutive, in options: OfflineStore) throws -> ShortName {
    if let app { return ShortName(app) ?? ShortName() }
    let names: [ShortName]
    do throws(ProvisioningError) {
      names = try executive.slots().filter { $0.state.isActive }.compactMap(\.app)
    } catch {
      throw Failure(options.store, error)
    }
    guard let name = names.first else { throw Failure(options.store, .unknownApp(ShortName())) }
    guard names.count == 1 else {
      let list = names.map { String(decoding: $0.bytes, as: UTF8.self) }.joined(separator: ", ")
      throw Failure(options.store, .appAmbiguous, why: "It holds \(list).")
    }
    return name
  }
}

extension ShortName {
  /// The name's bytes.
  var bytes: [UInt8] { (0..<count).map { self[$0] } }
}
