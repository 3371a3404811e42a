public import HSXProtocol
import NIOCore

extension Connection {
  /// Opens a client session, and keeps it alive for as long as the connection lasts. A session outlives its connection
  /// by its heartbeat; another connection goes on with it by taking over `session`, and calling `keepAlive`.
  ///
  /// - Returns: this connection, its requests made in the session.
  /// - Throws: `refused`, as for a wrong token, or why there is no answer.
  public func openingSession(_ request: OpenRequest) async throws(ClientError) -> Connection {
    let answer = try await call(.sessionOpen(request), as: SessionAnswer.self)
    guard let session = answer.session else { throw .unreadable("no session where one was opened") }
    return joining(session)
  }

  /// Goes on with a session that was opened on another connection.
  ///
  /// - Returns: this connection, its requests made in the session.
  public func joining(_ session: SessionRecord) -> Connection {
    var connection = self
    connection.session = session
    if let line = connection.line(of: .sessionKeepalive) {
      // Two may be lost before the third comes too late.
      let interval = TimeAmount.milliseconds(max(1000, Int64(session.heartbeat) * 1000 / 3))
      channel.triggerUserOutboundEvent(
        ConnectionOrder.beat(line: line, interval: interval), promise: nil)
    }
    return connection
  }

  /// Ends its session, if it has one. What was locked is free; what was subscribed ends.
  public func closeSession() async throws(ClientError) {
    guard session != nil else { return }
    _ = try await call(.sessionClose, as: SessionAnswer.self)
  }
}
