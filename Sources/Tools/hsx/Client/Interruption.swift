import ArgumentParser
import Foundation

/// Does something until it is done or the user has enough of it (SIGINT) or ends it (SIGTERM).
///
/// What is under way is cancelled, and waited for; a second signal ends the process at once.
///
/// - Returns: what it came to; nil if it was interrupted.
func untilInterrupted<Result: Sendable>(
  _ body: @escaping @Sendable () async throws -> Result
) async throws -> Result? {
  let (signals, continuation) = AsyncStream.makeStream(of: Int32.self)
  let sources = [SIGINT, SIGTERM].map { number in
    signal(number, SIG_IGN)
    let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
    source.setEventHandler {
      if case .terminated = continuation.yield(number) { exit(interrupted.rawValue) }
    }
    source.resume()
    return source
  }
  defer {
    for source in sources { source.cancel() }
    signal(SIGINT, SIG_DFL)
    signal(SIGTERM, SIG_DFL)
  }
  return try await withThrowingTaskGroup(of: Result?.self) { group in
    group.addTask { try await body() }
    group.addTask {
      for await _ in signals { break }
      continuation.finish()
      return nil
    }
    guard let first = try await group.next() else { return nil }
    group.cancelAll()
    // What was interrupted ends with an error that says no more than that.
    while (await group.nextResult()) != nil {}
    return first
  }
}
