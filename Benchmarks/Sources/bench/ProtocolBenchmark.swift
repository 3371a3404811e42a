import Foundation
import HSXProtocol
import HSXServer
import Logging
import NIOCore
import NIOFoundationCompat
import NIOPosix

/// What the daemon answers in a second, beside a plain line echo on the same loop in the same run: pings on one
/// connection and on a hundred, and streamed images. Rounds take turns, so that what else the machine does meets both.
///
/// - Returns: whether each rate is at least half of the echo's.
func protocolBenchmark(rounds: Int) async throws -> Bool {
  let server = MultiThreadedEventLoopGroup(numberOfThreads: 1)
  let clients = MultiThreadedEventLoopGroup(numberOfThreads: 1)
  let host = try ExecutiveHost(
    on: server.next(), configuration: ServerConfiguration(), storage: nil,
    logger: Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() })
  let daemon = try await host.listen(at: .tcp(host: "127.0.0.1", port: 0))
  let echo = try await listen(on: server.next()) { EchoHandler(decodes: false) }
  let decodingEcho = try await listen(on: server.next()) { EchoHandler(decodes: true) }
  let large = [UInt8](try Data(contentsOf: largeImage))

  let ping = Script(opening: #"{"cmd":"ping","version":1}"#, following: [])
  let stream = Script(streaming: large)
  var isWithin = true
  print(row(["", "daemon/s", "echo/s", "ratio"], widths: [34, 12, 12, 8]))
  for (name, script, connections, baseline, unit) in [
    ("pings, 1 connection", ping, 1, echo, 1.0), ("pings, 100 connections", ping, 100, echo, 1.0),
    ("MB streamed, 1 connection", stream, 1, decodingEcho, 1e6),
  ] {
    var ours = Samples()
    var theirs = Samples()
    for _ in 0..<rounds {
      let load = Load(script: script, connections: connections, seconds: 1, group: clients)
      theirs.values.append(try await load.run(against: baseline) / unit)
      ours.values.append(try await load.run(against: daemon) / unit)
    }
    let ratio = ours.median / theirs.median
    isWithin = isWithin && ratio >= 0.5
    print(
      row(
        [name, text(ours.median, digits: 0), text(theirs.median, digits: 0), text(ratio, digits: 2)],
        widths: [34, 12, 12, 8]))
  }
  print("each is to reach at least 0.50 of the echo's rate")
  try await clients.shutdownGracefully()
  await host.stop()
  try await server.shutdownGracefully()
  return isWithin
}

/// Lines that a client sends, each when the reply to the one before it is there.
private struct Script: Sendable {
  /// The first line of each round.
  var opening: String
  /// What follows it: the handle of the opening's reply goes between the two halves of each line.
  var following: [(head: String, tail: String)]
  /// What a round counts: requests, or bytes of the image.
  var count: Double

  init(opening: String, following: [(head: String, tail: String)]) {
    self.opening = opening
    self.following = following
    count = 1
  }

  /// An image in chunks, given up at the end so that the next round can begin.
  init(streaming image: [UInt8]) {
    opening = #"{"cmd":"vm_load_begin","version":1,"total_bytes":\#(image.count)}"#
    following = stride(from: 0, to: image.count, by: 32_768).enumerated().map { sequence, start in
      let data = Data(image[start..<min(start + 32_768, image.count)]).base64EncodedString()
      return (#"{"cmd":"vm_load_write","handle":"#, #","seq":\#(sequence),"data":"\#(data)"}"#)
    }
    following.append((#"{"cmd":"vm_load_abort","handle":"#, "}"))
    count = Double(image.count)
  }
}

/// Clients in a closed loop for a while.
private struct Load {
  let script: Script
  let connections: Int
  let seconds: Int64
  let group: MultiThreadedEventLoopGroup

  /// What was counted in a second.
  func run(against server: any Channel) async throws -> Double {
    guard let address = server.localAddress else { throw BenchmarkError(description: "no address") }
    let loop = group.next()
    var channels: [any Channel] = []
    let counter = try await loop.submit { NIOLoopBound(Counter(), eventLoop: loop) }.get()
    for _ in 0..<connections {
      let script = script
      let channel = try await ClientBootstrap(group: loop).channelOption(.tcpOption(.tcp_nodelay), value: 1)
        .channelInitializer { channel in
          channel.eventLoop.makeCompletedFuture {
            let pipeline = channel.pipeline.syncOperations
            try pipeline.addHandler(ByteToMessageHandler(LineDecoder()))
            try pipeline.addHandler(ReplyReceiver(script: script, counter: counter.value))
          }
        }.connect(to: address).get()
      channels.append(channel)
    }
    let began = ContinuousClock.now
    try await loop.submit { [channels] in
      for channel in channels { channel.pipeline.fireUserInboundEventTriggered(Start()) }
    }.get()
    try await loop.scheduleTask(in: .seconds(seconds)) {}.futureResult.get()
    let total = try await loop.submit { counter.value.total }.get()
    let elapsed = (ContinuousClock.now - began).components
    for channel in channels { try? await channel.close() }
    return total / (Double(elapsed.seconds) + Double(elapsed.attoseconds) / 1e18)
  }
}

private struct Start: Sendable {}

private final class Counter {
  var total = 0.0
}

private final class ReplyReceiver: ChannelInboundHandler {
  typealias InboundIn = LineDecoder.InboundOut

  private let script: Script
  private let counter: Counter
  private var next = 0
  private var handle = "1"

  init(script: Script, counter: Counter) {
    self.script = script
    self.counter = counter
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if event is Start { send(context) }
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard case .line(let line) = unwrapInboundIn(data) else { return }
    if next == 1, !script.following.isEmpty {
      // An echo has no handle; any number will do for it.
      handle = Self.handle(in: String(buffer: line)) ?? "1"
    }
    if next > script.following.count {
      counter.total += script.count
      next = 0
    }
    send(context)
  }

  private func send(_ context: ChannelHandlerContext) {
    var line = context.channel.allocator.buffer(capacity: 256)
    if next == 0 {
      line.writeString(script.opening)
    } else {
      let (head, tail) = script.following[next - 1]
      line.writeString(head)
      line.writeString(handle)
      line.writeString(tail)
    }
    line.writeInteger(UInt8(ascii: "\n"))
    next += 1
    context.channel.writeAndFlush(line, promise: nil)
  }

  private static func handle(in reply: String) -> String? {
    guard let range = reply.range(of: "\"handle\":") else { return nil }
    return String(reply[range.upperBound...].prefix { $0.isNumber })
  }
}

/// Sends each line back, after reading its JSON if asked to.
private final class EchoHandler: ChannelInboundHandler {
  typealias InboundIn = LineDecoder.InboundOut

  private struct Chunk: Decodable {
    var cmd: String
    var handle: Int?
    var seq: Int?
    var data: String?
  }

  private let decodes: Bool

  init(decodes: Bool) { self.decodes = decodes }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard case .line(var line) = unwrapInboundIn(data) else { return }
    if decodes {
      guard (try? JSONDecoder().decode(Chunk.self, from: Data(buffer: line))) != nil else { return }
    }
    line.writeInteger(UInt8(ascii: "\n"))
    context.channel.write(line, promise: nil)
  }

  func channelReadComplete(context: ChannelHandlerContext) { context.flush() }
}

private func listen(
  on loop: any EventLoop, _ handler: @escaping @Sendable () -> EchoHandler
) async throws -> any Channel {
  try await ServerBootstrap(group: loop).serverChannelOption(.backlog, value: 1024)
    .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
    .childChannelInitializer { channel in
      channel.eventLoop.makeCompletedFuture {
        let pipeline = channel.pipeline.syncOperations
        try pipeline.addHandler(ByteToMessageHandler(LineDecoder()))
        try pipeline.addHandler(handler())
      }
    }.bind(host: "127.0.0.1", port: 0).get()
}
