import ArgumentParser
import HSXPersistence
import HSXProvisioning
import HSXProtocol
import HSXTranslation

struct StorageCheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Verify a store: its superblocks, its ring, and the hash of each image.",
    discussion: """
      Exits with 0 if everything that was stored is there; so it is after any cut of the power. Exits with 1 if something \
      is damaged, or if it is no store. Nothing is changed.

      EXAMPLES
        hsx storage check node.store
        hsx storage check --json node.store
      """)

  @Argument(help: "The storage file or device.")
  var file: String

  @Flag(help: "One JSON object.")
  var json = false

  struct Verdict: Encodable {
    var file: String
    var ok: Bool
    @Nullable var code: String?
    @Nullable var reason: String?
    @Nullable var detail: String?
    var condition: [String]
    var values: Int
    var images: Int
    var findings: [StorageFinding]
  }

  func run() throws {
    try reportingFailure(json: json) {
      let survey = try StorageSurvey.read(file, isVerifying: true)
      let findings = survey.findings
      var failure = Self.failure(survey, findings)
      if json {
        try printJSON(Self.verdict(survey, findings, failure))
      } else {
        try printLine(survey.headline)
        for finding in findings { try printLine(finding.line) }
        let images = survey.slots.count { $0.descriptor != nil }
        try printLine(
          "\(counted(survey.values.count, "value")), \(counted(images, "image")): "
            + (failure == nil ? "sound" : "damaged"))
      }
      failure?.isReported = true
      if let failure { throw failure }
    }
  }

  /// The first damage, as that for which the check fails.
  private static func failure(_ survey: StorageSurvey, _ findings: [StorageFinding]) -> Failure? {
    if survey.store == nil { return Failure(survey.path, .store(.noSoundPage)) }
    guard let worst = findings.first(where: \.isDamage) else { return nil }
    let more = findings.count(where: \.isDamage) - 1
    return Failure(
      survey.path, .storageDamaged, why: worst.detail + (more > 0 ? " And \(more) more." : ""))
  }

  private static func verdict(
    _ survey: StorageSurvey, _ findings: [StorageFinding], _ failure: Failure?
  ) -> Verdict {
    Verdict(
      file: survey.path, ok: failure == nil, code: failure?.code, reason: failure?.reason,
      detail: failure?.why, condition: survey.store?.condition.words ?? [], values: survey.values.count,
      images: survey.slots.count { $0.descriptor != nil }, findings: findings)
  }
}
