import Foundation
import HSXProtocol
import NIOCore
import NIOTLS

/// A request on its way out, and whom to give the line that answers it.
struct OutgoingRequest: Sendable {
  var line: ByteBuffer
  var reply: EventLoopPromise<ByteBuffer>
}

/// What a connection is told beside requests.
enum ConnectionOrder: Sendable {
  /// Give events to that source from now on; the one before it ends.
  case deliver(EventSource)
  /// The reader of that source's events has room again.
  case produceMore(EventSource.Identity)
  /// Nobody reads that source's events any more.
  case forgetEvents(EventSource.Identity)
  /// Send that line as often, as long as the connection lasts; its answers are nobody's.
  case beat(line: ByteBuffer, interval: TimeAmount)
}

/// The last handler of a client's channel: pairs answers with requests, in order, and hands events on.
///
/// While the reader of the events does not keep up nothing more is read from the connection, answers included.
final class ReplyReceiver: ChannelDuplexHandler {
  typealias InboundIn = LineDecoder.InboundOut
  typealias OutboundIn = OutgoingRequest
  typealias OutboundOut = ByteBuffer

  /// The most requests that wait for an answer.
  static let requestLimit = 1024

  private var waiting = CircularBuffer<EventLoopPromise<ByteBuffer>?>()
  private var source: EventSource?
  private var isFull = false
  private var owesRead = false
  private var beat: RepeatedTask?
  // What the server said without being asked, as before it closes.
  private var farewell: Refusal?
  private var failure: (any Error)?
  private var ready: EventLoopPromise<Void>?
  private let isEncrypted: Bool

  /// - Parameter ready: told when requests can be sent.
  init(isEncrypted: Bool, ready: EventLoopPromise<Void>) {
    self.isEncrypted = isEncrypted
    self.ready = ready
  }

  // MARK: The connection's life

  func channelActive(context: ChannelHandlerContext) {
    if !isEncrypted { becomeReady(nil) }
    context.fireChannelActive()
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if case TLSUserEvent.handshakeCompleted = event { becomeReady(nil) }
    context.fireUserInboundEventTriggered(event)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    if failure == nil { failure = error }
    context.close(promise: nil)
  }

  func channelInactive(context: ChannelHandlerContext) {
    end()
    context.fireChannelInactive()
  }

  func handlerRemoved(context: ChannelHandlerContext) { end() }

  private func becomeReady(_ error: (any Error)?) {
    if let error { ready?.fail(error) } else { ready?.succeed() }
    ready = nil
  }

  private func end() {
    beat?.cancel()
    beat = nil
    let error: ClientError =
      if let farewell {
        .refused(farewell)
      } else if let known = failure as? ClientError {
        known
      } else {
        .closed(cause: failure.map(Self.sentence))
      }
    becomeReady(failure ?? error)
    while let promise = waiting.popFirst() { promise?.fail(error) }
    source?.finish(error)
    source = nil
  }

  /// The system's words, without NIO's.
  static func sentence(_ error: any Error) -> String {
    if let error = error as? IOError { return String(cString: strerror(error.errnoCode)) }
    return "\(error)"
  }

  // MARK: What comes

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard failure == nil else { return }
    guard case .line(let line) = Self.unwrapInboundIn(data) else {
      return fail(context, .unreadable("a line of more than \(LineDecoder.limit) bytes"))
    }
    switch Self.kind(of: line) {
    case .event: isFull = source?.yield(line) ?? false
    case .reply where waiting.isEmpty:
      if case .refusal(let refusal) = try? JSONDecoder().decode(
        ServerLine<Nothing>.self, from: Data(line.readableBytesView))
      {
        farewell = refusal
      }
    case .reply: waiting.removeFirst()?.succeed(line)
    case .nothing: fail(context, .unreadable("a line that is no JSON object"))
    }
  }

  private func fail(_ context: ChannelHandlerContext, _ error: ClientError) {
    failure = error
    context.close(promise: nil)
  }

  private enum Kind {
    case reply, event, nothing
  }

  private struct Nothing: Decodable, Sendable {}

  /// Replies have a status, events have none.
  private static func kind(of line: ByteBuffer) -> Kind {
    struct Head: Decodable {
      var status: String?
    }
    guard let head = try? JSONDecoder().decode(Head.self, from: Data(line.readableBytesView)) else {
      return .nothing
    }
    return head.status == nil ? .event : .reply
  }

  // MARK: What goes

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    let request = Self.unwrapOutboundIn(data)
    guard waiting.count < Self.requestLimit else {
      promise?.fail(ClientError.overloaded(limit: Self.requestLimit))
      return
    }
    waiting.append(request.reply)
    context.write(Self.wrapOutboundOut(request.line), promise: promise)
  }

  func read(context: ChannelHandlerContext) {
    if isFull { owesRead = true } else { context.read() }
  }

  func triggerUserOutboundEvent(context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?)
  {
    guard let order = event as? ConnectionOrder else {
      return context.triggerUserOutboundEvent(event, promise: promise)
    }
    switch order {
    case .deliver(let next):
      source?.finish(nil)
      source = next
      readAgain(context)
    case .produceMore(let identity):
      if source?.identity === identity { readAgain(context) }
    case .forgetEvents(let identity):
      // A reader that left may have been followed by another, whose events these are.
      guard source?.identity === identity else { break }
      source = nil
      readAgain(context)
    case .beat(let line, let interval): startBeating(context, line, interval)
    }
    promise?.succeed()
  }

  private func readAgain(_ context: ChannelHandlerContext) {
    isFull = false
    if owesRead {
      owesRead = false
      context.read()
    }
  }

  private func startBeating(_ context: ChannelHandlerContext, _ line: ByteBuffer, _ interval: TimeAmount) {
    beat?.cancel()
    let bound = NIOLoopBound((handler: self, context: context), eventLoop: context.eventLoop)
    beat = context.eventLoop.scheduleRepeatedTask(initialDelay: interval, delay: interval) { _ in
      let (handler, context) = bound.value
      // One that is not answered says that nobody is there, and a second one would not help.
      guard handler.waiting.count < Self.requestLimit else { return }
      handler.waiting.append(nil)
      context.writeAndFlush(Self.wrapOutboundOut(line), promise: nil)
    }
  }
}
