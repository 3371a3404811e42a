import HSXPersistence
import HSXProtocol
import HSXTranslation

/// Something that was noticed about a store.
struct StorageFinding: Encodable, Equatable {
  enum Severity: String, Encodable {
    /// Something is lost, or will be with the next fault.
    case damage
    /// Nothing is lost.
    case notice
  }

  var severity: Severity
  /// A stable word.
  var kind: String
  @Nullable var offset: Int?
  var detail: String

  init(_ severity: Severity, _ kind: String, at offset: Int? = nil, _ detail: String) {
    self.severity = severity
    self.kind = kind
    _offset = Nullable(wrappedValue: offset)
    self.detail = detail
  }

  var isDamage: Bool { severity == .damage }
}

extension StorageSurvey {
  /// Everything noticed, in the order in which it stands in the memory.
  var findings: [StorageFinding] { superblockFindings + ringFindings + logFindings + slotFindings }

  private var superblockFindings: [StorageFinding] {
    var findings: [StorageFinding] = []
    for superblock in superblocks {
      let offset = superblock.offset
      switch superblock.finding {
      case .whole: continue
      case .corrected:
        findings.append(
          StorageFinding(
            .notice, "superblock_corrected", at: offset, "A flipped bit in the superblock is corrected."))
      case .erased:
        findings.append(
          StorageFinding(
            .damage, "superblock_missing", at: offset, "This copy of the superblock is missing."))
      case .damaged, .otherSize, .unsuitable:
        findings.append(
          StorageFinding(
            .damage, "superblock_damaged", at: offset, "This copy of the superblock is damaged."))
      }
    }
    if let first = superblocks[0].layout, let second = superblocks[1].layout, first != second {
      findings.append(
        StorageFinding(
          .damage, "superblocks_differ", at: superblocks[1].offset,
          "The two superblocks say different things; the first is believed."))
    }
    return findings
  }

  private var ringFindings: [StorageFinding] {
    var findings: [StorageFinding] = []
    if let store {
      let condition = store.condition.subtracting(.superblockDamaged)
      for (word, sentence) in zip(condition.words, condition.sentences) {
        findings.append(StorageFinding(word == "degraded" ? .damage : .notice, word, sentence))
      }
    } else {
      findings.append(
        StorageFinding(
          .damage, "no_sound_page", at: layout.ring.offset, "No page of the ring says what is stored."))
    }
    for page in pages { findings += Self.findings(of: page) }
    return findings
  }

  private static func findings(of page: PageReport) -> [StorageFinding] {
    let isRead = page.role == .current || page.role == .counts
    let place = "Page \(page.position)"
    var findings: [StorageFinding] = []
    switch page.role {
    case .unreadable:
      findings.append(
        StorageFinding(
          .notice, "page_unreadable", at: page.offset,
          "\(place) has no header that can be read; nothing is read from it."))
    case .unfinished:
      findings.append(
        StorageFinding(
          .notice, "page_unfinished", at: page.offset,
          "\(place) was being written when it was cut short; what counts stands in the page before it."))
    case .blank where page.sequence == 0:
      // From the day of the format every page has a header.
      findings.append(
        StorageFinding(
          .notice, "page_headerless", at: page.offset,
          "\(place) is erased and has no header: a turn was cut short there, or what it held is lost."))
    case .blank, .old, .counts, .current: break
    }
    if page.damaged > 0, isRead {
      findings.append(
        StorageFinding(
          .notice, "record_unreadable", at: page.firstDamage,
          "\(place), which counts, has \(page.damaged) places where no record can be read."))
    }
    if page.corrected > 0, page.role != .unreadable {
      findings.append(
        StorageFinding(
          .notice, "record_corrected", at: page.offset,
          "\(place) has \(page.corrected) places where a flipped bit is corrected."))
    }
    if page.stray > 0, isRead {
      findings.append(
        StorageFinding(
          .notice, "record_stray", at: page.damaged > 0 ? nil : page.firstDamage,
          "\(place) is not erased behind its newest record; nothing is read from there."))
    }
    if page.isRetired {
      findings.append(StorageFinding(.notice, "page_retired", at: page.offset, "\(place) is retired."))
    }
    return findings
  }

  private var logFindings: [StorageFinding] {
    zip(logged, logged.dropFirst()).compactMap { newer, older in
      guard newer > older + 1 else { return nil }
      let lost = newer - older == 2 ? "Record \(older + 1)" : "Records \(older + 1) to \(newer - 1)"
      return StorageFinding(
        .notice, "log_gap", at: layout.log.offset, "\(lost) of the audit log cannot be read.")
    }
  }

  private var slotFindings: [StorageFinding] {
    slots.compactMap { slot in
      if slot.image == .damaged {
        let what = slot.descriptor == nil ? "descriptor" : "image"
        return StorageFinding(
          .damage, "slot_damaged", at: slot.offset,
          "The \(what) in slot \(slot.number) (\(slot.state.phase.word)) is damaged.")
      }
      return slot.isCorrected
        ? StorageFinding(
          .notice, "slot_corrected", at: slot.offset,
          "A flipped bit in the descriptor of slot \(slot.number) is corrected.") : nil
    }
  }
}
