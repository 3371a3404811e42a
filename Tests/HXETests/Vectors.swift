import Foundation
import HXE

/// The images of the reference toolchain, and what it says of them.
enum Vectors {
  static let directory = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("Fixtures/vectors/images")

  static func bytes(_ file: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: directory.appendingPathComponent(file)))
  }

  static func expected() throws -> [String: Any] {
    let data = try Data(contentsOf: directory.appendingPathComponent("expected.json"))
    let object = try JSONSerialization.jsonObject(with: data)
    return object as? [String: Any] ?? [:]
  }

  /// Every good image by its file's stem, with its fields.
  static func good() throws -> [String: [String: Any]] {
    try expected()["good"] as? [String: [String: Any]] ?? [:]
  }

  /// Every bad image: its file and the refusal due.
  static func bad() throws -> [(file: String, code: String, reason: String)] {
    let list = try expected()["bad"] as? [[String: Any]] ?? []
    return list.map { entry in
      (
        entry["file"] as? String ?? "", entry["code"] as? String ?? "", entry["reason"] as? String ?? ""
      )
    }
  }

  /// All images, good and bad.
  static func all() throws -> [(file: String, bytes: [UInt8])] {
    let files = try good().keys.sorted().map { $0 + ".hxe" } + bad().map(\.file)
    return try files.map { ($0, try bytes($0)) }
  }
}

extension ImageError.Reason {
  /// The wire's word, made from the name: `metadataOutOfBounds` is `metadata_out_of_bounds`.
  var wireName: String {
    var name = ""
    var wasUpper = true
    for character in "\(self)" {
      if character.isUppercase, !wasUpper { name += "_" }
      wasUpper = character.isUppercase
      name += character.lowercased()
    }
    // Acronyms end where the next word begins.
    return name.replacingOccurrences(of: "jsoninvalid", with: "json_invalid")
  }
}
