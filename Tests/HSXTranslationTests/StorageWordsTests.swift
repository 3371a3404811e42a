import HSXExecutive
import HSXPersistence
import Testing

@testable import HSXTranslation

@Suite("Words of the store")
struct StorageWordsTests {
  @Test("each phase, cause, role and code has a word of its own, fit for JSON")
  func words() {
    let kinds = [
      SlotState.Phase.allCases.map(\.word), SlotState.Cause.allCases.map(\.word),
      PageReport.Role.allCases.map(\.word), AuditCode.allCases.map(\.word),
    ]
    for words in kinds {
      #expect(Set(words).count == words.count)
      for word in words { #expect(word.allSatisfy { $0.isLowercase || $0 == "_" }) }
    }
  }

  @Test("of a condition each bit is told, in words and in as many sentences")
  func conditions() {
    #expect(Condition([]).words.isEmpty)
    #expect(
      Condition(rawValue: 31).words == [
        "degraded", "last_update_unknown", "corrected", "worn", "superblock_damaged",
      ])
    for bit in 0..<5 {
      let condition = Condition(rawValue: 1 << UInt8(bit))
      #expect(condition.words.count == 1)
      #expect(condition.sentences.count == 1)
      #expect(condition.sentences.allSatisfy { $0.hasSuffix(".") })
    }
  }

  @Test("an image's source is told if the executive noted it", arguments: [0, 1, 6, 7, UInt32.max])
  func sources(number: UInt32) {
    var descriptor = ImageDescriptor()
    descriptor.source = number
    #expect(descriptor.sourceWord == (number == 1 ? "file" : number == 6 ? "store" : nil))
  }
}
