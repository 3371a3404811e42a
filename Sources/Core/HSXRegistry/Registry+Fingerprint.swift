import HSXHAL
import HXE

/// Everything that a registry holds, as bytes to compare. Equal fingerprints mean that no call could tell the
/// registries apart, but for high-water marks, warnings given, and the places of strings.
public struct RegistryFingerprint: Equatable, Sendable {
  private var bytes: [UInt8] = []

  fileprivate mutating func append(_ number: UInt64) {
    var rest = number
    for _ in 0..<8 {
      bytes.append(UInt8(truncatingIfNeeded: rest))
      rest >>= 8
    }
  }

  fileprivate mutating func append(_ number: Int) { append(UInt64(bitPattern: Int64(number))) }

  fileprivate mutating func append(_ instant: Instant?) {
    append(instant == nil ? 0 : 1)
    append(instant?.microseconds ?? 0)
  }

  fileprivate mutating func append(_ id: StringID?, in strings: StringTable) {
    guard let id else {
      append(-1)
      return
    }
    let text = strings.text(id)
    append(text.count)
    for index in text.indices { bytes.append(text[index]) }
  }
}

extension Registry {
  /// The state to compare before and after.
  public var fingerprint: RegistryFingerprint {
    var collected = RegistryFingerprint()
    collected.append(values.all.count)
    for value in values.all {
      for number in [
        UInt64(value.id.rawValue), UInt64(value.owner), UInt64(value.flags.rawValue),
        UInt64(value.authLevel), UInt64(value.bits), UInt64(value.epsilon), UInt64(value.minimum),
        UInt64(value.maximum), UInt64(value.rateMilliseconds), UInt64(value.persistKey),
        UInt64(value.debounceMilliseconds), value.loads ? 1 : 0, value.saves ? 1 : 0,
      ] { collected.append(number) }
      collected.append(value.lastChange)
      collected.append(value.writeDue)
      collected.append(value.name, in: strings)
      collected.append(value.groupName, in: strings)
      collected.append(value.unit, in: strings)
    }
    collected.append(commands.all.count)
    for command in commands.all {
      for number in [
        UInt64(command.id.rawValue), UInt64(command.owner), UInt64(command.flags.rawValue),
        UInt64(command.authLevel), UInt64(command.handler),
      ] { collected.append(number) }
      collected.append(command.name, in: strings)
      collected.append(command.groupName, in: strings)
      collected.append(command.help, in: strings)
    }
    collected.append(values.subscriptions.count)
    for subscription in values.subscriptions {
      collected.append(UInt64(subscription.id.rawValue))
      collected.append(UInt64(subscription.pid))
      collected.append(UInt64(subscription.mailbox))
    }
    collected.append(strings.usedBytes)
    collected.append(strings.count)
    return collected
  }
}
