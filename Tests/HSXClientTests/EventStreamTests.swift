import HSXClient
import HSXProtocol
import Testing

@Suite(.timeLimit(.minutes(1))) struct EventStreamTests {
  private static let subscription = SubscribeAnswer(
    events: SubscriptionRecord(
      token: "t", maximum: 4, retention: 0, cursor: 1, pending: 0, highWater: 0, drops: 0))

  @Test("events come in order, none lost, however slowly they are taken, and answers come between them")
  func order() async throws {
    let server = try await LineServer.start { _, number, _ in
      if number > 0 { return [try .event(2000), try .answer(PongAnswer(reply: "pong"))] }
      return [try .answer(Self.subscription)] + (try (1...1000).map { try .event($0) })
    }
    let connection = try await Connection.connect(to: server.endpoint)
    let stream = try await connection.subscribe(SubscribeRequest())
    // Sent while nothing is taken: it is answered once the events before its answer have been.
    let pong = connection.send(.ping, as: PongAnswer.self)
    var seen: [UInt64] = []
    for try await event in stream {
      seen.append(event.seq)
      if event.seq == 2000 { break }
    }
    #expect(seen == Array(1...1000) + [2000])
    #expect(try await pong.answer.reply == "pong")
    await connection.close()
    _ = try await server.stop()
  }

  @Test("a second subscription takes the place of the first, whose end is not an error")
  func replacing() async throws {
    let server = try await LineServer.start { _, number, _ in
      [try .answer(Self.subscription), try .event(UInt64(number) + 1)]
    }
    let connection = try await Connection.connect(to: server.endpoint)
    var first = try await connection.subscribe(SubscribeRequest()).makeAsyncIterator()
    #expect(try await first.next()?.seq == 1)
    var second = try await connection.subscribe(SubscribeRequest()).makeAsyncIterator()
    #expect(try await first.next() == nil)
    #expect(try await second.next()?.seq == 2)
    await connection.close()
    _ = try await server.stop()
  }

  @Test("events that nobody takes any more do not stop answers")
  func abandoned() async throws {
    let server = try await LineServer.start { _, number, _ in
      number == 0
        ? [try .answer(Self.subscription)] + (try (1...1000).map { try .event($0) })
        : [try .answer(PongAnswer(reply: "pong"))]
    }
    let connection = try await Connection.connect(to: server.endpoint)
    do { _ = try await connection.subscribe(SubscribeRequest()) }
    #expect(try await connection.call(.ping, as: PongAnswer.self).reply == "pong")
    await connection.close()
    _ = try await server.stop()
  }

  @Test("a connection that the server ends ends the events with an error, after those that came")
  func ended() async throws {
    let server = try await LineServer.start { _, _, _ in
      [try .answer(Self.subscription), try .event(1), .close]
    }
    let connection = try await Connection.connect(to: server.endpoint)
    var iterator = try await connection.subscribe(SubscribeRequest()).makeAsyncIterator()
    #expect(try await iterator.next()?.seq == 1)
    do throws(ClientError) {
      _ = try await iterator.next()
      Issue.record("it went on")
    } catch {
      #expect(error.isLostConnection)
    }
    _ = try await server.stop()
  }

  @Test("a refused subscription is told")
  func refused() async throws {
    let refusal = Refusal(code: "ESRCH", reason: "seq_evicted", detail: "Gone.")
    let server = try await LineServer.start { _, _, _ in [try .refusal(refusal)] }
    let connection = try await Connection.connect(to: server.endpoint)
    do throws(ClientError) {
      _ = try await connection.subscribe(SubscribeRequest())
      Issue.record("it was taken")
    } catch {
      #expect(error == .refused(refusal))
    }
    await connection.close()
    _ = try await server.stop()
  }

  @Test("events are acknowledged as they are taken, before half as many as may be outstanding are left")
  func acknowledgement() async throws {
    let server = try await LineServer.start { _, number, _ in
      number == 0
        ? [try .answer(Self.subscription)] + (try (1...4).map { try .event($0) })
        : [
          try .answer(
            AcknowledgeAnswer(
              events: BacklogRecord(pending: 0, highWater: 0, drops: 0, lastAcknowledged: 0))),
          try .event(UInt64(number) + 4),
        ]
    }
    var request = SubscribeRequest()
    request.acknowledges = true
    let connection = try await Connection.connect(to: server.endpoint)
    var iterator = try await connection.subscribe(request).makeAsyncIterator()
    for expected in 1...6 { #expect(try await iterator.next()?.seq == UInt64(expected)) }
    await connection.close()
    let acknowledged = try await server.stop().compactMap { received -> UInt64? in
      if case .command(.eventsAcknowledge(let request)) = received.request.body {
        request.sequence
      } else {
        nil
      }
    }
    #expect(acknowledged.starts(with: [2, 4]))
  }
}
