public import HSXProtocol
public import HSXProvisioning
import HSXHAL
import HXE
import MiniVM

extension EventRecord {
  /// The event's record.
  public init(_ event: Event) {
    let (type, data) = event.body.record
    self.init(
      seq: event.sequence, ts: Double(event.time.microseconds) / 1_000_000, type: type, pid: event.pid,
      data: data)
  }
}

extension EventBody {
  fileprivate var record: (String, [String: JSONTree]) {
    switch self {
    case .taskState(let from, let to, let reason, let detail):
      (
        "task_state",
        [
          "prev_state": .string(from.word), "new_state": .string(to.word), "reason": .string(reason.word),
          "details": .optional(detail),
        ]
      )
    case .scheduler(let from, let to, let reason):
      (
        "scheduler",
        [
          "state": .string(to == nil ? "idle" : "running"), "prev_pid": .optional(from),
          "next_pid": .optional(to), "reason": .string(reason.word),
        ]
      )
    case .mailbox(let event): ("mailbox_\(event.kind.word)", event.data)
    case .valueRegistered(let id, let flags, let authLevel, let owner, let name, let group):
      (
        "value_registered",
        object(id, "value_id", owner: owner, caller: owner).merging([
          "flags": .whole(flags), "auth_level": .whole(authLevel), "name": .text(name),
          "group_name": .text(group),
        ]) { first, _ in first }
      )
    case .valueChanged(let id, let owner, let caller, let old, let new):
      (
        "value_changed",
        object(id, "value_id", owner: owner, caller: caller).merging([
          "old_f16": .whole(old), "new_f16": .whole(new), "old_value": .binary16(old),
          "new_value": .binary16(new),
        ]) { first, _ in first }
      )
    case .valueStored(let id, let owner, let bits, let key):
      (
        "value_stored",
        object(id, "value_id", owner: owner, caller: owner).merging([
          "f16": .whole(bits), "value": .binary16(bits), "key": .whole(key),
        ]) { first, _ in first }
      )
    case .commandInvoked(let id, let owner, let caller):
      ("cmd_invoked", object(id, "cmd_id", owner: owner, caller: caller))
    case .commandCompleted(let id, let owner, let caller, let status, let result):
      (
        "cmd_completed",
        object(id, "cmd_id", owner: owner, caller: caller).merging([
          "status": .whole(status), "result": .optional(result),
        ]) { first, _ in first }
      )
    case .output(let stream, let bytes):
      (
        stream == .standardOutput ? "stdout" : "stderr",
        [
          "text": .string(String(decoding: bytes, as: UTF8.self)),
          "data_hex": .string(bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()),
        ]
      )
    case .warning(let warning): ("warning", warning.data)
    case .transferState(let facts, let from, let to):
      (
        "provisioning.state",
        facts.data(["prev_state": .string(from.word), "new_state": .string(to.word)])
      )
    case .transferStarted(let facts, let total):
      ("provisioning.started", facts.data(["total_bytes": .optional(total)]))
    case .transferProgress(let facts, let progress):
      (
        "provisioning.progress",
        facts.data([
          "bytes_written": .whole(progress.bytesWritten), "total_bytes": .optional(progress.totalBytes),
          "percent": .optional(progress.percent), "rate_bps": .whole(progress.bytesPerSecond),
          "stalled": .bool(progress.isStalled),
        ])
      )
    case .transferComplete(let facts, let written, let duration, let header):
      (
        "provisioning.complete",
        facts.data([
          "ready": .bool(true), "bytes_written": .whole(written), "duration_ms": .whole(duration),
          "image": .object([
            "version": .whole(header.version), "entry": .whole(header.entry),
            "code_len": .whole(header.codeLength), "ro_len": .whole(header.rodataLength),
            "bss": .whole(header.bssSize), "crc32": .whole(header.crc32),
          ]),
        ])
      )
    case .transferError(let facts, let error, let stage):
      (
        "provisioning.error",
        facts.data([
          "code": .string(error.code.wireName), "reason": .string(error.reasonWord),
          "where": .string("\(stage)"), "detail": .string(error.detail), "offset": .optional(error.offset),
        ])
      )
    case .transferAborted(let facts, let reason, let written):
      (
        "provisioning.aborted",
        facts.data(["reason": .string(reason.word), "bytes_written": .whole(written)])
      )
    case .persisted(let facts, let slot, let revision, let target, let crc32):
      (
        "provisioning.persisted",
        facts.data([
          "slot": .whole(slot), "revision": .whole(revision), "target": .string("\(target)"),
          "crc32": .whole(crc32),
        ])
      )
    case .rollback(let facts, let from, let to, let fromRevision, let toRevision, let cause):
      (
        "provisioning.rollback",
        facts.data([
          "from_pid": .optional(from), "to_pid": .optional(to), "cause": .string(cause.word),
          "from_revision": .optional(fromRevision), "to_revision": .optional(toRevision),
        ])
      )
    }
  }

  private func object(
    _ id: UInt16, _ member: String, owner: PID, caller: PID
  ) -> [String: JSONTree] {
    [
      "oid": .whole(id), "group_id": .whole(id >> 8), member: .whole(id & 0xFF),
      "owner_pid": .whole(owner), "caller_pid": .whole(caller),
    ]
  }
}

extension TransferFacts {
  fileprivate func data(_ more: [String: JSONTree]) -> [String: JSONTree] {
    var data = more
    data["handle"] = .optional(handle)
    data["phase"] = .string(phase.word)
    data["app_name"] = appName.isEmpty ? .null : .string(text(appName.span))
    data["source"] = source.tree
    return data
  }
}

extension Source {
  /// The source as it stands on the wire.
  public var tree: JSONTree {
    switch self {
    case .file(let path): .object(["kind": .string("file"), "path": .text(path)])
    case .rpc(let peer): .object(["kind": .string("rpc"), "peer": .text(peer)])
    case .can(let bus, let master, let session):
      .object([
        "kind": .string("can"), "bus": .whole(bus), "master": .whole(master),
        "session": .whole(session),
      ])
    case .sd(let manifest, let entry):
      .object(["kind": .string("sd"), "manifest": .text(manifest), "entry": .text(entry)])
    case .uart(let device): .object(["kind": .string("uart"), "device": .text(device)])
    case .store(let slot, let revision):
      .object(["kind": .string("store"), "slot": .whole(slot), "revision": .whole(revision)])
    }
  }
}

extension MailboxEvent {
  fileprivate var data: [String: JSONTree] {
    [
      "descriptor": .optional(descriptor), "handle": .optional(handle), "length": .optional(length),
      "flags": .optional(flags), "channel": .optional(channel), "src_pid": .optional(sender),
    ].filter { $0.value != .null }
  }
}

extension MailboxEvent.Kind {
  fileprivate var word: String { self == .receive ? "recv" : "\(self)" }
}

extension RollbackCause {
  /// The word on the wire.
  public var word: String {
    switch self {
    case .fault(let fault): "fault:\(fault.word)"
    case .exit(let status): "exit:\(status)"
    case .attemptsSpent: "attempts_spent"
    case .killed, .user, .damaged: "\(self)"
    }
  }
}

extension Warning {
  fileprivate var data: [String: JSONTree] {
    let (category, reason, message) =
      switch self {
      case .registryNearlyFull(let limit, let used, let capacity):
        ("registry", "\(limit.word)_nearly_full", "\(used) of \(capacity) are in use.")
      case .registryRelieved(let limit, let used, let capacity):
        ("registry", "\(limit.word)_relieved", "\(used) of \(capacity) are in use again.")
      case .transferStalled(let handle):
        ("provisioning", "transfer_stalled", "Nothing has come for transfer \(handle) for a while.")
      case .storage(let warning): ("storage", warning.word, warning.message)
      }
    return ["category": .string(category), "reason": .string(reason), "message": .string(message)]
  }
}

extension JSONTree {
  fileprivate static func whole(_ number: some BinaryInteger) -> JSONTree { .integer(Int64(number)) }

  fileprivate static func optional(_ number: (some BinaryInteger)?) -> JSONTree {
    number.map { .integer(Int64($0)) } ?? .null
  }

  /// A string; null if it is empty.
  fileprivate static func text(_ bytes: [UInt8]) -> JSONTree {
    bytes.isEmpty ? .null : .string(String(decoding: bytes, as: UTF8.self))
  }

}
