import ArgumentParser
import Foundation
import HSXClient
import HSXProtocol
import HSXTranslation

struct EventsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "events", abstract: "Show what happens, or what happened lately.",
    discussion: """
      Without --follow it shows the events that the daemon still keeps, and ends. With it, those that happen from now on, or \
      from --since on, until it is interrupted. A category is a type (value_changed) or a family (value, mailbox, \
      provisioning, task, scheduler, cmd, stdout, warning); switches between tasks come only if asked for.

      EXAMPLES
        hsx events
        hsx events --follow --category value --pid thermostat
        hsx events --since 120 --category provisioning --json
      """)

  @Option(help: "Only events of that type or family; may be given several times.")
  var category: [String] = []

  @Option(help: "From the event of that number on.")
  var since: UInt64?

  @Option(help: "Only events of that task (pid or name).", completion: .tasks)
  var pid: String?

  @Flag(name: .shortAndLong, help: "Go on with what happens.")
  var follow = false

  @OptionGroup(title: "Connection") var client: ClientOptions

  @Flag(help: "Each event as a line of JSON.")
  var json = false

  func run() async throws {
    try await reportingFailure {
      let done: Bool? = try await untilInterrupted {
        try await client.withDaemon(events: true) { daemon in try await show(daemon) }
        return true
      }
      if done == nil { throw interrupted }
    }
  }

  private func show(_ daemon: Daemon) async throws {
    var filters = EventFilters()
    if !category.isEmpty { filters.categories = category }
    if let pid { filters.pid = try await daemon.pid(of: pid) }
    if follow {
      filters.since = since
      return try await show(try await daemon.subscribe(filters), until: nil)
    }
    // Where the events end that there are by now; those that come meanwhile are not waited for.
    let end = try await daemon.subscribe(filters).subscription.cursor
    let stream = try await daemon.oldEvents(filters, since: since)
    if stream.subscription.pending > 0 { try await show(stream, until: (end, stream.subscription.pending)) }
  }

  private func show(_ stream: EventStream, until end: (sequence: UInt64, count: UInt32)?) async throws {
    let screen = Screen.standardOutput
    var count: UInt32 = 0
    var iterator = stream.makeAsyncIterator()
    while let event = try await nextEvent(&iterator) {
      // What the daemon says of the subscription itself is no event of the past.
      if end != nil, event.data["category"] == .string("events") { continue }
      if let end, event.seq >= end.sequence { return }
      if json {
        try write([UInt8](try event.line()) + [UInt8(ascii: "\n")], to: .standardOutput)
      } else {
        try printLine(event.line(on: screen))
      }
      count += 1
      if let end, count >= end.count { return }
    }
  }
}

extension Daemon {
  /// Events from a number on; from the oldest that is kept if none is told.
  func oldEvents(_ filters: EventFilters, since: UInt64?) async throws -> EventStream {
    var filters = filters
    filters.since = since ?? 0
    do {
      return try await subscribe(filters)
    } catch let failure as Failure where failure.reason == "seq_evicted" && since == nil {
      guard let oldest = failure.about.flatMap({ UInt64($0) }) else { throw failure }
      filters.since = oldest
      return try await subscribe(filters)
    }
  }
}

/// The next event of a subscription; a `Failure` says why there is none any more.
func nextEvent(_ iterator: inout EventStream.Iterator) async throws -> EventRecord? {
  do throws(ClientError) {
    return try await iterator.next()
  } catch {
    if case .closed(nil) = error {
      throw Failure("events", .connectionLost, why: "The daemon ended the subscription")
    }
    throw Failure("events", error)
  }
}
