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
    var print = RegistryFingerprint()
    print.append(values.all.count)
    for value in values.all {
      for number in [
        UInt64(value.id.rawValue), UInt64(value.owner), UInt64(value.flags.rawValue),
        UInt64(value.authLevel), UInt64(value.bits), UInt64(value.epsilon), UInt64(value.minimum),
        UInt64(value.maximum), UInt64(value.rateMilliseconds), UInt64(value.persistKey),
        UInt64(value.debounceMilliseconds), value.loads ? 1 : 0, value.saves ? 1 : 0,
      ] { print.append(number) }
      print.append(value.lastChange)
      print.append(value.writeDue)
      print.append(value.name, in: strings)
      print.append(value.groupName, in: strings)
      print.append(value.unit, in: strings)
    }
    print.append(commands.all.count)
    for command in commands.all {
      for number in [
        UInt64(command.id.rawValue), UInt64(command.owner), UInt64(command.flags.rawValue),
        UInt64(command.authLevel), UInt64(command.handler),
      ] { print.append(number) }
      print.append(command.name, in: strings)
      print.append(command.groupName, in: strings)
      print.append(command.help, in: strings)
    }
    print.append(values.subscriptions.count)
    for subscription in values.subscriptions {
      print.append(UInt64(subscription.id.rawValue))
      print.append(UInt64(subscription.pid))
      print.append(UInt64(subscription.mailbox))
    }
    print.append(strings.usedBytes)
    print.append(strings.count)
    return print
  }
}
