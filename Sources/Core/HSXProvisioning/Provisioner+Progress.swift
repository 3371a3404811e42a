import HSXHAL

extension Provisioner {
  /// Emits a progress if it is due: at the first byte, at the last, and between them at the policy's rate.
  mutating func reportProgress(
    _ index: Int, now: Instant, events: inout EventQueue
  ) {
    let session = sessions[index]
    let isLast = session.bytesWritten == session.request.totalBytes
    // A stall before the first byte is a progress too, but does not stand for that of the first byte.
    if let last = session.lastProgress, session.reportedBytes > 0, !isLast {
      let rate = UInt64(policy.progressRate)
      // Rounded up, or a rate that does not divide a second would be exceeded.
      guard rate > 0, now.milliseconds(since: last) >= (1000 + rate - 1) / rate else { return }
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
