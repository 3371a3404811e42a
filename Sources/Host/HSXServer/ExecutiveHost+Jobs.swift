import HSXHAL
import HSXProtocol

/// Requests that are not answered at once.
extension ExecutiveHost {
  /// Whether a step is under way.
  var hasSteppingJob: Bool {
    waiting.values.contains { connection in
      if case .step = connection.job?.work { true } else { false }
    }
  }

  /// Whether somebody waits for a message.
  var hasReceivingJob: Bool {
    waiting.values.contains { connection in
      if case .receive = connection.job?.work { true } else { false }
    }
  }

  /// When the first job is given up.
  var nextJobDeadline: Instant? {
    waiting.values.lazy.compactMap { connection in
      if case .receive(let job) = connection.job?.work { job.deadline } else { nil }
    }.min()
  }

  /// Lets each job do what it can now, and answers those that are done.
  func progressJobs(_ now: Instant) {
    // First come, first served: who waits for the same message gets it in the order of connecting.
    let waiting = waiting.values.sorted { $0.id.number < $1.id.number }
    // A tick has one slice for all who step, which they get in turn, or many of them would hold up everybody else.
    let stepping = waiting.filter { if case .step = $0.job?.work { true } else { false } }.map(\.id.number)
    let turn = stepping.first { $0 > lastStepping } ?? stepping.first
    for connection in waiting {
      guard let job = connection.job else { continue }
      switch job.work {
      case .step(var step):
        guard connection.id.number == turn else { continue }
        lastStepping = connection.id.number
        let result = progress(&step, now: now)
        connection.job?.work = .step(step)
        if let result { settle(connection, job, result) }
      case .receive(let receive):
        if let result = progress(receive, now: now) { settle(connection, job, result) }
      }
    }
  }

  private func settle(
    _ connection: Connection, _ job: Job, _ result: Result<some Codable & Sendable, Refusal>
  ) {
    switch result {
    case .success(let answer):
      connection.write(Self.line(Reply(id: job.id, answer)))
      countAnswer(job.command, .ok, since: job.began)
    case .failure(let refusal):
      refuse(refusal, job.id, on: connection)
      countAnswer(job.command, .refused, since: job.began)
    }
    resume(connection)
  }

  /// Gives up what a connection waited for.
  func dropJob(of connection: Connection) {
    connection.job = nil
    connection.backlog.removeAll()
    waiting.removeValue(forKey: connection.id)
  }
}
