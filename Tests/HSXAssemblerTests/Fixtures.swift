import Foundation
import HSXAssembler
import HXE

/// The golden files.
enum Fixtures {
  static let vectors = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Fixtures/vectors")

  static func source(_ name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: vectors.appending(path: "sources/\(name).mvasm")))
  }

  static func image(_ name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: vectors.appending(path: "images/\(name).hxe")))
  }
}

/// What a test looks at: the parts of the image of a source, cut out by the header's numbers.
struct Parts: Equatable {
  var file: [UInt8]

  init(_ source: String, _ options: AssemblyOptions = AssemblyOptions()) throws {
    file = try Assembler.assemble(source, options: options)
  }

  func word(at offset: Int) -> UInt32 {
    file[offset..<offset + 4].reduce(0) { $0 << 8 | UInt32($1) }
  }

  var entry: UInt32 { word(at: 8) }
  var codeLength: Int { Int(word(at: 12)) }
  var words: [UInt32] { stride(from: 96, to: 96 + codeLength, by: 4).map { word(at: $0) } }
  var rodata: [UInt8] { Array(file[(96 + codeLength)..<(96 + codeLength + Int(word(at: 16)))]) }

  /// The bytes of the section of this type.
  func section(_ type: UInt32) -> [UInt8]? {
    let table = Int(word(at: 0x40))
    for index in 0..<Int(word(at: 0x44)) where word(at: table + 16 * index) == type {
      let start = Int(word(at: table + 16 * index + 4))
      return Array(file[start..<start + Int(word(at: table + 16 * index + 8))])
    }
    return nil
  }

  /// The section's bytes as text.
  func text(_ type: UInt32) -> String? { section(type).map { String(decoding: $0, as: UTF8.self) } }
}

/// The words of a source's code.
func words(_ source: String) throws -> [UInt32] { try Parts(source).words }

/// The read-only data of `directives`, put into a source with one instruction.
func data(_ directives: String) throws -> [UInt8] { try Parts("RET\n.data\n" + directives).rodata }

/// The errors of a source, each as text; empty if it has none.
func errors(_ source: String, _ options: AssemblyOptions = AssemblyOptions()) -> [AssemblyError] {
  do throws(AssemblyFailure) {
    _ = try Assembler.assemble(source, options: options)
    return []
  } catch {
    return error.errors
  }
}

/// The only error of a source, as people see it.
func message(_ source: String, _ options: AssemblyOptions = AssemblyOptions()) -> String {
  errors(source, options).map(\.description).joined(separator: "\n")
}
