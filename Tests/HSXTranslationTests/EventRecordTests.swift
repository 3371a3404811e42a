import Foundation
import HSXHAL
import HSXProvisioning
import HSXProtocol
import HSXTranslation
import HXE
import Testing

@Suite("Events on the wire")
struct EventRecordTests {
  static let facts = TransferFacts(
    handle: 42, phase: .loading, appName: ShortName("pump") ?? ShortName(),
    source: .file(path: Array("/tmp/pump.hxe".utf8)))
  static let header = Header(
    version: 2, flags: 2, entry: 0, codeLength: 8, rodataLength: 3, bssSize: 4, requiredCapabilities: [],
    crc32: 7, appName: ShortName("pump") ?? ShortName(), metadataOffset: 0, metadataCount: 0)

  static let bodies: [(EventBody, String, [String: JSONTree])] = [
    (
      .taskState(from: .running, to: .waitingMailbox, reason: .mailboxWait, detail: nil), "task_state",
      [
        "prev_state": .string("running"), "new_state": .string("waiting_mbx"),
        "reason": .string("mailbox_wait"),
        "details": .null,
      ]
    ),
    (
      .scheduler(from: 1, to: 2, reason: .quantumExpired), "scheduler",
      [
        "state": .string("running"), "prev_pid": .integer(1), "next_pid": .integer(2),
        "reason": .string("quantum_expired"),
      ]
    ),
    (
      .mailbox(MailboxEvent(.receive, descriptor: 3, length: 5, sender: 1)), "mailbox_recv",
      ["descriptor": .integer(3), "length": .integer(5), "src_pid": .integer(1)]
    ),
    (
      .valueChanged(objectID: 0x0102, owner: 1, caller: 2, old: 0x3C00, new: 0x7C00), "value_changed",
      [
        "oid": .integer(258), "group_id": .integer(1), "value_id": .integer(2), "owner_pid": .integer(1),
        "caller_pid": .integer(2), "old_f16": .integer(15360), "new_f16": .integer(31744),
        "old_value": .number(1), "new_value": .null,
      ]
    ),
    (
      .warning(.storage(.lastUpdateUnknown)), "warning",
      [
        "category": .string("storage"), "reason": .string("last_update_unknown"),
        "message": .string(StorageWarning.lastUpdateUnknown.message),
      ]
    ),
    (
      .valueStored(objectID: 0x0102, owner: 1, bits: 0x3C00, key: 7), "value_stored",
      [
        "oid": .integer(258), "group_id": .integer(1), "value_id": .integer(2), "owner_pid": .integer(1),
        "caller_pid": .integer(1), "f16": .integer(15360), "value": .number(1), "key": .integer(7),
      ]
    ),
    (
      .commandCompleted(objectID: 0x0110, owner: 1, caller: 0, status: 0, result: 7), "cmd_completed",
      [
        "oid": .integer(272), "group_id": .integer(1), "cmd_id": .integer(16), "owner_pid": .integer(1),
        "caller_pid": .integer(0), "status": .integer(0), "result": .integer(7),
      ]
    ),
    (
      .output(.standardError, [0x68, 0xFF]), "stderr",
      ["text": .string("h\u{FFFD}"), "data_hex": .string("68ff")]
    ),
    (
      .warning(.transferStalled(handle: 9)), "warning",
      [
        "category": .string("provisioning"), "reason": .string("transfer_stalled"),
        "message": .string("Nothing has come for transfer 9 for a while."),
      ]
    ),
  ]

  @Test("each kind has its type and its facts", arguments: bodies)
  func kinds(body: EventBody, type: String, data: [String: JSONTree]) throws {
    let record = try record(body)
    #expect(record.type == type)
    #expect(record.data == data)
  }

  @Test("those of a transfer carry its handle, phase, app and source")
  func transfers() throws {
    let source: JSONTree = .object(["kind": .string("file"), "path": .string("/tmp/pump.hxe")])
    let progress = TransferProgress(bytesWritten: 1, totalBytes: 3, bytesPerSecond: 9, isStalled: true)
    let error = ProvisioningError.image(ImageError(.crcMismatch, at: 28))
    let kinds: [(EventBody, String, String, JSONTree)] = [
      (
        .transferState(Self.facts, from: .idle, to: .loading), "provisioning.state", "new_state",
        .string("LOADING")
      ),
      (.transferStarted(Self.facts, totalBytes: nil), "provisioning.started", "total_bytes", .null),
      (.transferProgress(Self.facts, progress), "provisioning.progress", "percent", .integer(33)),
      (
        .transferComplete(Self.facts, bytesWritten: 3, durationMilliseconds: 8, header: Self.header),
        "provisioning.complete", "duration_ms", .integer(8)
      ),
      (.transferError(Self.facts, error, stage: .end), "provisioning.error", "offset", .integer(28)),
      (
        .transferAborted(Self.facts, .writeTimeout, bytesWritten: 3), "provisioning.aborted", "reason",
        .string("write_timeout")
      ),
      (
        .rollback(
          Self.facts, from: 2, to: 1, fromRevision: 4, toRevision: nil, cause: .exit(status: 3)),
        "provisioning.rollback", "cause", .string("exit:3")
      ),
      (
        .persisted(Self.facts, slot: 1, revision: 2, target: .flash, crc32: 3), "provisioning.persisted",
        "target", .string("flash")
      ),
    ]
    for (body, type, key, value) in kinds {
      let record = try record(body)
      #expect(record.type == type)
      #expect(record.data["handle"] == .integer(42))
      #expect(record.data["phase"] == .string("LOADING"))
      #expect(record.data["app_name"] == .string("pump"))
      #expect(record.data["source"] == source)
      #expect(record.data[key] == value, "\(type)")
    }
  }

  @Test("every source has its kind")
  func sources() {
    let sources: [(Source, String)] = [
      (.rpc(peer: [65]), "rpc"), (.can(bus: 1, master: 2, session: 3), "can"),
      (.sd(manifest: [65], entry: [66]), "sd"), (.uart(device: [65]), "uart"),
      (.store(slot: 1, revision: 2), "store"),
    ]
    for (source, kind) in sources {
      guard case .object(let fields) = source.tree else { Issue.record("no object"); continue }
      #expect(fields["kind"] == .string(kind))
      #expect(fields.count > 1)
    }
  }

  @Test("a record is one line of JSON with a null pid where there is none")
  func line() throws {
    var queue = EventQueue(capacity: 4, subscriptionLimit: 1)
    queue.emit(.warning(.transferStalled(handle: 1)), pid: nil, now: Instant(milliseconds: 1500))
    let event = try #require(queue.event(1))
    let line = String(decoding: try EventRecord(event).line(), as: UTF8.self)
    #expect(!line.contains("\n"))
    #expect(line.contains("\"pid\":null"))
    #expect(line.contains("\"ts\":1.5"))
  }

  private func record(_ body: EventBody) throws -> EventRecord {
    var queue = EventQueue(capacity: 4, subscriptionLimit: 1)
    queue.emit(body, pid: 1, now: .zero)
    return EventRecord(try #require(queue.event(1)))
  }
}
