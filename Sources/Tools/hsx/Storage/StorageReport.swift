import HSXHAL
import HSXPersistence
import HSXProtocol
import HSXTranslation

/// What `hsx storage dump --json` prints, and parts of what the other commands over a store print.
struct StorageReport: Encodable {
  struct Value: Encodable {
    var key: UInt16
    var f16: UInt16
    var value: JSONTree
    var generation: UInt8
  }

  struct Slot: Encodable {
    var slot: UInt16
    var offset: Int
    var state: String
    var active: Bool
    /// Whether its app goes back to it if the active image fails.
    var fallback: Bool
    var factory: Bool
    var generation: UInt8
    @Nullable var appName: String?
    @Nullable var revision: UInt16?
    @Nullable var version: String?
    @Nullable var length: Int?
    @Nullable var crc32: UInt32?
    @Nullable var sha256: String?
    /// Where it came from: file, rpc, can, sd, uart, store; null if that is not known.
    @Nullable var source: String?
    @Nullable var securityCounter: UInt32?
    /// TRIAL: boots that it may still fail.
    @Nullable var attempts: Int?
    /// CONFIRMED: boots that it failed, in a row.
    @Nullable var failures: Int?
    /// REJECTED: why.
    @Nullable var cause: String?
    /// STAGING: steps that are written.
    @Nullable var steps: Int?
    /// Whether the image was compared with its hash and is whole; null if it was not compared.
    @Nullable var ok: Bool?

    enum CodingKeys: String, CodingKey {
      case slot, offset, state, active, fallback, factory, generation, revision, version, length, crc32,
        sha256, source
      case attempts, failures, cause, steps, ok
      case appName = "app_name"
      case securityCounter = "security_counter"
    }
  }

  struct Page: Encodable {
    var page: Int
    var offset: Int
    var role: String
    var sequence: UInt32
    var erases: UInt32
    var depth: Int
    var snapshot: Int
    var records: Int
    var free: Int
    var corrected: Int
    var damaged: Int
    @Nullable var firstDamage: Int?
    var current: Bool
    var next: Bool
    var retired: Bool

    enum CodingKeys: String, CodingKey {
      case page, offset, role, sequence, erases, depth, snapshot, records, free, corrected, damaged, current
      case next, retired
      case firstDamage = "first_damage"
    }
  }

  struct Floor: Encodable {
    var floor: UInt16
    var counter: UInt32
  }

  struct Geometry: Encodable {
    var size: Int
    var writeUnit: Int
    var eraseUnit: Int
    var ratedCycles: UInt32

    enum CodingKeys: String, CodingKey {
      case size
      case writeUnit = "write_unit"
      case eraseUnit = "erase_unit"
      case ratedCycles = "rated_cycles"
    }
  }

  var file: String
  var geometry: Geometry
  var condition: [String]
  var values: [Value]
  var floors: [Floor]
  var slots: [Slot]
  var pages: [Page]
  /// The newest whole list of trusted keys, by its version; null if there is none.
  @Nullable var trust: UInt32?
  /// Records of the audit log.
  var logged: Int
  var findings: [StorageFinding]

  init(_ survey: StorageSurvey) {
    file = survey.path
    geometry = Geometry(
      size: survey.geometry.size, writeUnit: survey.geometry.writeUnit,
      eraseUnit: survey.geometry.eraseUnit, ratedCycles: survey.geometry.ratedCycles)
    condition = survey.store?.condition.words ?? []
    values = survey.values.map { record in
      Value(
        key: record.argument, f16: record.value, value: .binary16(record.value),
        generation: record.kind == .value0 ? 0 : 1)
    }
    floors = survey.floors.map { Floor(floor: $0.number, counter: $0.counter) }
    slots = survey.slots.map(Slot.init)
    pages = survey.pages.map(Page.init)
    _trust = Nullable(wrappedValue: survey.trust?.version)
    logged = survey.logged.count
    findings = survey.findings
  }
}

extension StorageReport.Page {
  init(_ page: PageReport) {
    self.init(
      page: page.position, offset: page.offset, role: page.role.word, sequence: page.sequence,
      erases: page.erases, depth: page.depth, snapshot: page.snapshot, records: page.records,
      free: page.free, corrected: page.corrected, damaged: page.damaged + page.stray,
      firstDamage: page.firstDamage, current: page.role == .current, next: page.isNext,
      retired: page.isRetired)
  }
}

extension StorageReport.Slot {
  init(_ slot: StorageSurvey.Slot) {
    let state = slot.state
    let descriptor = slot.descriptor
    self.init(
      slot: slot.number, offset: slot.offset, state: state.phase.word, active: state.isActive,
      fallback: slot.isFallback, factory: state.isFactory, generation: state.generation,
      appName: descriptor?.name,
      revision: descriptor?.revision, version: descriptor?.versionText, length: descriptor?.length,
      crc32: descriptor?.crc32, sha256: descriptor?.sha256Text, source: descriptor?.sourceWord,
      securityCounter: descriptor?.securityCounter, attempts: state.phase == .trial ? state.tally : nil,
      failures: state.phase == .confirmed ? state.tally : nil,
      cause: state.phase == .rejected ? state.cause.word : nil,
      steps: state.phase == .staging ? state.steps : nil,
      ok: slot.image == .whole ? true : slot.image == .damaged ? false : nil)
  }
}

extension ImageDescriptor {
  /// The app's name.
  var name: String { String(decoding: (0..<nameCount).map { nameByte($0) }, as: UTF8.self) }

  /// The version as it is usually written.
  var versionText: String { "\(version[0]).\(version[1]).\(version[2])" }

  /// The hash in hexadecimal digits.
  var sha256Text: String {
    let hash = sha256
    return hash.indices.map { index in
      String(hash[index] >> 4, radix: 16) + String(hash[index] & 15, radix: 16)
    }.joined()
  }
}

extension StorageSurvey {
  /// The values of both generations, by generation and key.
  var values: [Record] { records.filter { $0.kind == .value0 || $0.kind == .value1 } }

  /// The downgrade floors, by number.
  var floors: [(number: UInt16, counter: UInt32)] {
    let numbers = Set(records.filter { $0.kind == .floorLow || $0.kind == .floorHigh }.map(\.argument))
    return numbers.sorted().map { number in
      let low = store?.journal.value(of: .floorLow, number) ?? 0
      let high = store?.journal.value(of: .floorHigh, number) ?? 0
      return (number, UInt32(high) << 16 | UInt32(low))
    }
  }

  private var records: [Record] {
    guard let store else { return [] }
    return (0..<store.journal.count).map { store.journal.record(at: $0) }
  }
}
