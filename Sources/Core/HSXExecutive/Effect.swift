public import HSXHAL
public import MiniVM

/// Something that the driver must carry out in the world outside the core.
public enum Effect: Equatable, Sendable {
  /// Write these bytes to the task's serial port.
  case uartWrite(PID, [UInt8])
  /// Send this frame on the bus.
  case canTransmit(PID, CANFrame)
  /// Carry out a file operation in the task's own folder, then call `Executive.completeFile` with its number.
  case file(PID, number: UInt32, FileOperation)
  /// The task is gone: close the files that it left open.
  case closeFiles(PID)
}

/// A file operation. Paths are relative, without `..`, at most 255 bytes; descriptors are the driver's, from 3 on.
public enum FileOperation: Equatable, Sendable {
  case open(path: [UInt8], flags: UInt32)
  case read(descriptor: UInt32, count: UInt32)
  case write(descriptor: UInt32, [UInt8])
  case close(descriptor: UInt32)
  case list(path: [UInt8])
  case delete(path: [UInt8])
  case rename(from: [UInt8], to: [UInt8])
  case makeDirectory(path: [UInt8])
}

/// The effects that wait for the driver, oldest first. When they are spent, tasks pause until it has taken some.
struct EffectQueue: Sendable {
  private let capacity: Int
  // A ring, since the driver takes them one by one.
  private var ring: [Effect?]
  private var head = 0
  private(set) var count = 0

  init(capacity: Int) {
    self.capacity = max(4, capacity)
    ring = [Effect?](repeating: nil, count: self.capacity)
  }

  var isFull: Bool { count == capacity }

  /// False, and nothing done, if there is no room.
  mutating func append(_ effect: Effect) -> Bool {
    guard !isFull else { return false }
    ring[(head + count) % capacity] = effect
    count += 1
    return true
  }

  mutating func next() -> Effect? {
    guard count > 0 else { return nil }
    let effect = ring[head]
    ring[head] = nil
    head = (head + 1) % capacity
    count -= 1
    return effect
  }
}
