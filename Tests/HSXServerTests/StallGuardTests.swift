import NIOCore
import NIOEmbedded
import NIOTLS
import Testing

@testable import HSXServer

@Suite("Connections that stall")
struct StallGuardTests {
  private func channel(awaitsHandshake: Bool = false) throws -> EmbeddedChannel {
    let channel = EmbeddedChannel(
      handler: StallGuard(patience: .seconds(30), awaitsHandshake: awaitsHandshake))
    try channel.connect(to: SocketAddress(unixDomainSocketPath: "/none")).wait()
    return channel
  }

  private func send(_ text: String, to channel: EmbeddedChannel) throws {
    try channel.writeInbound(ByteBuffer(string: text))
  }

  @Test("A half line is closed after 30 s, however slowly it goes on")
  func halfLine() throws {
    let channel = try channel()
    try send("{\"ver", to: channel)
    for _ in 0..<29 {
      channel.embeddedEventLoop.advanceTime(by: .seconds(1))
      try send("x", to: channel)
    }
    #expect(channel.isActive)
    channel.embeddedEventLoop.advanceTime(by: .seconds(1))
    #expect(!channel.isActive)
  }

  @Test("Whole lines, and silence behind them, are left alone")
  func wholeLines() throws {
    let channel = try channel()
    channel.embeddedEventLoop.advanceTime(by: .hours(1))
    try send("{\"ver", to: channel)
    channel.embeddedEventLoop.advanceTime(by: .seconds(29))
    try send("sion\":1}\n", to: channel)
    channel.embeddedEventLoop.advanceTime(by: .hours(1))
    #expect(channel.isActive)
    _ = try channel.finish()
  }

  @Test("Lines without a pause, cut anywhere, are no half lines; the half at their end is")
  func pipelined() throws {
    let channel = try channel()
    for _ in 0..<100 {
      try send("tail\nhead", to: channel)
      channel.embeddedEventLoop.advanceTime(by: .seconds(1))
    }
    #expect(channel.isActive)
    channel.embeddedEventLoop.advanceTime(by: .seconds(29))
    #expect(!channel.isActive)
  }

  @Test("A handshake that does not come to its end is closed after 30 s, one that does is not")
  func handshake() throws {
    let stuck = try channel(awaitsHandshake: true)
    stuck.embeddedEventLoop.advanceTime(by: .seconds(29))
    #expect(stuck.isActive)
    stuck.embeddedEventLoop.advanceTime(by: .seconds(1))
    #expect(!stuck.isActive)

    let done = try channel(awaitsHandshake: true)
    done.pipeline.fireUserInboundEventTriggered(TLSUserEvent.handshakeCompleted(negotiatedProtocol: nil))
    done.embeddedEventLoop.advanceTime(by: .hours(1))
    #expect(done.isActive)
    _ = try done.finish()
  }
}
