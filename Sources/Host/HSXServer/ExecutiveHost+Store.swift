import HSXExecutive
import HSXPersistence
import HSXProtocol
import HSXProvisioning
import HSXTranslation
import HXE
import MiniVM

/// Stored images over the protocol.
extension ExecutiveHost {
  /// Records of the audit log that are shown, unless a request says otherwise.
  private static let usualRecords: UInt32 = 64
  private static let mostRecords: UInt32 = 4096

  // MARK: Changing

  func persist(_ request: StoreRequest) throws(Refusal) -> PersistAnswer {
    let target = try target(request.target ?? "flash", "target")
    let pid = try selected(try require(request.pid, "pid"))
    let image = try refusing { () throws(ProvisioningError) in
      try executive.persist(pid, target: target, now: now)
    }
    return PersistAnswer(
      image: StoredRecord(
        slot: image.slot, revision: image.revision, crc32: image.crc32,
        target: target == .flash ? "flash" : "fram", pid: pid))
  }

  /// Activates a stored image, or one that came and was told to wait.
  func activate(_ request: StoreRequest, _ requester: Requester) throws(Refusal) -> ImageAnswer {
    let nonce = UInt64.random(in: .min ... .max)
    if let slot = request.slot {
      return try answer { () throws(ProvisioningError) in
        try executive.activate(slot: slot, nonce: nonce, now: now)
      }
    }
    if let text = request.app {
      let app = try app(text)
      return try answer { () throws(ProvisioningError) in
        try executive.activate(app: app, nonce: nonce, now: now)
      }
    }
    let pid = try require(request.pid, "pid")
    if executive.transfers.contains(where: { $0.pid == pid }) {
      let caller = caller(requester)
      return try answer { () throws(ProvisioningError) in
        try executive.activate(.pid(pid), by: caller, now: now)
      }
    }
    let task = try refusing { () throws(ProvisioningError) in try executive.task(pid) }
    return try answer { () throws(ProvisioningError) in
      try executive.activate(app: task.baseName, nonce: nonce, now: now)
    }
  }

  /// Goes back to the image before the active one: of the app that is named, that a task runs, or that alone is stored.
  func rollBack(_ request: StoreRequest) throws(Refusal) -> ImageAnswer {
    let name: ShortName
    if let text = request.app {
      name = try app(text)
    } else if let pid = request.pid {
      name = try refusing { () throws(ProvisioningError) in try executive.task(pid) }.baseName
    } else {
      let slots = try refusing { () throws(ProvisioningError) in try executive.slots() }
      name = try require(Self.onlyApp(in: slots), "app")
    }
    return try answer { () throws(ProvisioningError) in
      try executive.rollback(name, nonce: .random(in: .min ... .max), now: now)
    }
  }

  /// The app that alone has an active image; nil if none has, or several.
  private static func onlyApp(in slots: [SlotFacts]) -> ShortName? {
    let apps = slots.filter(\.state.isActive).compactMap(\.app)
    guard let first = apps.first, apps.allSatisfy({ $0 == first }) else { return nil }
    return first
  }

  func release(_ request: StoreRequest) throws(Refusal) -> SlotsAnswer {
    let slot = try require(request.slot, "slot")
    try refusing { () throws(ProvisioningError) in try executive.release(slot: slot) }
    return try slots()
  }

  private func answer(_ body: () throws(ProvisioningError) -> Activation) throws(Refusal) -> ImageAnswer {
    ImageAnswer(image: ImageRecord(try refusing(body)))
  }

  private func app(_ text: String) throws(Refusal) -> ShortName {
    guard let name = ShortName(text), !text.isEmpty else {
      throw Refusal(invalid: "app", expected: "from 1 to 32 bytes")
    }
    return name
  }

  /// The tasks that another image of their app would replace.
  func pids(of request: StoreRequest) -> [UInt32] {
    let running = executive.taskList
    if let app = request.app { return running.filter { $0.baseName.text == app }.map(\.pid) }
    if let pid = request.pid { return [pid] }
    guard let slot = request.slot else {
      guard let all = try? executive.slots(), let app = Self.onlyApp(in: all) else { return [] }
      return running.filter { $0.baseName == app }.map(\.pid)
    }
    guard let all = try? executive.slots(), Int(slot) < all.count, let app = all[Int(slot)].app else {
      return []
    }
    return running.filter { $0.baseName == app }.map(\.pid)
  }

  // MARK: Looking

  func slots() throws(Refusal) -> SlotsAnswer {
    let slots = try refusing { () throws(ProvisioningError) in try executive.slots() }
    return SlotsAnswer(slots: slots.map { SlotRecord($0) })
  }

  func history(_ request: StoreRequest) throws(Refusal) -> HistoryAnswer {
    if request.isAudit ?? false {
      let limit = Int(min(request.limit ?? Self.usualRecords, Self.mostRecords))
      let trail = try refusing { () throws(ProvisioningError) in try executive.auditTrail(limit: limit) }
      return HistoryAnswer(records: trail.reversed().map { AuditEntry($0) })
    }
    let images: [SlotFacts]
    if let text = request.app {
      let app = try app(text)
      images = try refusing { () throws(ProvisioningError) in try executive.history(of: app) }
    } else {
      let slots = try refusing { () throws(ProvisioningError) in try executive.slots() }
      images = slots.filter { $0.app != nil }.sorted { left, right in
        let (first, second) = (left.app ?? ShortName(), right.app ?? ShortName())
        return first == second ? (left.revision ?? 0) > (right.revision ?? 0) : first < second
      }
    }
    return HistoryAnswer(images: images.prefix(Int(request.limit ?? .max)).map { SlotRecord($0) })
  }

  // MARK: The start

  /// Loads what is stored, so that a node boots by itself. What does not start holds up nothing else.
  func startStoredImages() {
    guard executive.storageCondition != nil else { return }
    do throws(ProvisioningError) {
      let started = try executive.startStored(nonce: .random(in: .min ... .max), now: now)
      for activation in started {
        log.info("stored image started", ["app": activation.name.text], pid: activation.pid)
      }
      for facts in try executive.slots() where facts.state.isActive {
        let isThere = executive.taskList.contains { $0.image?.slot == facts.slot }
        if !isThere {
          log.error("stored image not started", ["slot": "\(facts.slot)", "app": facts.app?.text ?? "?"])
        }
      }
    } catch {
      log.error("no stored image started", ["reason": error.reasonWord, "detail": error.detail])
    }
  }
}

extension SlotRecord {
  fileprivate init(_ facts: SlotFacts) {
    let state = facts.state
    self.init(
      slot: facts.slot, state: state.phase.word.uppercased(), active: state.isActive,
      fallback: facts.isFallback, factory: state.isFactory, appName: facts.app?.text,
      revision: facts.revision, length: facts.length, crc32: facts.crc32,
      attempts: state.phase == .confirmed ? UInt8(clamping: state.tally) : 0,
      cause: state.phase == .rejected ? state.cause.word : nil,
      damaged: facts.isDamaged || facts.fault != nil,
      source: facts.sourceWord.map { .object(["kind": .string($0)]) } ?? .null)
  }
}

extension AuditEntry {
  fileprivate init(_ record: AuditRecord) {
    let code = AuditCode(rawValue: record.code)
    let cause = SlotState.Cause(rawValue: UInt8(truncatingIfNeeded: record.detail >> 16))
    self.init(
      seq: UInt64(record.sequence), boot: UInt32(record.boot), seconds: record.seconds,
      event: code?.word ?? "\(record.code)",
      slot: code == nil ? nil : UInt8(truncatingIfNeeded: record.subject),
      revision: code == nil ? nil : record.detail & 0xFFFF, cause: code == .rejected ? cause?.word : nil,
      count: UInt32(record.count))
  }
}
