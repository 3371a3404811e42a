import HSXProtocol
import NIOCore

/// The end of a connection's pipeline: hands lines to the host, which is on the same loop.
final class LineReceiver: ChannelInboundHandler {
  typealias InboundIn = LineDecoder.InboundOut

  private let host: ExecutiveHost
  private let peer: Peer
  private var id: ConnectionID?

  init(host: ExecutiveHost, peer: Peer) {
    self.host = host
    self.peer = peer
  }

  func channelActive(context: ChannelHandlerContext) {
    let channel = context.channel
    id = host.assumeIsolated { [peer] in $0.connect(channel, peer: peer) }
    if id == nil { context.close(promise: nil) }
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard let id else { return }
    let input = unwrapInboundIn(data)
    host.assumeIsolated { $0.receive(input, from: id) }
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    guard let id else { return }
    host.assumeIsolated { $0.receiveComplete(from: id) }
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    guard let id, context.channel.isWritable else { return }
    host.assumeIsolated { $0.becameWritable(id) }
  }

  func channelInactive(context: ChannelHandlerContext) {
    guard let id else { return }
    self.id = nil
    host.assumeIsolated { $0.disconnect(id) }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    // A peer that breaks off or speaks no TLS concerns nobody else.
    context.close(promise: nil)
  }
}
