public import HSXHAL
public import MiniVM

extension Provisioner {
  /// Lets the timers of all transfers run up to `now`: marks the stalled, gives up the timed out.
  public mutating func advance(to now: Instant, machine: inout Machine, events: inout EventQueue) {
    // Backwards, since giving up removes the session.
    for index in sessions.indices.reversed() {
      let session = sessions[index]
      if let reason = session.expiry(at: now, sealTimeout: policy.sealTimeout) {
        abort(index, reason, now: now, machine: &machine, events: &events)
      } else if let stall = session.stallDeadline, now >= stall {
        sessions[index].isStalled = true
        emitProgress(index, now: now, events: &events)
        events.emit(.warning(.transferStalled(handle: session.handle)), pid: session.pid, now: now)
      }
    }
  }

  /// When `advance` has something to do next; nil if no timer runs.
  public var nextDeadline: Instant? {
    var earliest: Instant?
    for session in sessions {
      for deadline in [session.stallDeadline, session.expiryDeadline(sealTimeout: policy.sealTimeout)] {
        guard let deadline else { continue }
        earliest = min(earliest ?? deadline, deadline)
      }
    }
    return earliest
  }

  /// Notes that a client session is gone: its transfers outlive it by their write timeout, then are given up.
  public mutating func clientSessionEnded(_ owner: UInt64, now: Instant) {
    for index in sessions.indices where sessions[index].request.owner == owner {
      sessions[index].orphaned = sessions[index].orphaned ?? now
    }
  }
}

extension Session {
  /// When nothing will have come for half a write timeout, if that is not noted yet.
  var stallDeadline: Instant? {
    state == .loading && !isStalled ? lastChunk.advanced(byMilliseconds: writeTimeout / 2) : nil
  }

  /// When the first of the timers runs out.
  func expiryDeadline(sealTimeout: UInt32) -> Instant {
    var deadline = began.advanced(byMilliseconds: totalTimeout)
    if let sealed {
      deadline = sealed.time.advanced(byMilliseconds: sealTimeout)
    } else if state == .loading {
      deadline = min(deadline, lastChunk.advanced(byMilliseconds: writeTimeout))
    }
    if let orphaned { deadline = min(deadline, orphaned.advanced(byMilliseconds: writeTimeout)) }
    return deadline
  }

  /// Why the transfer is over at `now`; nil if it is not.
  func expiry(at now: Instant, sealTimeout: UInt32) -> AbortReason? {
    guard now >= expiryDeadline(sealTimeout: sealTimeout) else { return nil }
    if let orphaned, now >= orphaned.advanced(byMilliseconds: writeTimeout) { return .sessionLost }
    if sealed != nil { return .sealTimeout }
    return now >= began.advanced(byMilliseconds: totalTimeout) ? .totalTimeout : .writeTimeout
  }
}
