import Foundation

/// What Scripts/can-vectors wrote.
enum Vectors {
  struct Code: Decodable {
    var data: String
    var parity: String
    /// Which data symbols are missing, and which parity symbols came.
    var erasures: [[[Int]]]
  }

  struct White: Decodable {
    var session: UInt32
    var block: UInt16
    var bytes: String
  }

  struct Checksum: Decodable {
    var bytes: String
    var crc: UInt16
  }

  struct Length: Decodable {
    var identifier: UInt32
    var data: String
    var bits: Int

    init(from decoder: any Decoder) throws {
      var container = try decoder.unkeyedContainer()
      identifier = try container.decode(UInt32.self)
      data = try container.decode(String.self)
      bits = try container.decode(Int.self)
    }
  }

  static func read<Value: Decodable>(_ name: String) throws -> [Value] {
    let url = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Fixtures/vectors/can/\(name).json")
    return try JSONDecoder().decode([Value].self, from: Data(contentsOf: url))
  }
}

func bytes(_ hex: String) -> [UInt8] {
  var result: [UInt8] = []
  var rest = hex[...].filter { $0 != " " }[...]
  while rest.count >= 2 {
    result.append(UInt8(rest.prefix(2), radix: 16) ?? 0)
    rest = rest.dropFirst(2)
  }
  return result
}

func word(_ bytes: ArraySlice<UInt8>) -> UInt64 {
  bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
}
