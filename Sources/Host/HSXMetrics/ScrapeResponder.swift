import NIOCore
import NIOHTTP1

/// Answers the first request of a connection, and closes.
final class ScrapeResponder: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  private let registry: PrometheusRegistry
  private var request: HTTPRequestHead?
  private var hasAnswered = false

  init(registry: PrometheusRegistry) { self.registry = registry }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard !hasAnswered else { return }
    switch unwrapInboundIn(data) {
    case .head(let head): request = head
    // Read to its end, or closing would take the answer along.
    case .body: break
    case .end:
      guard let request else { return }
      hasAnswered = true
      answer(request, context)
    }
  }

  private func answer(_ request: HTTPRequestHead, _ context: ChannelHandlerContext) {
    var headers = HTTPHeaders([("Connection", "close")])
    let status: HTTPResponseStatus
    var text: String
    if request.uri.prefix(while: { $0 != "?" }) != "/metrics" {
      (status, text) = (.notFound, "Metrics are at /metrics.\n")
      headers.add(name: "Content-Type", value: "text/plain; charset=utf-8")
    } else if request.method != .GET, request.method != .HEAD {
      (status, text) = (.methodNotAllowed, "Metrics can only be read.\n")
      headers.add(name: "Content-Type", value: "text/plain; charset=utf-8")
      headers.add(name: "Allow", value: "GET, HEAD")
    } else {
      (status, text) = (.ok, registry.exposition)
      headers.add(name: "Content-Type", value: "text/plain; version=0.0.4; charset=utf-8")
    }
    headers.add(name: "Content-Length", value: String(text.utf8.count))
    let head = HTTPResponseHead(version: request.version, status: status, headers: headers)
    context.write(wrapOutboundOut(.head(head)), promise: nil)
    if request.method != .HEAD {
      context.write(
        wrapOutboundOut(.body(.byteBuffer(context.channel.allocator.buffer(string: text)))), promise: nil)
    }
    let channel = context.channel
    let sent = context.eventLoop.makePromise(of: Void.self)
    sent.futureResult.whenComplete { _ in channel.close(promise: nil) }
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: sent)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    // A peer that breaks off or speaks no HTTP concerns nobody else.
    context.close(promise: nil)
  }
}
