import HSXHAL
import HSXRegistry
import HXE
import Testing

func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }
func half(_ number: Float16) -> UInt16 { number.bitPattern }
func at(_ milliseconds: UInt64) -> Instant { Instant(milliseconds: milliseconds) }

let oid = ObjectID(group: 1, member: 2)

/// Builds what the image parser would give.
struct Image {
  var metadata = Metadata()

  mutating func text(_ text: String) -> TextRange? {
    guard !text.isEmpty else { return nil }
    let range = TextRange(start: UInt32(metadata.text.count), count: UInt32(text.utf8.count))
    metadata.text += bytes(text)
    return range
  }

  mutating func value(
    _ group: UInt8, _ id: UInt8, _ name: String = "", group groupName: String = "", unit: String = "",
    flags: ValueFlags = [], level: UInt8 = 0, initial: Float16 = 0, epsilon: Float16 = 0,
    range: ClosedRange<Float16> = 0...0, key: UInt16 = 0
  ) {
    var value = ValueDescriptor()
    (value.group, value.id, value.flags, value.authLevel) = (group, id, flags, level)
    (value.initial, value.epsilon) = (half(initial), half(epsilon))
    (value.minimum, value.maximum) = (half(range.lowerBound), half(range.upperBound))
    value.persistKey = key
    value.name = text(name)
    value.groupName = text(groupName)
    value.unit = text(unit)
    metadata.values.append(value)
  }

  mutating func command(
    _ group: UInt8, _ id: UInt8, _ name: String = "", group groupName: String = "", help: String = "",
    flags: CommandFlags = [], level: UInt8 = 0, handler: UInt32 = 8
  ) {
    var command = CommandDescriptor()
    (command.group, command.id, command.flags, command.authLevel) = (group, id, flags, level)
    command.handler = handler
    command.name = text(name)
    command.groupName = text(groupName)
    command.help = text(help)
    metadata.commands.append(command)
  }
}

func image(_ build: (inout Image) -> Void) -> Metadata {
  var image = Image()
  build(&image)
  return image.metadata
}

/// A registry with one value of task 1 at `oid`.
func registry(limits: RegistryLimits = .desktop, _ build: (inout Image) -> Void) throws -> Registry {
  var registry = Registry(limits: limits)
  _ = try registry.declare(image(build), owner: 1)
  return registry
}

func text(_ registry: Registry, _ id: StringID?) -> String {
  let span = registry.text(id)
  return String(decoding: span.indices.map { span[$0] }, as: UTF8.self)
}

/// The refusal of a declaration, after checking that it was foretold and left no trace.
func refusal(
  _ registry: inout Registry, _ metadata: Metadata, owner: UInt32, replacing: UInt32? = nil
) -> RegistryError? {
  let before = registry.fingerprint
  let foretold = registry.canDeclare(metadata, owner: owner, replacing: replacing.map { .removed($0) })
  #expect(registry.fingerprint == before)
  do throws(RegistryError) {
    _ = try registry.declare(metadata, owner: owner, replacing: replacing.map { .removed($0) })
    #expect(foretold == nil)
    return nil
  } catch {
    #expect(foretold == error)
    #expect(registry.fingerprint == before)
    return error
  }
}

struct Seeded: RandomNumberGenerator {
  var state: UInt64
  init(_ seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }
  mutating func next() -> UInt64 {
    state ^= state >> 12
    state ^= state << 25
    state ^= state >> 27
    return state &* 0x2545_F491_4F6C_DD1D
  }
}
