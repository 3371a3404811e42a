import Foundation
import HSXClient
import HSXProtocol
import Testing

@Suite(.timeLimit(.minutes(1))) struct ConnectionTests {
  private func failure<Answer: Decodable & Sendable>(
    _ pending: PendingAnswer<Answer>
  ) async -> ClientError? {
    do throws(ClientError) {
      _ = try await pending.answer
      return nil
    } catch {
      return error
    }
  }

  private func value(_ number: Int) -> ProtocolCommand {
    var request = ValueRequest()
    request.object = "\(number)"
    return .valueGet(request)
  }

  @Test("requests in flight together are answered in their order", arguments: [true, false])
  func pipelining(unix: Bool) async throws {
    let server = try await LineServer.start(unix: unix) { _, _, request in
      guard case .command(.valueGet(let get)) = request.body else { return [.close] }
      return [.line(#"{"status":"ok","reply":"\#(get.object ?? "")"}"#)]
    }
    let connection = try await Connection.connect(to: server.endpoint)
    let pending = (0..<200).map { connection.send(value($0), as: PongAnswer.self) }
    for (number, answer) in pending.enumerated() { #expect(try await answer.answer.reply == "\(number)") }
    await connection.close()
    #expect(try await server.stop().count == 200)
  }

  @Test("a refusal is told with code, reason and detail, and the connection goes on")
  func refusal() async throws {
    let refused = Refusal(code: "ESRCH", reason: "unknown_pid", detail: "No task 9.", error: "unknown_pid:9")
    let server = try await LineServer.start { _, number, _ in
      [number == 0 ? try .refusal(refused) : try .answer(PongAnswer(reply: "pong"))]
    }
    let connection = try await Connection.connect(to: server.endpoint)
    #expect(await failure(connection.send(.ps, as: TasksAnswer.self)) == .refused(refused))
    #expect(try await connection.call(.ping, as: PongAnswer.self).reply == "pong")
    await connection.close()
    _ = try await server.stop()
  }

  @Test("each request that waits is told when the connection ends, and so is each one after")
  func closing() async throws {
    let server = try await LineServer.start { _, number, _ in
      number == 0 ? [try .answer(PongAnswer(reply: "pong"))] : [.close]
    }
    let connection = try await Connection.connect(to: server.endpoint)
    let pending = (0..<3).map { _ in connection.send(.ping, as: PongAnswer.self) }
    #expect(try await pending[0].answer.reply == "pong")
    for late in pending[1...] { #expect(await failure(late)?.isLostConnection == true) }
    #expect(await failure(connection.send(.ping, as: PongAnswer.self))?.isLostConnection == true)
    await connection.close()
    _ = try await server.stop()
  }

  @Test("what a server says before it closes is why nothing is answered")
  func farewell() async throws {
    let full = Refusal(code: "ENOSPC", reason: "connections_exceeded", detail: "Full.")
    let server = try await LineServer.start(greeting: [try .refusal(full), .close]) { _, _, _ in [] }
    do throws(ClientError) {
      let connection = try await Connection.connect(to: server.endpoint)
      let error = await failure(connection.send(.ping, as: PongAnswer.self))
      // A request that comes after the end finds no more than a closed connection.
      #expect(error == .refused(full) || error?.isLostConnection == true)
      await connection.close()
    } catch {
      #expect(error == .refused(full))
    }
    _ = try await server.stop()
  }

  @Test("nobody there is told with the place and the system's words")
  func nobody() async throws {
    let missing = Endpoint.unix(path: "/nonexistent/hsxd.sock")
    do throws(ClientError) {
      _ = try await Connection.connect(to: missing)
      Issue.record("something answered")
    } catch {
      #expect(error == .unreachable(missing, cause: "No such file or directory"))
    }
  }

  @Test("an answer that does not come in time is not waited for")
  func timeout() async throws {
    let server = try await LineServer.start { _, _, _ in [] }
    let connection = try await Connection.connect(to: server.endpoint)
    let pending = connection.send(.ping, as: PongAnswer.self, timeout: .milliseconds(1))
    #expect(await failure(pending) == .timedOut)
    await connection.close()
    _ = try await server.stop()
  }

  @Test("a task that is cancelled waits no more")
  func cancellation() async throws {
    let server = try await LineServer.start { _, _, _ in [] }
    let connection = try await Connection.connect(to: server.endpoint)
    let waiting = Task { await failure(connection.send(.ping, as: PongAnswer.self)) }
    waiting.cancel()
    #expect(await waiting.value == .cancelled)
    await connection.close()
    _ = try await server.stop()
  }

  @Test("more requests than may wait are refused here, and not sent")
  func overload() async throws {
    let server = try await LineServer.start { _, _, _ in [] }
    let connection = try await Connection.connect(to: server.endpoint)
    let pending = (0..<1025).map { _ in connection.send(.ping, as: PongAnswer.self) }
    #expect(await failure(pending[1024]) == .overloaded(limit: 1024))
    await connection.close()
    #expect(await failure(pending[0])?.isLostConnection == true)
    _ = try await server.stop()
  }

  @Test(
    "what is no reply ends the connection, or the call",
    arguments: ["nonsense", "[]", #"{"status":"ok"}"#, #"{"status":"ok","reply":7}"#])
  func unreadable(line: String) async throws {
    let server = try await LineServer.start { _, _, _ in [.line(line)] }
    let connection = try await Connection.connect(to: server.endpoint)
    let error = await failure(connection.send(.ping, as: PongAnswer.self))
    guard case .unreadable = error else {
      Issue.record("\(line) gave \(String(describing: error))")
      return
    }
    await connection.close()
    _ = try await server.stop()
  }

  @Test("requests are made in the session that was opened, or taken over")
  func sessions() async throws {
    let session = SessionRecord(
      id: "s1", client: "test", heartbeat: 30, features: [], maximumEvents: 256, lock: nil, locks: [],
      role: "admin", created: 0, lastSeen: 0, age: 0, warnings: [])
    let server = try await LineServer.start { _, _, request in
      guard case .command(.sessionOpen) = request.body else {
        return [try .answer(PongAnswer(reply: "pong"))]
      }
      return [try .answer(SessionAnswer(session: session))]
    }
    var request = OpenRequest()
    request.token = "secret"
    let first = try await Connection.connect(to: server.endpoint).openingSession(request)
    _ = try await first.call(.ping, as: PongAnswer.self)
    let second = try await Connection.connect(to: server.endpoint).joining(session)
    _ = try await second.call(.ping, as: PongAnswer.self)
    await first.close()
    await second.close()
    #expect(try await server.stop().map(\.request.session) == [nil, "s1", "s1"])
  }
}
