/// One pid, several, or none: `3`, `"3"`, `[1, 2]` or null.
public struct PIDSelection: Codable, Equatable, Sendable {
  /// The pids, in the order given.
  public var pids: [UInt32]

  /// These pids.
  public init(_ pids: [UInt32]) { self.pids = pids }

  /// The pids, whichever form they have.
  public init(from decoder: any Decoder) throws {
    if var list = try? decoder.unkeyedContainer() {
      pids = []
      while !list.isAtEnd {
        if let pid = try list.decode(Loose<UInt32>.self).wrappedValue { pids.append(pid) }
      }
    } else {
      pids = try Loose<UInt32>(from: decoder).wrappedValue.map { [$0] } ?? []
    }
  }

  /// Writes one pid as a number, several as a list.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    if pids.count == 1 { try container.encode(pids[0]) } else { try container.encode(pids) }
  }
}

/// One name or several: `"vm"` or `["vm", "exec"]`.
public struct Targets: Codable, Equatable, Sendable {
  /// The names, in the order given.
  public var names: [String]

  /// These names.
  public init(_ names: [String]) { self.names = names }

  /// The names, whichever form they have.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let name = try? container.decode(String.self) {
      names = [name]
    } else {
      names = try container.decode([String].self)
    }
  }

  /// Writes the list.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(names)
  }
}
