import Foundation
import HSXHAL
import HSXProvisioning
import HSXProtocol
import HSXTranslation
import Testing

/// The examples of events in `Docs/executive_protocol.md` against the records that the daemon makes.
@Suite("The events of the document") struct DocumentedEventTests {
  private static let facts = EventRecordTests.facts

  /// One event of each type.
  private static let bodies: [EventBody] =
    EventRecordTests.bodies.map(\.0) + [
      .transferState(facts, from: .idle, to: .loading), .transferStarted(facts, totalBytes: 139),
      .transferProgress(
        facts,
        TransferProgress(bytesWritten: 64, totalBytes: 139, bytesPerSecond: 6400, isStalled: false)),
      .transferComplete(facts, bytesWritten: 139, durationMilliseconds: 8, header: EventRecordTests.header),
      .transferError(facts, .sequenceGap(found: 3, expected: 2), stage: .write),
      .transferAborted(facts, .user, bytesWritten: 64),
      .persisted(facts, slot: 1, revision: 4, target: .flash, crc32: 7),
      .rollback(
        facts, from: 3, to: 2, fromRevision: 4, toRevision: 3, cause: .exit(status: 1)),
    ]

  private static func examples() throws -> [EventRecord] {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let document = try String(contentsOf: root.appending(path: "Docs/executive_protocol.md"), encoding: .utf8)
    let block = document.components(separatedBy: "```protocol events\n").dropFirst().first ?? ""
    let lines = block.components(separatedBy: "\n```").first?.split(separator: "\n") ?? []
    return try lines.map { try JSONDecoder().decode(EventRecord.self, from: Data($0.utf8)) }
  }

  @Test("each type of event has an example with the facts that it carries", arguments: bodies)
  func each(_ body: EventBody) throws {
    var queue = EventQueue(capacity: 1, subscriptionLimit: 1)
    queue.emit(body, pid: 1, now: .zero)
    let record = EventRecord(try #require(queue.event(1)))
    // Of warnings and mailbox events there are several kinds with the same members, or fewer.
    let alike = try Self.examples().filter { $0.type == record.type }
    let line = String(decoding: try record.line(), as: UTF8.self)
    #expect(alike.contains { Set($0.data.keys).isSuperset(of: record.data.keys) }, "\(line)")
  }

  @Test("there is an example of every type, and of no other")
  func all() throws {
    var types: EventTypes = []
    for example in try Self.examples() {
      types.formUnion(try #require(EventTypes(category: example.type), "\(example.type)"))
    }
    #expect(types == EventTypes.ordinary.union(.scheduler))
  }
}
