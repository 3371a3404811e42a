import HSXExecutive
import HSXHAL
import HSXProtocol
import HSXProvisioning
import HSXTranslation
import NIOCore

/// The end of the daemon, whoever asks for it.
extension ExecutiveHost {
  func restart(_ request: RestartRequest) -> RestartAnswer {
    beginEnding(.restart)
    return RestartAnswer(restart: RestartRecord(targets: request.targets?.names ?? ["executive"]))
  }

  func shutDown() -> RestartAnswer {
    beginEnding(.stop)
    return RestartAnswer(restart: RestartRecord(targets: []))
  }

  /// Lets the reply go out first.
  private func beginEnding(_ ending: Ending) {
    requestedEnding = ending
    eventLoop.execute { [endings] in endings.yield(ending) }
  }

  /// Stops for good: nothing runs any more, what is to be stored is stored, clients are told.
  public func stop() {
    guard ending == nil else { return }
    clock.isRunning = false
    do throws(ProvisioningError) {
      try executive.stop(now: now)
    } catch {
      log.error("not everything could be stored", ["reason": error.reasonWord, "detail": error.detail])
    }
    for connection in connections.values {
      deliver(to: connection)
      connection.write(farewell)
      connection.close(patience: .seconds(1))
    }
    ending = requestedEnding ?? .stop
    disarm()
    endings.finish()
    log.info("stopped")
  }

  /// Waits, after `stop`, until all clients have taken what was said to them; those that do not read, for `limit`.
  func drain(within limit: TimeAmount) async {
    guard !connections.isEmpty else { return }
    let promise = eventLoop.makePromise(of: Void.self)
    drained = promise
    let timer = eventLoop.scheduleTask(in: limit) { self.assumeIsolated { $0.settleDraining() } }
    try? await promise.futureResult.get()
    timer.cancel()
    for connection in connections.values { connection.channel.close(promise: nil) }
  }

  /// How it has ended; nil while it has not.
  public var lastEnding: Ending? { ending }

  func settleDraining() {
    drained?.succeed()
    drained = nil
  }

  /// A last line for every client, so that it knows that nothing has broken.
  private var farewell: ByteBuffer {
    Self.line(
      EventRecord(
        seq: executive.events.nextSequence - 1, ts: timestamp(now), type: "warning", pid: nil,
        data: [
          "category": .string("daemon"), "reason": .string("shutting_down"),
          "message": .string("The daemon stops."),
        ]))
  }
}
