/// What a name means.
public enum NameMatch: Equatable, Sendable {
  /// One object.
  case found(ObjectID)
  /// None.
  case unknown
  /// Several; `group:name` may say which.
  case ambiguous
}

extension Registry {
  /// The value of a name: `group:name`, or the name alone if only one value has it. Costs a look at each value.
  public func value(named text: Span<UInt8>) -> NameMatch {
    var search = NameSearch()
    for value in values.all {
      search.look(at: value.id, name: value.name, group: value.groupName, for: text, in: strings)
    }
    return search.match
  }

  /// The command of a name: `group:name`, or the name alone if only one command has it. Costs a look at each.
  public func command(named text: Span<UInt8>) -> NameMatch {
    var search = NameSearch()
    for command in commands.all {
      search.look(at: command.id, name: command.name, group: command.groupName, for: text, in: strings)
    }
    return search.match
  }
}

/// Counts who has a name, in full or alone; the full one goes before.
private struct NameSearch {
  private var full: NameMatch = .unknown
  private var alone: NameMatch = .unknown

  var match: NameMatch { full == .unknown ? alone : full }

  mutating func look(
    at id: ObjectID, name: StringID?, group: StringID?, for text: Span<UInt8>, in strings: StringTable
  ) {
    guard let name else { return }
    if strings.equals(name, text) { alone = alone == .unknown ? .found(id) : .ambiguous }
    guard let group else { return }
    let groupCount = strings.text(group).count
    guard text.count > groupCount, text[groupCount] == UInt8(ascii: ":") else { return }
    if strings.equals(group, text.extracting(first: groupCount)),
      strings.equals(name, text.extracting(droppingFirst: groupCount + 1))
    {
      full = full == .unknown ? .found(id) : .ambiguous
    }
  }
}
