import ArgumentParser
import Foundation
import HSXClient
import HSXProtocol
import HSXTranslation

struct ValueWatchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "watch", abstract: "Show values as they change.",
    discussion: """
      First what they are, then each change, until it is interrupted.

      EXAMPLES
        hsx val watch heat:setpoint
        hsx val watch heat:setpoint heat:temperature --count 10
        hsx val watch --json
      """)

  @Argument(help: "The values; all if none is told.", completion: .values)
  var values: [String] = []

  @Option(help: "End after that many changes.")
  var count: UInt64?

  @OptionGroup(title: "Connection") var client: ClientOptions

  @Flag(help: "Each change as a line of JSON, as the event says it.")
  var json = false

  func run() async throws {
    try await reportingFailure {
      let done: Bool? = try await untilInterrupted {
        try await client.withDaemon(events: true) { daemon in try await watch(daemon) }
        return true
      }
      if done == nil { throw interrupted }
    }
  }

  private func watch(_ daemon: Daemon) async throws {
    var filters = EventFilters()
    filters.categories = ["value_changed"]
    // Subscribed to before they are read, so that no change falls in between.
    let stream = try await daemon.subscribe(filters)
    let all = try await daemon.ask(.valueList(ValueRequest()), as: ValuesAnswer.self, about: "val watch")
      .values
    let names = values.map { ($0, ObjectName($0)) }
    for (text, name) in names where !all.contains(where: { $0.is(name) }) {
      throw Failure(text, .unknownValue, why: "There is no such value.")
    }
    let watched = names.isEmpty ? all : all.filter { value in names.contains { value.is($0.1) } }
    if !json {
      for value in watched {
        try printLine("\(printable(value.title)) = \(value.lastValue.text)\(value.suffix)")
      }
    }
    var left = count
    if left == 0 { return }
    var iterator = stream.makeAsyncIterator()
    while let event = try await nextEvent(&iterator) {
      guard event.type == "value_changed", case .integer(let oid)? = event.data["oid"] else { continue }
      let known = watched.first { Int64($0.oid) == oid }
      guard known != nil || names.isEmpty else { continue }
      if json {
        try write([UInt8](try event.line()) + [UInt8(ascii: "\n")], to: .standardOutput)
      } else {
        let title = known.map { printable($0.title) } ?? "\(oid >> 8):\(oid & 0xFF)"
        try printLine("\(title) = \(event.data["new_value"]?.text ?? "")\(known?.suffix ?? "")")
      }
      if let remaining = left {
        left = remaining - 1
        if remaining <= 1 { return }
      }
    }
  }
}

extension ValueRecord {
  /// Its unit behind a blank, if it has one.
  fileprivate var suffix: String { unit.map { " \(printable($0))" } ?? "" }
}
