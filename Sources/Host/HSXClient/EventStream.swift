import Foundation
public import HSXProtocol
import NIOCore

extension Connection {
  /// Subscribes to events. They come in order as the sequence is iterated.
  ///
  /// While nobody takes them nothing more is read from this connection, so that memory is bounded; answers wait behind
  /// them. Give a subscription a connection of its own unless its events are taken at once. The daemon gives up on a
  /// subscriber that stays behind, and closes its connection.
  ///
  /// - Throws: `refused`, or why there is no answer.
  public func subscribe(_ request: SubscribeRequest) async throws(ClientError) -> EventStream {
    let (source, lines) = EventSource.make(on: channel)
    channel.triggerUserOutboundEvent(ConnectionOrder.deliver(source), promise: nil)
    do throws(ClientError) {
      let answer = try await call(.eventsSubscribe(request), as: SubscribeAnswer.self)
      return EventStream(
        subscription: answer.events, connection: self, lines: lines,
        acknowledges: request.acknowledges ?? false)
    } catch {
      source.finish(nil)
      throw error
    }
  }

  /// Ends the subscription; the connection goes on.
  public func unsubscribe() async throws(ClientError) {
    _ = try await call(.eventsUnsubscribe(UnsubscribeRequest()), as: UnsubscribeAnswer.self)
  }
}

/// The events of a subscription. It ends when another one replaces it, and with `closed` when the daemon gives it up.
public struct EventStream: AsyncSequence, Sendable {
  /// What it gives.
  public typealias Element = EventRecord
  /// Why it ends before its time.
  public typealias Failure = ClientError

  /// How it began.
  public let subscription: SubscriptionRecord
  let connection: Connection
  let lines: EventSource.Producer
  let acknowledges: Bool

  /// The one iterator that it may have.
  public func makeAsyncIterator() -> Iterator {
    Iterator(
      lines: lines.makeAsyncIterator(), connection: connection,
      batch: acknowledges ? Swift.max(1, UInt64(subscription.maximum) / 2) : 0)
  }

  /// Takes events out, one by one, and acknowledges them if that was agreed.
  public struct Iterator: AsyncIteratorProtocol {
    /// Why it ends before its time.
    public typealias Failure = ClientError

    var lines: EventSource.Producer.AsyncIterator
    let connection: Connection
    /// Events after which they are acknowledged; 0 for never.
    let batch: UInt64
    var taken: UInt64 = 0

    /// The next event; nil when the subscription is over.
    public mutating func next() async throws(ClientError) -> EventRecord? {
      let line: ByteBuffer?
      do {
        line = try await lines.next()
      } catch {
        throw error as? ClientError ?? .closed(cause: ReplyReceiver.sentence(error))
      }
      guard let line else { return nil }
      let event: EventRecord
      do {
        event = try JSONDecoder().decode(EventRecord.self, from: Data(line.readableBytesView))
      } catch {
        throw .unreadable("\(error)")
      }
      acknowledge(event.seq)
      return event
    }

    private mutating func acknowledge(_ sequence: UInt64) {
      guard batch > 0 else { return }
      taken += 1
      guard taken % batch == 0 else { return }
      var request = AcknowledgeRequest()
      request.sequence = sequence
      // Its answer says how the subscription stands, which nobody here needs.
      _ = connection.send(.eventsAcknowledge(request), as: AcknowledgeAnswer.self)
    }
  }
}
