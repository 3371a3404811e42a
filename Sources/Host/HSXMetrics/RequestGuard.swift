import NIOCore
import Synchronization

/// How many connections are open.
final class OpenConnections: Sendable {
  private let count = Atomic<Int>(0)
  private let limit: Int

  init(limit: Int) { self.limit = limit }

  /// One more; whether it may stay. It counts either way, until it leaves.
  func enter() -> Bool { count.wrappingAdd(1, ordering: .relaxed).newValue <= limit }

  func leave() { count.wrappingSubtract(1, ordering: .relaxed) }
}

/// Bounds what one connection costs: its bytes, its time, and how many there are.
final class RequestGuard: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer

  private let patience: TimeAmount
  private let open: OpenConnections
  private var bytesLeft: Int
  private var deadline: Scheduled<Void>?

  init(byteLimit: Int, patience: TimeAmount, open: OpenConnections) {
    bytesLeft = byteLimit
    self.patience = patience
    self.open = open
  }

  func channelActive(context: ChannelHandlerContext) {
    guard open.enter() else { return context.close(promise: nil) }
    let channel = context.channel
    deadline = context.eventLoop.scheduleTask(in: patience) { channel.close(promise: nil) }
    context.fireChannelActive()
  }

  func channelInactive(context: ChannelHandlerContext) {
    deadline?.cancel()
    deadline = nil
    open.leave()
    context.fireChannelInactive()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let buffer = unwrapInboundIn(data)
    bytesLeft -= buffer.readableBytes
    // Whoever sends that much asks for something that is not here.
    guard bytesLeft >= 0 else { return context.close(promise: nil) }
    context.fireChannelRead(data)
  }
}
