import Foundation
public import HSXProtocol
import NIOCore

/// A connection to a daemon, on which requests are answered in order.
///
/// It can be used from several tasks at once, and a request can be sent before the one ahead of it is answered. It stays
/// open until it is closed.
public struct Connection: Sendable {
  let channel: any Channel
  /// Where it goes.
  public let endpoint: Endpoint
  /// The client session that requests are made in; nil for none.
  public var session: SessionRecord?

  /// Asks, and waits for the answer.
  ///
  /// - Parameter timeout: how long to wait; nil for as long as the connection lasts.
  /// - Throws: `refused` with what the daemon says, or why there is no answer.
  public func call<Answer: Decodable & Sendable>(
    _ command: ProtocolCommand, as type: Answer.Type, timeout: Duration? = nil
  ) async throws(ClientError) -> Answer {
    try await send(command, as: type, timeout: timeout).answer
  }

  /// Asks, and returns at once. Requests sent from one task are carried out in the order in which they were sent.
  public func send<Answer: Decodable & Sendable>(
    _ command: ProtocolCommand, as type: Answer.Type, timeout: Duration? = nil
  ) -> PendingAnswer<Answer> {
    let reply = channel.eventLoop.makePromise(of: ByteBuffer.self)
    guard let line = line(of: command) else {
      reply.fail(ClientError.unreadable("the request has no form in JSON"))
      return PendingAnswer(promise: reply)
    }
    channel.writeAndFlush(OutgoingRequest(line: line, reply: reply)).whenFailure { error in
      reply.fail(error as? ClientError ?? ClientError.closed(cause: nil))
    }
    if let timeout {
      let timer = channel.eventLoop.scheduleTask(in: TimeAmount(timeout)) {
        reply.fail(ClientError.timedOut)
      }
      reply.futureResult.whenComplete { _ in timer.cancel() }
    }
    return PendingAnswer(promise: reply)
  }

  /// Closes it; requests that wait for an answer fail.
  public func close() async {
    // It may be closed already, which is what is wanted.
    try? await channel.close()
  }

  func line(of command: ProtocolCommand) -> ByteBuffer? {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .withoutEscapingSlashes
    guard let data = try? encoder.encode(Request(command, session: session?.id)) else { return nil }
    var line = channel.allocator.buffer(capacity: data.count + 1)
    line.writeBytes(data)
    line.writeInteger(UInt8(ascii: "\n"))
    return line
  }
}

/// The answer of a request that was sent.
public struct PendingAnswer<Answer: Decodable & Sendable>: Sendable {
  let promise: EventLoopPromise<ByteBuffer>

  /// The answer, when it has come.
  ///
  /// - Throws: `refused` with what the daemon says, or why there is no answer.
  public var answer: Answer {
    get async throws(ClientError) {
      let line: ByteBuffer
      do {
        line = try await withTaskCancellationHandler {
          try await promise.futureResult.get()
        } onCancel: {
          promise.fail(ClientError.cancelled)
        }
      } catch {
        throw error as? ClientError ?? .closed(cause: ReplyReceiver.sentence(error))
      }
      let reply: ServerLine<Answer>
      do {
        reply = try JSONDecoder().decode(ServerLine<Answer>.self, from: Data(line.readableBytesView))
      } catch {
        throw .unreadable("\(error)")
      }
      switch reply {
      case .answer(let answer): return answer
      case .refusal(let refusal): throw .refused(refusal)
      case .event: throw .unreadable("an event where an answer belongs")
      }
    }
  }
}
