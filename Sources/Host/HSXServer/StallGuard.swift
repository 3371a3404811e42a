import Glibc
import NIOCore
import NIOTLS

/// Closes connections that leave a line, or the handshake of TLS, unfinished: each holds memory that it does not use.
///
/// It stands behind TLS and before the lines are cut. A connection without a half line may be silent for ever.
final class StallGuard: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer

  private let patience: TimeAmount
  private var awaitsHandshake: Bool
  /// When the unfinished thing began; nil if there is none.
  private var since: NIODeadline?
  private var timer: Scheduled<Void>?

  init(patience: TimeAmount, awaitsHandshake: Bool) {
    self.patience = patience
    self.awaitsHandshake = awaitsHandshake
  }

  func channelActive(context: ChannelHandlerContext) {
    if awaitsHandshake {
      since = context.eventLoop.now
      watch(context, for: patience)
    }
    context.fireChannelActive()
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if awaitsHandshake, case .handshakeCompleted? = event as? TLSUserEvent {
      awaitsHandshake = false
      since = nil
    }
    context.fireUserInboundEventTriggered(event)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    note(unwrapInboundIn(data), context)
    context.fireChannelRead(data)
  }

  func channelInactive(context: ChannelHandlerContext) {
    timer?.cancel()
    timer = nil
    context.fireChannelInactive()
  }

  private func note(_ buffer: ByteBuffer, _ context: ChannelHandlerContext) {
    guard let last = buffer.getInteger(at: buffer.writerIndex - 1, as: UInt8.self) else { return }
    guard last != UInt8(ascii: "\n") else {
      since = nil
      return
    }
    // Who sends line after line without a pause is cut somewhere in each read; that is no half line.
    let hasEnd = buffer.withUnsafeReadableBytes { bytes in
      bytes.baseAddress.map { memchr($0, 0x0A, bytes.count) != nil } ?? false
    }
    if since == nil || hasEnd { since = context.eventLoop.now }
    if timer == nil { watch(context, for: patience) }
  }

  private func watch(_ context: ChannelHandlerContext, for delay: TimeAmount) {
    let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    timer = context.eventLoop.scheduleTask(in: delay) {
      let (guardian, context) = bound.value
      guardian.look(context)
    }
  }

  private func look(_ context: ChannelHandlerContext) {
    timer = nil
    guard let since else { return }
    let left = since + patience - context.eventLoop.now
    guard left <= .zero else { return watch(context, for: left) }
    context.close(promise: nil)
  }
}
