import HSXHAL

extension Provisioner {
  /// Emits a progress if it is due: at the first byte, at the last, and between them at the policy's rate.
  mutating func reportProgress(
    _ index: Int, now: Instant, events: inout EventQueue
  ) {
    let session = sessions[index]
    let isLast = session.bytesWritten == session.request.totalBytes
    if let last = session.lastProgress, !isLast {
      guard policy.progressRate > 0 else { return }
      guard now.milliseconds(since: last) >= 1000 / UInt64(policy.progressRate) else { return }
    }
    emitProgress(index, now: now, events: &events)
  }

  /// Emits the progress of the last byte, for a transfer whose total was not known before its end.
  mutating func reportLastProgress(
    _ index: Int, now: Instant, events: inout EventQueue
  ) {
    guard sessions[index].bytesWritten != sessions[index].reportedBytes else { return }
    emitProgress(index, now: now, events: &events)
  }

  mutating func emitProgress(
    _ index: Int, now: Instant, events: inout EventQueue
  ) {
    let session = sessions[index]
    let elapsed = max(1, now.milliseconds(since: session.began))
    let rate = UInt64(session.bytesWritten) * 1000 / elapsed
    let progress = TransferProgress(
      bytesWritten: session.bytesWritten, totalBytes: session.request.totalBytes,
      bytesPerSecond: UInt32(truncatingIfNeeded: min(rate, UInt64(UInt32.max))),
      isStalled: session.isStalled)
    events.emit(.transferProgress(facts(session), progress), pid: session.pid, now: now)
    sessions[index].lastProgress = now
    sessions[index].reportedBytes = session.bytesWritten
  }
}
