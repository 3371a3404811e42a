public import HSXHAL

/// The values and commands that a node offers to a bus, with the rights that its policy gives CAN peers.
public protocol ValueTarget: ~Copyable {
  /// The bits of a value.
  mutating func value(_ oid: UInt16) -> Result<UInt16, ValueRefusal>
  /// Sets a value. Nil if it was set.
  mutating func set(_ oid: UInt16, to bits: UInt16) -> ValueRefusal?
  /// Calls a command. Nil if it was taken.
  mutating func call(_ oid: UInt16, token: UInt16) -> ValueRefusal?
}

/// Why a value or command was not had.
public struct ValueRefusal: Error, Equatable, Sendable {
  /// The reason.
  public let status: ValueStatus

  /// A refusal; `done` is none, and becomes `failed`.
  public init(_ status: ValueStatus) { self.status = status == .done ? .failed : status }
}

/// A node's side of values and commands on a bus: questions in, answers and changes out, through a ring of eight.
///
/// A ring that is full refuses answers, so that the asker hears nothing and asks again; of changes it keeps the newest of each
/// value. A question that comes twice (the same operation, oid and sequence as the last one) is answered again and not done again.
public struct ValueResponder: Sendable {
  /// The node's first identifier, a multiple of 0x80.
  public let base: UInt16
  /// Answers that found no room.
  public private(set) var refused: UInt32 = 0
  private var ring = InlineArray<8, ValueFrame>(repeating: ValueFrame(.answer, oid: 0))
  private var first = 0
  private var count = 0
  private var last: ValueFrame?
  private var lastAnswer: ValueFrame?
  private var sequence: UInt16 = 0

  /// A responder; nil if `base` is no multiple of 0x80 below 0x800.
  public init?(base: UInt16) {
    guard base & 0x7F == 0, base < 0x800 else { return nil }
    self.base = base
  }

  /// Takes a frame from the bus. False if it is not for this node.
  public mutating func receive<Target: ValueTarget & ~Copyable>(
    _ frame: CANFrame, for target: inout Target
  ) -> Bool {
    guard let question = ValueFrame(frame, base: base) else { return false }
    if let last, let lastAnswer, question == last, question.operation != .get {
      push(lastAnswer)
      return true
    }
    var answer = question
    answer.operation = .answer
    answer.status = 0
    switch question.operation {
    case .get:
      switch target.value(question.oid) {
      case .success(let bits): answer.bits = bits
      case .failure(let refusal): answer.status = refusal.status.rawValue
      }
    case .set: answer.status = target.set(question.oid, to: question.bits)?.status.rawValue ?? 0
    case .call: answer.status = target.call(question.oid, token: question.bits)?.status.rawValue ?? 0
    case .publish, .answer: return false
    }
    (last, lastAnswer) = (question, answer)
    push(answer)
    return true
  }

  /// A value has changed: it is told, once, with what it is when its turn comes.
  public mutating func publish(_ oid: UInt16, _ bits: UInt16) {
    for index in 0..<count {
      let place = (first &+ index) & 7
      guard ring[place].operation == .publish, ring[place].oid == oid else { continue }
      ring[place].bits = bits
      return
    }
    sequence &+= 1
    push(ValueFrame(.publish, oid: oid, bits: bits, sequence: sequence))
  }

  /// The frame to send next, which is taken from the ring.
  public mutating func nextFrame() -> CANFrame? {
    guard count > 0 else { return nil }
    let frame = ring[first].frame(base: base)
    first = (first &+ 1) & 7
    count &-= 1
    return frame
  }

  private mutating func push(_ frame: ValueFrame) {
    guard count < 8 else {
      refused &+= 1
      return
    }
    ring[(first &+ count) & 7] = frame
    count &+= 1
  }
}
