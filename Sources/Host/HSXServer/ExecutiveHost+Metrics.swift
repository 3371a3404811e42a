import CoreMetrics
import HSXExecutive
import HSXHAL
import HSXProtocol
import HSXProvisioning

/// What is counted of the executive.
extension ExecutiveHost {
  /// Forgets the events so far: they are of images that were stored, or of nobody's transfer.
  func skipCountedEvents() { countedEvents = executive.events.nextSequence }

  /// Counts what has come of transfers, and looks how many tasks there are.
  ///
  /// - Parameter hadTransfers: whether there may be events of transfers; without any, no event is looked at, since a slice may
  ///   bring thousands.
  func countEvents(hadTransfers: Bool) {
    let next = executive.events.nextSequence
    guard next != countedEvents else { return }
    if hadTransfers {
      var sequence = max(countedEvents, executive.events.oldestSequence)
      while sequence < next {
        if let event = executive.events.event(sequence) { metrics.note(event) }
        sequence += 1
      }
    }
    countedEvents = next
    metrics.tasks.set(Int64(executive.taskList.count))
  }

  /// Counts a request that is answered.
  func countAnswer(_ command: CommandName?, _ result: ServerMetrics.Result, since began: Instant) {
    metrics.answered(command, result, after: elapsed(since: began))
  }

  /// Microseconds since a moment of the executive's time.
  func elapsed(since began: Instant) -> UInt64 {
    let now = self.now.microseconds
    return now > began.microseconds ? now - began.microseconds : 0
  }
}
