import Testing

@testable import HSXTranslation

@Suite struct ExplanationTests {
  @Test("every word is explained once, with its own cause, and a remedy")
  func words() {
    let words = Explanation.words
    #expect(Set(words).count == words.count)
    var causes: Set<String> = []
    for word in words {
      guard let explanation = Explanation(of: word) else {
        Issue.record("\(word) is not explained")
        continue
      }
      for text in [explanation.cause, explanation.remedy] {
        #expect(text.count > 12 && text.hasSuffix("."), "\(word): \(text)")
      }
      #expect(causes.insert(explanation.cause).inserted, "\(word): \(explanation.cause)")
    }
  }

  @Test("what stands behind a reason's colon does not matter")
  func detail() {
    #expect(Explanation(of: "pid_locked:3") == Explanation(of: "pid_locked"))
    #expect(Explanation(of: "pid_locked")?.code == "EBUSY")
    #expect(Explanation(of: "no_such_word") == nil)
  }
}
