import HSXExecutive
import HSXHAL
import HSXLinux
import HSXProtocol
import HSXProvisioning
import HSXTranslation
import MiniVM

/// Lets time pass: tasks run in slices, what they ask of the world is carried out, timers run out.
extension ExecutiveHost {
  /// Whether there is work that waits for nothing.
  var isBusy: Bool {
    (clock.isRunning && clock.rate == 0 && executive.hasRunnableTask) || hasSteppingJob
  }

  /// One turn: at most one slice, so that what comes in meanwhile is answered before the next.
  func tick() {
    isTickScheduled = false
    guard ending == nil else { return }
    let now = self.now
    let hadTransfers = !executive.transfers.isEmpty
    expireSessions(now)
    if clock.isRunning { runSlice(now) } else { executive.advance(to: now) }
    progressJobs(now)
    applyStdioDefaults()
    carryOutEffects()
    drainTaps()
    countEvents(hadTransfers: hadTransfers)
    scheduleDelivery()
    arm()
  }

  private func runSlice(_ now: Instant) {
    let budget = clock.budget(now: now)
    guard budget > 0 else { return executive.advance(to: now) }
    do throws(ProvisioningError) {
      let summary = try executive.run(upTo: budget, now: now)
      clock.noteAuto(summary.retired)
      let microseconds = elapsed(since: now)
      clock.adapt(retired: summary.retired, of: budget, microseconds: microseconds)
      metrics.ran(summary.retired, microseconds: microseconds)
    } catch {
      // Only a run of one task throws.
      log.error("run refused", ["reason": error.reasonWord])
    }
  }

  /// Does in the world what tasks have asked for. Frames have no bus yet.
  func carryOutEffects() {
    while let effect = executive.nextEffect() {
      switch effect {
      case .canTransmit: break
      case .uartWrite(let pid, let text): hear(text, from: pid)
      case .closeFiles(let pid): files.close(pid)
      case .file(let pid, let number, let operation):
        let app = try? executive.task(pid).baseName
        let (result, data) = files.perform(operation, for: pid, app: app)
        // The task may have been killed since it asked.
        _ = try? executive.completeFile(pid, number: number, result: result, data: data.span, now: now)
      }
    }
  }
}
