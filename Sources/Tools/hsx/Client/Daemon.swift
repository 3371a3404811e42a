import HSXClient
import HSXProtocol
import HSXTranslation

/// The daemon that a command talks to.
struct Daemon: Sendable {
  let connection: Connection

  /// Asks it.
  ///
  /// - Parameter what: what is being done, or to what, as a failure tells it.
  func ask<Answer: Decodable & Sendable>(
    _ command: ProtocolCommand, as type: Answer.Type, about what: String
  ) async throws -> Answer {
    do throws(ClientError) {
      return try await connection.call(command, as: type)
    } catch {
      throw Failure(what, error)
    }
  }

  /// Subscribes to events on this connection.
  func subscribe(_ filters: EventFilters) async throws -> EventStream {
    var request = SubscribeRequest()
    request.filters = filters
    do throws(ClientError) {
      return try await connection.subscribe(request)
    } catch {
      throw Failure("events", error)
    }
  }

  /// Closes the session and the connection. What is wrong with either does not matter any more.
  func leave() async {
    if connection.session != nil {
      _ = try? await connection.call(.sessionClose, as: SessionAnswer.self, timeout: .seconds(1))
    }
    await connection.close()
  }

  /// All tasks.
  func tasks() async throws -> [TaskRecord] {
    try await ask(.ps, as: TasksAnswer.self, about: "ps").tasks.tasks
  }

  /// The pid of a task that is named by its number or its name.
  func pid(of task: String) async throws -> UInt32 {
    if let pid = integer(task, as: UInt32.self) { return pid }
    let all = try await tasks()
    if let found = all.first(where: { $0.appName == task }) { return found.pid }
    var failure = Failure(task, .unknownTask, why: "No task has that name.")
    let near = all.map(\.appName).filter { $0.lowercased().contains(task.lowercased()) }
    if !near.isEmpty { failure.remedy = "Perhaps \(near.prefix(3).joined(separator: ", ")) is meant." }
    throw failure
  }

  /// A task, by its number or its name.
  func task(_ task: String) async throws -> TaskRecord {
    let pid = try await pid(of: task)
    guard let found = try await tasks().first(where: { $0.pid == pid }) else {
      throw Failure(task, .unknownTask, why: "No task has the pid \(pid).")
    }
    return found
  }
}

/// The number of a text: decimal or `0x…`; nil if it is anything else.
func integer<Number: FixedWidthInteger>(_ text: String, as type: Number.Type) -> Number? {
  let isHexadecimal = text.hasPrefix("0x") || text.hasPrefix("0X")
  let digits = isHexadecimal ? text.dropFirst(2) : Substring(text)
  guard let first = digits.first, first != "+", first != "-" else { return nil }
  return Number(digits, radix: isHexadecimal ? 16 : 10)
}
