import CoreMetrics
import NIOCore
import HSXExecutive
import HSXHAL
import HSXProtocol
import HSXProvisioning

/// Client sessions over the protocol.
extension ExecutiveHost {
  private static let heartbeats: ClosedRange<UInt32> = 5...300
  private static let windows: ClosedRange<UInt32> = 2...2048
  private static let features = ["events", "provisioning"]

  func openSession(_ request: OpenRequest, _ requester: Requester) throws(Refusal) -> SessionAnswer {
    let role = try admit(request.token, requester)
    guard !sessions.isFull else {
      throw Refusal(
        code: "ENOSPC", reason: "sessions_exceeded",
        detail: "There are \(sessions.limit) client sessions, which is as many as there can be.")
    }
    var warnings: [String] = []
    func clamped(_ asked: UInt32?, _ usual: UInt32, to range: ClosedRange<UInt32>, _ name: String) -> UInt32 {
      guard let asked, !range.contains(asked) else { return asked ?? usual }
      let given = min(max(asked, range.lowerBound), range.upperBound)
      warnings.append("\(name)_clamped:\(given)")
      return given
    }
    let asked = request.capabilities?.features ?? []
    for feature in asked.prefix(16) where !Self.features.contains(feature) {
      warnings.append("unsupported_feature:\(feature.prefix(64))")
    }
    let locks = Set(request.pidLock?.pids ?? []).sorted()
    for pid in locks {
      _ = try refusing { () throws(ProvisioningError) in try executive.task(pid) }
      if sessions.isLocked(pid, for: nil) { throw .locked(pid) }
    }
    let heartbeat = clamped(request.heartbeat, 30, to: Self.heartbeats, "heartbeat_s")
    let window = clamped(request.capabilities?.maximumEvents, 256, to: Self.windows, "max_events")
    let session = ClientSession(
      id: Self.randomID(), owner: .random(in: 1 ... .max), client: String((request.client ?? "").prefix(128)),
      role: role, heartbeat: heartbeat, features: Self.features.filter(asked.contains), maximumEvents: window,
      locks: locks, created: wallClock.seconds, warnings: warnings, opened: now, lastSeen: now)
    sessions.insert(session)
    metrics.clientSessions.set(Int64(sessions.count))
    log.info(
      "session opened", ["client": session.client, "role": role.rawValue, "peer": requester.peer.text],
      session: session)
    return SessionAnswer(session: session.record(now: now, showing: true))
  }

  /// The role that a token gives; without one, what the peer has anyway.
  private func admit(_ token: String?, _ requester: Requester) throws(Refusal) -> Role {
    switch access.admit(token, from: requester.peer, now: now) {
    case .admitted(let role): return role
    case .refused:
      log.warning("wrong token", ["peer": requester.peer.text])
      throw Refusal(code: "EPERM", reason: "token_unknown", detail: "No such token is known here.")
    case .missing:
      throw .tokenRequired(.sessionOpen)
    case .mustWait(let seconds):
      throw Refusal(
        code: "EBUSY", reason: "token_backoff",
        detail: "Too many wrong tokens have come from here; try again in \(seconds) s.",
        error: "token_backoff:\(seconds)")
    }
  }

  func currentSession(_ requester: Requester) throws(Refusal) -> SessionAnswer {
    guard let id = requester.session, let session = sessions[id] else { throw .sessionRequired }
    return SessionAnswer(session: session.record(now: now, showing: true))
  }

  func closeSession(_ requester: Requester) throws(Refusal) -> SessionAnswer {
    guard let id = requester.session, let session = sessions[id] else { throw .sessionRequired }
    let record = session.record(now: now, showing: true)
    end(session, reason: "closed", closing: false)
    return SessionAnswer(session: record)
  }

  func listSessions(_ requester: Requester) -> SessionsAnswer {
    SessionsAnswer(
      sessions: sessions.all.map { session in
        let isKnown = requester.role == .admin || session.id == requester.session
        return session.record(now: now, showing: isKnown)
      })
  }

  func terminateSession(_ request: TerminateRequest) throws(Refusal) -> ClosedAnswer {
    let target = try require(request.target, "target")
    guard sessions[target] != nil else {
      throw Refusal(
        code: "ESRCH", reason: "session_not_found", detail: "There is no client session of that id.")
    }
    // The reply first: it may be this very connection that the session's events flow on.
    eventLoop.execute {
      self.assumeIsolated { host in
        if let session = host.sessions[target] { host.end(session, reason: "terminated", closing: true) }
      }
    }
    return ClosedAnswer(closed: ClosedRecord(id: target, reason: "terminated"))
  }

  /// Ends the sessions that have been silent for too long.
  func expireSessions(_ now: Instant) {
    for session in sessions.expired(at: now) { end(session, reason: "lapsed", closing: true) }
  }

  /// Ends a session. Its locks are free, its subscription is over, its transfers outlive it by their write timeout.
  ///
  /// - Parameter closing: whether the connection of its subscription is closed, since its client would notice nothing
  ///   else.
  func end(_ session: ClientSession, reason: String, closing: Bool) {
    _ = sessions.remove(session.id)
    metrics.clientSessions.set(Int64(sessions.count))
    executive.clientSessionEnded(session.owner, now: now)
    closeHandles(of: session.id)
    if let subscription = session.subscription { endSubscription(subscription.id, closing: closing) }
    log.info("session ended", ["reason": reason], session: session)
  }

  private static func randomID() -> String {
    var generator = SystemRandomNumberGenerator()
    return (0..<2).map { _ in
      let text = String(generator.next(), radix: 16)
      return String(repeating: "0", count: 16 - text.count) + text
    }.joined()
  }
}
