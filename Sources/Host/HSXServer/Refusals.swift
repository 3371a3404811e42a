import HSXProtocol
import HSXProvisioning
import HSXTranslation
import HXE

extension Refusal {
  /// The refusal of a line that is no request.
  init(_ error: RequestError) {
    switch error {
    case .notJSON:
      self.init(code: "EINVAL", reason: "invalid_json", detail: "The line is not a JSON object.")
    case .tooLong(let limit):
      self.init(
        code: "EINVAL", reason: "line_too_long", detail: "The line has more than \(limit) bytes.",
        error: "line_too_long:\(limit)")
    case .tooDeep(let limit):
      self.init(
        code: "EINVAL", reason: "too_deep", detail: "The line nests deeper than \(limit) levels.",
        error: "too_deep:\(limit)")
    case .unsupportedVersion(let found):
      self.init(
        code: "ENOTSUP", reason: "unsupported_version",
        detail: "Version \(found) of the protocol was asked for; this is version \(Request.version).",
        error: "unsupported_version:\(found)")
    case .missingField(let name): self.init(missing: name)
    case .invalidField(let name, let expected): self.init(invalid: name, expected: expected)
    }
  }

  /// A member that is missing.
  init(missing name: String) {
    self.init(
      code: "EINVAL", reason: "missing_field", detail: "The member \"\(name)\" is missing.",
      error: "missing_field:\(name)")
  }

  /// A member that cannot be taken.
  init(invalid name: String, expected: String) {
    self.init(
      code: "EINVAL", reason: "invalid_field", detail: "The member \"\(name)\" must be \(expected).",
      error: "invalid_field:\(name)")
  }

  /// What the executive refused.
  init(_ error: ProvisioningError) {
    var expected: UInt32?
    if case .sequenceGap(_, let due) = error { expected = due }
    self.init(
      code: error.code.wireName, reason: error.reasonWord, detail: error.detail, error: error.wireText,
      offset: error.offset, expected: expected)
  }

  /// A session that was named and does not live, for one who would change something.
  static var sessionRequired: Refusal {
    Refusal(
      code: "EPERM", reason: "session_required",
      detail: "The session that was named has ended; open another with session.open.")
  }

  /// A task that another session has locked.
  static func locked(_ pid: UInt32) -> Refusal {
    Refusal(
      code: "EBUSY", reason: "pid_locked", detail: "Another client session has locked task \(pid).",
      error: "pid_locked:\(pid)")
  }
}

/// The member, or the refusal that says that it is missing.
func require<Value>(_ value: Value?, _ name: String) throws(Refusal) -> Value {
  guard let value else { throw Refusal(missing: name) }
  return value
}

/// Does something with the executive, and says its refusals as the protocol does.
func refusing<Value: ~Copyable>(
  _ body: () throws(ProvisioningError) -> Value
) throws(Refusal) -> Value {
  do throws(ProvisioningError) { return try body() } catch { throw Refusal(error) }
}
