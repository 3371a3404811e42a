import HSXHAL
import HSXPersistence
import HSXProvisioning
import HSXTranslation
import HXE
import MiniVM
import Testing

@Suite("Words for refusals of a load")
struct ProvisioningWordsTests {
  static let refusals: [ProvisioningError] =
    Limit.allCases.map { .budget($0, needed: 7, available: 3) }
    + ProvisioningError.Field.allCases.map { .outOfRange($0, found: 9, least: 1, most: 5) }
    + AbortReason.allCases.filter { $0 != .user }.map { .timedOut($0) }
    + [
      .missingCapabilities([.can, .storage]), .appExists(ShortName("pump") ?? ShortName()),
      .valueExists(objectID: 0x101, owner: 3), .commandExists(objectID: 0x102, owner: 3),
      .persistKeyExists(key: 17, owner: 3), .persistKeyRepeated(key: 17),
      .mailboxExists(ShortName("app:a") ?? ShortName()),
      .mailboxTargetInvalid(ShortName("app:a") ?? ShortName()), .unknownHandle(5), .unknownTask(6),
      .wrongState(.verify), .wrongTaskState(2, .paused), .notOwner(5),
      .sequenceGap(found: 4, expected: 2), .sequenceForgotten(found: 1, oldest: 2),
      .chunkContradicts(sequence: 3), .chunkEmpty(sequence: 4), .beyondTotal(total: 5, found: 6),
      .incomplete(received: 5, total: 6), .checksumMismatch(announced: 1, found: 2), .cancelled,
      .noStore, .imageNotRetained(3), .persistKeyStored(key: 17, slot: 2),
      .unknownApp(ShortName("pump") ?? ShortName()), .unknownSlot(9),
      .noFallback(ShortName("pump") ?? ShortName()),
    ] + storeErrors.map { .store($0) }

  static let storeErrors: [StoreError] = [
    .memory(.refused(at: 64)), .memory(.unreadable(at: 64)), .memory(.misused(at: 64)), .unformatted,
    .noSoundPage, .layout(needed: 2, available: 1), .full(needed: 2, available: 1),
    .keyInvalid(0), .noSlot, .slotState(1, .empty), .imageSize(found: 9, expected: 8), .hashRejected(1),
    .hashMismatch(1), .damaged(1),
  ]

  @Test("each has a reason that explain knows, with the same code", arguments: refusals)
  func known(refusal: ProvisioningError) throws {
    let explanation = try #require(Explanation(of: refusal.reasonWord))
    #expect(explanation.word == refusal.reasonWord)
    #expect(explanation.code == refusal.code.wireName)
    #expect(refusal.remedy == explanation.remedy)
    #expect(refusal.detail.hasSuffix("."))
    #expect(refusal.offset == nil)
  }

  @Test("each reason of the list belongs to a refusal")
  func complete() {
    #expect(Set(Self.refusals.map(\.reasonWord)) == Set(TransferReason.allCases.map(\.rawValue)))
  }

  @Test("what is taken stands behind the word on the wire")
  func wireText() throws {
    #expect(ProvisioningError.appExists(try #require(ShortName("pump"))).wireText == "app_exists:pump")
    #expect(ProvisioningError.persistKeyExists(key: 17, owner: 3).wireText == "persist_key:17")
    #expect(ProvisioningError.persistKeyStored(key: 17, slot: 3).wireText == "persist_key:17")
    let version = ProvisioningError.image(ImageError(.unsupportedVersion, at: 4, found: 3))
    #expect(version.wireText == "unsupported_version:3")
    #expect(version.offset == 4)
  }

  @Test("capabilities have names, unknown ones their number")
  func capabilities() {
    #expect(Capabilities(rawValue: 0b100_1001).names == ["mailboxes", "can", "capability 6"])
  }

  @Test("states, reasons and faults have the words of the protocol")
  func states() {
    #expect(TaskState.allCases.map(\.word).contains("waiting_mbx"))
    #expect(
      TaskStateReason.allCases.map(\.word).filter { $0.contains("mailbox") } == [
        "mailbox_wait", "mailbox_wake",
      ])
    #expect(SwitchReason.allCases.map(\.word).contains("quantum_expired"))
    #expect(Set(Fault.allCases.map(\.word)).count == Fault.allCases.count)
    #expect(TransferState.sealed.word == "SEALED")
  }
}
