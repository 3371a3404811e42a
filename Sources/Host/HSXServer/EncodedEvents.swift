import HSXProvisioning
import HSXProtocol
import NIOCore

/// The lines of the last events, so that many subscribers cost one encoding.
struct EncodedEvents {
  private static let capacity = 256
  private var lines: [(sequence: UInt64, line: ByteBuffer)] = []

  mutating func line(of event: Event, record: (Event) -> EventRecord) -> ByteBuffer {
    let place = Int(event.sequence % UInt64(Self.capacity))
    if lines.isEmpty {
      lines = Array(repeating: (sequence: 0, line: ByteBuffer()), count: Self.capacity)
    }
    if lines[place].sequence == event.sequence { return lines[place].line }
    let line = ExecutiveHost.line(record(event))
    lines[place] = (event.sequence, line)
    return line
  }
}
