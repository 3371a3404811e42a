import Foundation
import HSXClient
import HSXProtocol
import NIOCore
import NIOPosix
import NIOSSL

/// A server whose answers are a function of the connection's number, the request's number on it, and the request.
struct LineServer: Sendable {
  enum Action: Sendable {
    /// Sends a line.
    case line(String)
    /// Closes the connection.
    case close

    static func answer(_ answer: some Codable & Sendable) throws -> Action {
      .line(String(decoding: try JSONEncoder().encode(Reply(id: nil, answer)), as: UTF8.self))
    }

    static func refusal(_ refusal: Refusal) throws -> Action {
      .line(String(decoding: try JSONEncoder().encode(refusal), as: UTF8.self))
    }

    static func event(_ seq: UInt64, _ type: String = "stdout", text: String = "") throws -> Action {
      let event = EventRecord(seq: seq, ts: 1, type: type, pid: 1, data: ["text": .string(text)])
      return .line(String(decoding: try event.line(), as: UTF8.self))
    }
  }

  /// A request as it came.
  struct Received: Sendable {
    var connection: Int
    var request: Request
  }

  typealias Script = @Sendable (_ connection: Int, _ number: Int, _ request: Request) throws -> [Action]

  let endpoint: Endpoint
  /// What has come; it ends when the server is stopped.
  let received: AsyncStream<Received>
  private let channel: any Channel
  private let continuation: AsyncStream<Received>.Continuation
  private let folder: URL?

  /// Listens on a Unix socket, or on a port of this machine, with TLS if there is a context.
  ///
  /// - Parameter greeting: sent to each connection before it asks.
  static func start(
    unix: Bool = true, context: NIOSSLContext? = nil, security: TransportSecurity? = nil,
    greeting: [Action] = [], _ script: @escaping Script
  ) async throws -> LineServer {
    let (received, continuation) = AsyncStream.makeStream(of: Received.self)
    let loop = MultiThreadedEventLoopGroup.singleton.next()
    let numbers = try await loop.submit { NIOLoopBound(Counter(), eventLoop: loop) }.get()
    let bootstrap = ServerBootstrap(group: loop).childChannelInitializer { channel in
      channel.eventLoop.makeCompletedFuture {
        let pipeline = channel.pipeline.syncOperations
        if let context { try pipeline.addHandler(NIOSSLServerHandler(context: context)) }
        try pipeline.addHandler(ByteToMessageHandler(LineDecoder()))
        try pipeline.addHandler(
          Answering(
            number: numbers.value.take(), greeting: greeting, script: script, continuation: continuation))
      }
    }
    if unix {
      let folder = FileManager.default.temporaryDirectory.appending(
        path: "hsx-\(UUID().uuidString.prefix(8))")
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      let path = folder.appending(path: "s").path
      let channel = try await bootstrap.bind(unixDomainSocketPath: path).get()
      return LineServer(
        endpoint: .unix(path: path), received: received, channel: channel, continuation: continuation,
        folder: folder)
    }
    let channel = try await bootstrap.bind(host: "127.0.0.1", port: 0).get()
    return LineServer(
      endpoint: .tcp(host: "127.0.0.1", port: channel.localAddress?.port ?? 0, tls: security),
      received: received, channel: channel, continuation: continuation, folder: nil)
  }

  /// Listens no more; what it was asked is all there is.
  func stop() async throws -> [Received] {
    try await channel.close()
    if let folder { try FileManager.default.removeItem(at: folder) }
    continuation.finish()
    var all: [Received] = []
    for await one in received { all.append(one) }
    return all
  }
}

/// Numbers connections in the order of their coming.
private final class Counter {
  private var next = 0

  func take() -> Int {
    defer { next += 1 }
    return next
  }
}

private final class Answering: ChannelInboundHandler {
  typealias InboundIn = LineDecoder.InboundOut
  typealias OutboundOut = ByteBuffer

  private let number: Int
  private let greeting: [LineServer.Action]
  private let script: LineServer.Script
  private let continuation: AsyncStream<LineServer.Received>.Continuation
  private var count = 0

  init(
    number: Int, greeting: [LineServer.Action], script: @escaping LineServer.Script,
    continuation: AsyncStream<LineServer.Received>.Continuation
  ) {
    self.number = number
    self.greeting = greeting
    self.script = script
    self.continuation = continuation
  }

  func channelActive(context: ChannelHandlerContext) { carryOut(greeting, context) }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard case .line(let line) = Self.unwrapInboundIn(data) else { return context.close(promise: nil) }
    do {
      let request = try JSONDecoder().decode(Request.self, from: Data(line.readableBytesView))
      continuation.yield(LineServer.Received(connection: number, request: request))
      let actions = try script(number, count, request)
      count += 1
      carryOut(actions, context)
    } catch {
      context.close(promise: nil)
    }
  }

  private func carryOut(_ actions: [LineServer.Action], _ context: ChannelHandlerContext) {
    for action in actions {
      switch action {
      case .line(let text):
        context.writeAndFlush(Self.wrapOutboundOut(ByteBuffer(string: text + "\n")), promise: nil)
      case .close: context.close(promise: nil)
      }
    }
  }
}
