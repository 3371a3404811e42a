public import HSXHAL

/// What a frame about values and commands wants, by the low three bits of its identifier.
public enum ValueOperation: UInt16, Sendable {
  /// Tell a value.
  case get = 0
  /// Set a value.
  case set = 1
  /// A value has changed.
  case publish = 2
  /// Call a command; the bits are the token.
  case call = 3
  /// The answer.
  case answer = 4
}

/// How an operation of values or commands went.
public enum ValueStatus: UInt16, Sendable {
  /// As asked.
  case done = 0
  /// There is no such value or command.
  case unknown = 1
  /// The sender may not.
  case denied = 2
  /// The value is out of its range.
  case range = 3
  /// The value cannot be set.
  case readOnly = 4
  /// The node is busy.
  case busy = 5
  /// The command failed.
  case failed = 6
}

/// A frame about a value or a command: identifier `base | topic << 3 | operation`; in its bytes the oid, a binary16, a
/// sequence number and a status, two bytes each, the low one first.
public struct ValueFrame: Equatable, Sendable {
  /// What it wants.
  public var operation: ValueOperation
  /// 0 for every value and command of a node.
  public var topic: UInt8
  /// The value's or command's number.
  public var oid: UInt16
  /// A binary16, or a token.
  public var bits: UInt16
  /// The asker's; an answer repeats it.
  public var sequence: UInt16
  /// How it went; 0 in questions.
  public var status: UInt16

  /// A frame.
  public init(
    _ operation: ValueOperation, topic: UInt8 = 0, oid: UInt16, bits: UInt16 = 0, sequence: UInt16 = 0,
    status: UInt16 = 0
  ) {
    self.operation = operation
    self.topic = topic & 15
    self.oid = oid
    self.bits = bits
    self.sequence = sequence
    self.status = status
  }

  /// The frame of a node with this base, a multiple of 0x80; nil if it is none: another base, operation or length.
  public init?(_ frame: CANFrame, base: UInt16) {
    guard frame.identifier & 0x780 == base, frame.count == 8,
      let operation = ValueOperation(rawValue: frame.identifier & 7)
    else { return nil }
    let payload = BroadcastPayload(frame)
    self.init(
      operation, topic: UInt8(truncatingIfNeeded: frame.identifier &>> 3 & 15),
      oid: UInt16(truncatingIfNeeded: payload.number(0, 2)),
      bits: UInt16(truncatingIfNeeded: payload.number(2, 2)),
      sequence: UInt16(truncatingIfNeeded: payload.number(4, 2)),
      status: UInt16(truncatingIfNeeded: payload.number(6, 2)))
  }

  /// The frame on a bus.
  public func frame(base: UInt16) -> CANFrame {
    var payload = BroadcastPayload()
    payload.set(0, 2, UInt32(oid))
    payload.set(2, 2, UInt32(bits))
    payload.set(4, 2, UInt32(sequence))
    payload.set(6, 2, UInt32(status))
    let identifier = base & 0x780 | UInt16(topic & 15) &<< 3 | operation.rawValue
    return CANFrame(standard: identifier, payload.bytes, count: 8)
  }
}
