public import HSXExecutive
public import HSXPersistence

extension SlotState.Phase {
  /// The word for what becomes of a slot: stable, for objects and for tables.
  public var word: String {
    switch self {
    case .empty: "empty"
    case .staging: "staging"
    case .verified: "verified"
    case .trial: "trial"
    case .confirmed: "confirmed"
    case .rejected: "rejected"
    case .retired: "retired"
    }
  }
}

extension SlotState.Cause {
  /// The word for why an image was rejected.
  public var word: String {
    switch self {
    case .other: "other"
    case .fault: "fault"
    case .exit: "exit"
    case .hang: "hang"
    case .reset: "reset"
    case .damaged: "damaged"
    case .request: "request"
    case .load: "load"
    }
  }
}

extension PageReport.Role {
  /// The word for what a page is to its ring.
  public var word: String {
    switch self {
    case .blank: "blank"
    case .unreadable: "unreadable"
    case .old: "old"
    case .unfinished: "unfinished"
    case .counts: "counts"
    case .current: "current"
    }
  }
}

extension ImageDescriptor {
  /// Where the image came from, as an event's source says it: nil if the executive did not note it.
  public var sourceWord: String? { word(ofSource: source) }
}

extension SlotFacts {
  /// Where the image came from, as an event's source says it: nil if the executive did not note it.
  public var sourceWord: String? { word(ofSource: source) }
}

private func word(ofSource number: UInt32) -> String? {
  let words = ["file", "rpc", "can", "sd", "uart", "store"]
  return number > 0 && number <= UInt32(words.count) ? words[Int(number) - 1] : nil
}

extension AuditCode {
  /// The word for what happened to an image.
  public var word: String {
    switch self {
    case .stored: "stored"
    case .activated: "activated"
    case .confirmed: "confirmed"
    case .rejected: "rejected"
    case .refused: "refused"
    }
  }
}

extension Condition {
  /// A word for each thing that is wrong, always in the same order.
  public var words: [String] { Self.all.filter { contains($0.condition) }.map(\.word) }

  /// A sentence for each.
  public var sentences: [String] { Self.all.filter { contains($0.condition) }.map(\.sentence) }

  private static let all: [(condition: Condition, word: String, sentence: String)] = [
    (
      .degraded, "degraded",
      "Something that had been stored is damaged beyond correction, and what it was is not known any more."
    ),
    (
      .lastUpdateUnknown, "last_update_unknown",
      "Behind the newest record that can be read stands something that cannot: a write that was cut short, or a newer state."
    ),
    (.corrected, "corrected", "Flipped bits were corrected; what they belong to reads as it was written."),
    (.worn, "worn", "Pages were retired, or have passed 95 % of the cycles that the memory is rated for."),
    (.superblockDamaged, "superblock_damaged", "Only one of the two superblocks can be read."),
  ]
}
