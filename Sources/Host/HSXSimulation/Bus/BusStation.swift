public import HSXHAL

/// What hangs on a simulated bus. Times are nanoseconds of virtual time.
open class BusStation {
  /// When it contends for the bus; `.max` as long as it has nothing to send.
  public var readyAt = UInt64.max
  /// When `wake` is due.
  public var wakeAt = UInt64.max
  /// Faults between the bus and this station's software.
  public var path = ReceivePath()
  /// The controller's counters, as CAN defines them.
  public private(set) var transmitErrors = 0
  /// The counter of errors while it received.
  public private(set) var receiveErrors = 0
  /// When a controller that is off the bus comes back; nil if it is on it.
  var returnsAt: UInt64?
  /// Whether it is powered.
  public var isOn = true

  /// A station with nothing to send.
  public init() {}

  /// The frame it contends with now.
  open func pending(at time: UInt64) -> CANFrame? { nil }
  /// Its frame won and is on the bus: the place for the next is free.
  open func started(at time: UInt64) {}
  /// Its frame was acknowledged.
  open func sent(_ frame: CANFrame, at time: UInt64) {}
  /// Its frame met another one of the same identifier.
  open func collided(_ frame: CANFrame, at time: UInt64) {}
  /// Nobody acknowledged its frame, which will be sent again.
  open func unacknowledged(_ frame: CANFrame, at time: UInt64) {}
  /// It hears a frame.
  open func receive(_ frame: CANFrame, at time: UInt64) {}
  /// The time it waited for has come.
  open func wake(at time: UInt64) {}

  /// Error-active, error-passive or bus-off.
  public enum Confinement: Sendable { case active, passive, off }

  /// What the counters make of it.
  public var confinement: Confinement {
    if returnsAt != nil { return .off }
    return transmitErrors > 127 || receiveErrors > 127 ? .passive : .active
  }

  func countTransmit(isGood: Bool, isUnacknowledged: Bool = false) {
    if isGood {
      transmitErrors = max(0, transmitErrors - 1)
    } else if !(isUnacknowledged && transmitErrors > 127) {
      transmitErrors += 8
    }
  }

  func countReceive(isGood: Bool) {
    if isGood {
      receiveErrors = receiveErrors > 127 ? 119 : max(0, receiveErrors - 1)
    } else {
      receiveErrors += 1
    }
  }

  func resetCounters() { (transmitErrors, receiveErrors, returnsAt) = (0, 0, nil) }
}

/// What happens to frames between the bus and a station's software.
public struct ReceivePath: Sendable {
  /// The probability that a frame is lost.
  public var loss = 0.0
  /// The probability that a burst begins, in which `burstLoss` is lost, and that it ends with a frame.
  public var burstBegins = 0.0
  /// See `burstBegins`.
  public var burstEnds = 0.1
  /// See `burstBegins`.
  public var burstLoss = 0.8
  /// The probability that a frame comes twice.
  public var duplicate = 0.0
  /// The probability that a frame comes behind one to three later ones.
  public var reorder = 0.0
  var isInBurst = false
  var late: [(frame: CANFrame, behind: Int)] = []

  /// A path without faults.
  public init() {}

  var isClean: Bool { loss == 0 && burstBegins == 0 && duplicate == 0 && reorder == 0 && late.isEmpty }
}
