import HSXProtocol
import NIOCore
import NIOEmbedded
import Testing

@testable import HSXClient

@Suite(.timeLimit(.minutes(1))) struct BackPressureTests {
  /// Counts what asks the socket for more.
  private final class ReadCounter: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer

    var count = 0

    func read(context: ChannelHandlerContext) {
      count += 1
      context.read()
    }
  }

  private let channel = NIOAsyncTestingChannel()
  private let counter: NIOLoopBound<ReadCounter>

  init() async throws {
    let channel = channel
    counter = try await channel.testingEventLoop.executeInContext {
      let counter = ReadCounter()
      let ready = channel.eventLoop.makePromise(of: Void.self)
      try channel.pipeline.syncOperations.addHandlers(
        counter, ReplyReceiver(isEncrypted: false, ready: ready))
      return NIOLoopBound(counter, eventLoop: channel.eventLoop)
    }
    try await channel.connect(to: try SocketAddress(unixDomainSocketPath: "/s"))
  }

  /// How often the socket was asked for more.
  private func reads() async throws -> Int {
    let counter = counter
    return try await channel.testingEventLoop.executeInContext { counter.value.count }
  }

  private func event(_ seq: UInt64) async throws {
    let line = try EventRecord(seq: seq, ts: 0, type: "stdout", pid: nil, data: [:]).line()
    try await channel.writeInbound(LineDecoder.InboundOut.line(ByteBuffer(bytes: line)))
  }

  /// Asks for more, as the channel does after each of its reads.
  private func read() async throws {
    let channel = channel
    try await channel.testingEventLoop.executeInContext { channel.read() }
  }

  @Test("64 events that nobody takes stop the reading; it goes on when fewer than 16 are left")
  func watermarks() async throws {
    let (source, lines) = EventSource.make(on: channel)
    try await channel.triggerUserOutboundEvent(ConnectionOrder.deliver(source))
    for seq in 1...63 { try await event(UInt64(seq)) }
    try await read()
    #expect(try await reads() == 1)
    try await event(64)
    try await read()
    #expect(try await reads() == 1)
    let iterator = lines.makeAsyncIterator()
    for _ in 1...48 { _ = try await iterator.next() }
    #expect(try await reads() == 1)
    _ = try await iterator.next()
    #expect(try await reads() == 2)
    _ = try await channel.finish(acceptAlreadyClosed: true)
  }

  @Test("a reader that leaves lets the reading go on")
  func leaving() async throws {
    do {
      let (source, _) = EventSource.make(on: channel)
      try await channel.triggerUserOutboundEvent(ConnectionOrder.deliver(source))
    }
    for seq in 1...100 { try await event(UInt64(seq)) }
    try await read()
    #expect(try await reads() == 1)
    _ = try await channel.finish(acceptAlreadyClosed: true)
  }

  @Test("a session is kept alive three times a heartbeat, and its answers are nobody's")
  func heartbeat() async throws {
    let line = ByteBuffer(string: "beat\n")
    try await channel.triggerUserOutboundEvent(ConnectionOrder.beat(line: line, interval: .seconds(10)))
    await channel.testingEventLoop.advanceTime(by: .seconds(9))
    #expect(try await channel.readOutbound(as: ByteBuffer.self) == nil)
    await channel.testingEventLoop.advanceTime(by: .seconds(21))
    for _ in 0..<3 { #expect(try await channel.readOutbound(as: ByteBuffer.self) == line) }
    let reply = channel.eventLoop.makePromise(of: ByteBuffer.self)
    try await channel.writeOutbound(OutgoingRequest(line: ByteBuffer(string: "ask\n"), reply: reply))
    for text in [
      #"{"status":"ok"}"#, #"{"status":"error","error":"x"}"#, #"{"status":"ok"}"#, #"{"status":"ok","n":1}"#,
    ] {
      try await channel.writeInbound(LineDecoder.InboundOut.line(ByteBuffer(string: text)))
    }
    #expect(try await reply.futureResult.get() == ByteBuffer(string: #"{"status":"ok","n":1}"#))
    _ = try await channel.finish(acceptAlreadyClosed: true)
  }
}
