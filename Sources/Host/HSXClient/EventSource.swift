import HSXProtocol
import NIOCore

/// Where a connection puts events, and what stops it from reading when they are not taken out again.
struct EventSource: Sendable {
  typealias Producer = NIOThrowingAsyncSequenceProducer<
    ByteBuffer, any Error, NIOAsyncSequenceProducerBackPressureStrategies.HighLowWatermark, Watch
  >

  /// Tells one source from another.
  final class Identity: Sendable {}

  /// Tells the connection when its reader has room, and when it is gone.
  struct Watch: NIOAsyncSequenceProducerDelegate, Sendable {
    let channel: any Channel
    let identity: Identity

    func produceMore() {
      channel.triggerUserOutboundEvent(ConnectionOrder.produceMore(identity), promise: nil)
    }

    func didTerminate() {
      channel.triggerUserOutboundEvent(ConnectionOrder.forgetEvents(identity), promise: nil)
    }
  }

  /// Lines that wait, at which reading stops; what one read of the socket holds comes on top.
  static let highWatermark = 64
  /// It goes on when fewer lines than that wait.
  static let lowWatermark = 16

  private let source: Producer.Source
  let identity: Identity

  /// A source, and the lines as they come out of it.
  static func make(on channel: any Channel) -> (source: EventSource, lines: Producer) {
    let identity = Identity()
    let made = Producer.makeSequence(
      backPressureStrategy: .init(lowWatermark: lowWatermark, highWatermark: highWatermark),
      finishOnDeinit: false, delegate: Watch(channel: channel, identity: identity))
    return (EventSource(source: made.source, identity: identity), made.sequence)
  }

  /// Puts a line in. Whether reading has to stop.
  func yield(_ line: ByteBuffer) -> Bool {
    switch source.yield(line) {
    case .stopProducing: true
    case .produceMore, .dropped: false
    }
  }

  /// No more will come; because of an error, if there is one.
  func finish(_ error: ClientError?) {
    if let error { source.finish(error) } else { source.finish() }
  }
}
