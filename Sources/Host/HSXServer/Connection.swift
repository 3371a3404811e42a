import NIOCore
import HSXProvisioning
import HSXProtocol

/// A client's connection as the host sees it. Its channel is on the host's event loop.
final class Connection {
  let id: ConnectionID
  let channel: any Channel
  let peer: Peer
  /// Lines that were no requests; the second closes.
  var senselessLines = 0
  /// The subscription whose events flow here, and the session it belongs to.
  var subscription: (id: SubscriptionID, session: String)?
  /// What the oldest request waits for; the next is not looked at before it is answered.
  var job: Job?
  /// What has come while a request waits. Reading stops meanwhile, so this is bounded by what was under way.
  var backlog = CircularBuffer<LineDecoder.InboundOut>()
  /// More of the backlog is answered soon.
  var isScheduled = false
  /// Nothing is read or answered any more.
  var isClosing = false
  private var isReading = true

  init(id: ConnectionID, channel: any Channel, peer: Peer) {
    self.id = id
    self.channel = channel
    self.peer = peer
  }

  /// Puts a line, newline included, on its way; `flush` sends it.
  func write(_ line: ByteBuffer) {
    guard !isClosing else { return }
    channel.write(line, promise: nil)
  }

  /// Sends what was written.
  func flush() { channel.flush() }

  /// Sends what was written, then closes. Who does not read is waited for `patience` long, so that it can still learn why
  /// it is closed; what is owed to it is bounded meanwhile, since nothing more is written.
  func close(patience: TimeAmount = .seconds(120)) {
    guard !isClosing else { return }
    isClosing = true
    setReading(false)
    let channel = channel
    let limit = channel.eventLoop.scheduleTask(in: patience) { channel.close(promise: nil) }
    channel.writeAndFlush(ByteBuffer()).whenComplete { _ in
      limit.cancel()
      channel.close(promise: nil)
    }
  }

  /// Whether bytes are read off the socket. Off while a request waits or while what is owed piles up.
  func setReading(_ isReading: Bool) {
    guard isReading != self.isReading else { return }
    self.isReading = isReading
    _ = channel.setOption(.autoRead, value: isReading)
  }
}
