import HSXMailbox
import HSXHAL
import HSXProvisioning
import HXE
import MiniVM

extension Executive where Memory: ~Copyable {
  /// Sends what has happened to transfers to each task's `svc:prov.status`, so that a task can watch its own
  /// update. Costs nothing where no task has such a box.
  ///
  /// A message is 16 bytes, little-endian: pid (4), bytes written (4), total (4, all ones if unknown), kind (1:
  /// 0 started, 1 progress, 2 complete, 3 error, 4 aborted), percent (1, 255 if unknown), two zeros.
  mutating func publishTransfers(_ now: Instant) {
    let first = max(publishedSequence, events.oldestSequence)
    publishedSequence = events.nextSequence
    guard first < publishedSequence, let name = ShortName("prov.status") else { return }
    let boxes = registries.mailboxes.descriptors(ofService: name)
    guard !boxes.isEmpty else { return }
    for sequence in first..<publishedSequence {
      guard let event = events.event(sequence), let pid = event.pid,
        let message = TransferMessage(event.body, pid: pid)
      else { continue }
      for box in boxes {
        let delivery = registries.mailboxes.send(
          message.bytes.span, to: box, source: 0, flags: [], channel: 0, now: now)
        wake(delivery.woken, now: now)
      }
    }
    // What the deliveries themselves have emitted is about no transfer.
    publishedSequence = events.nextSequence
  }
}

private struct TransferMessage {
  var bytes: [UInt8] = []

  init?(_ body: EventBody, pid: PID) {
    var kind: UInt8
    var written: UInt32 = 0
    var total: UInt32?
    var percent: UInt8?
    switch body {
    case .transferStarted(_, let totalBytes):
      kind = 0
      total = totalBytes
    case .transferProgress(_, let progress):
      kind = 1
      written = progress.bytesWritten
      total = progress.totalBytes
      percent = progress.percent
    case .transferComplete(_, let bytesWritten, _, _):
      kind = 2
      written = bytesWritten
      total = bytesWritten
      percent = 100
    case .transferError: kind = 3
    case .transferAborted(_, _, let bytesWritten):
      kind = 4
      written = bytesWritten
    default: return nil
    }
    for word in [pid, written, total ?? .max] {
      for shift: UInt32 in [0, 8, 16, 24] { bytes.append(UInt8(truncatingIfNeeded: word >> shift)) }
    }
    bytes.append(contentsOf: [kind, percent ?? 255, 0, 0])
  }
}
