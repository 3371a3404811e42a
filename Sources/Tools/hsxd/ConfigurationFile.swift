import Configuration
import Foundation
import HSXProtocol
import HSXServer

/// The configuration file: one JSON object, in which nothing unknown is overlooked.
struct ConfigurationFile {
  /// What a key's value must be.
  private enum Kind {
    case text, flag, list
  }

  /// Bytes of a file at most.
  private static let limit = 1 << 20

  private static let keys: [String: Kind] = [
    "listen": .text, "no_tcp": .flag, "socket": .text, "store": .text, "files": .text, "images": .list,
    "run": .flag, "log_level": .text, "log_format": .text, "tls_cert": .text, "tls_key": .text,
    "metrics": .text,
  ]

  /// The values, as they are found beside those of the environment and the flags.
  private(set) var values: [AbsoluteConfigKey: ConfigValue] = [:]
  /// The tokens, which only a file can give.
  private(set) var tokens: [Token] = []

  /// No file.
  init() {}

  /// What is in the file at `path`.
  init(path: String) throws {
    let data: Data
    do {
      data = try Data(contentsOf: URL(filePath: path))
    } catch {
      let system = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError
      throw StartRefusal(
        configuration: path,
        system.map { String(cString: strerror(Int32($0.code))) + "." } ?? "It cannot be read.",
        reason: "config_file", remedy: "Check the path and its permissions.")
    }
    guard data.count <= Self.limit,
      let object = (try? JSONSerialization.jsonObject(with: data)) as? [String: Any]
    else {
      throw StartRefusal(
        configuration: path, "It is no JSON object.", reason: "config_invalid",
        remedy: "Docs/daemon.md shows one; `python3 -m json.tool FILE` finds the place.")
    }
    // In their order, so that the same file is always refused for the same key.
    for (key, value) in object.sorted(by: { $0.key < $1.key }) { try take(key, value, path) }
  }

  private mutating func take(_ key: String, _ value: Any, _ path: String) throws {
    func invalid(_ expected: String) -> StartRefusal {
      StartRefusal(
        configuration: path, "\"\(key)\" must be \(expected).", reason: "config_value",
        remedy: "Correct it; Docs/daemon.md has the table of keys.")
    }
    if key == "tokens" {
      guard let list = value as? [[String: Any]] else {
        throw invalid("a list of objects with name, role and sha256")
      }
      tokens = try list.enumerated().map { try Self.token($0.element, "\(path): tokens[\($0.offset)]") }
      return
    }
    let name = AbsoluteConfigKey([key])
    switch Self.keys[key] {
    case nil:
      throw StartRefusal(
        configuration: path, "There is no key \"\(key)\".", reason: "config_key",
        remedy: "Take it out, or correct it; Docs/daemon.md has the table of keys.")
    case .text:
      guard let text = value as? String else { throw invalid("a text") }
      values[name] = ConfigValue(.string(text), isSecret: false)
    case .flag:
      guard let flag = value as? Bool else { throw invalid("true or false") }
      values[name] = ConfigValue(.string(flag ? "true" : "false"), isSecret: false)
    case .list:
      guard let list = value as? [String] else { throw invalid("a list of texts") }
      values[name] = ConfigValue(.stringArray(list), isSecret: false)
    }
  }

  private static func token(_ object: [String: Any], _ place: String) throws -> Token {
    func invalid(_ why: String) -> StartRefusal {
      StartRefusal(
        configuration: place, why, reason: "config_token",
        remedy: "Make one with `openssl rand -hex 32`; `printf %s TOKEN | sha256sum` gives its sha256.")
    }
    for key in object.keys.sorted() where !["name", "role", "sha256"].contains(key) {
      throw invalid("There is no key \"\(key)\".")
    }
    guard let name = object["name"] as? String, !name.isEmpty else {
      throw invalid("\"name\" must be a text.")
    }
    guard let role = (object["role"] as? String).flatMap(Role.init) else {
      throw invalid("\"role\" must be one of \(Role.allCases.map(\.rawValue).joined(separator: ", ")).")
    }
    guard let digest = (object["sha256"] as? String).flatMap(Self.digest) else {
      throw invalid("\"sha256\" must be 64 hexadecimal digits.")
    }
    return Token(name: name, role: role, sha256: digest)
  }

  private static func digest(_ text: String) -> [UInt8]? {
    let digits = text.compactMap(\.hexDigitValue)
    guard text.utf8.count == 64, digits.count == 64 else { return nil }
    return stride(from: 0, to: 64, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
  }
}
