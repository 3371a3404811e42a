public import Foundation

/// An event as it stands on the wire: one JSON object.
public struct EventRecord: Codable, Equatable, Sendable {
  /// Its number.
  public var seq: UInt64
  /// Seconds: since 1970 from a daemon, since the beginning from a run in one process.
  public var ts: Double
  /// What happened.
  public var type: String
  /// The task it is about; null if none.
  @Nullable public var pid: UInt32?
  /// The facts.
  public var data: [String: JSONTree]

  /// An event of these parts.
  public init(seq: UInt64, ts: Double, type: String, pid: UInt32?, data: [String: JSONTree]) {
    self.seq = seq
    self.ts = ts
    self.type = type
    self.pid = pid
    self.data = data
  }

  /// One line of JSON, without the newline.
  public func line() throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return try encoder.encode(self)
  }
}
