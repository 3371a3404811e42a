import HSXProtocol
import HXE

// What is done after a lost connection, or by another process.
extension ImageUpload {
  /// Connects again and takes over what the daemon says. The outcome, if it is over already.
  func goOn(after cause: ClientError) async throws(ClientError) -> Outcome? {
    guard let ticket else { throw cause }
    let clock = ContinuousClock()
    let deadline = clock.now.advanced(
      by: .milliseconds(Int64(request.writeTimeout ?? Self.standardTimeout)))
    var pause = Duration.milliseconds(50)
    progress.reconnections += 1
    while true {
      do throws(ClientError) {
        let connection = try await open(ticket.session)
        let status = try await status(on: connection)
        if let outcome = try conclude(status, ticket) { return outcome }
        guard take(status) else { throw .unreadable("a transfer with other bytes than were sent") }
        return nil
      } catch {
        guard error.isLostConnection, clock.now < deadline else { throw error }
      }
      do {
        try await Task.sleep(for: pause)
      } catch {
        throw .cancelled
      }
      pause = min(pause * 2, .milliseconds(800))
    }
  }

  func status(on connection: Connection) async throws(ClientError) -> TransferRecord {
    var selector = TransferSelector()
    selector.handle = ticket?.handle
    let answer = try await connection.call(.provisionStatus(selector), as: StatusAnswer.self)
    guard case .one(let status) = answer else { throw .unreadable("a list where one transfer belongs") }
    return status
  }

  /// What came of a transfer whose end was asked for when the connection was lost; nil if it was not.
  private func conclude(
    _ status: TransferRecord, _ ticket: Ticket
  ) throws(ClientError) -> Outcome? {
    switch status.state {
    case "LOADING": return nil
    case "READY", "SEALED":
      progress.bytesWritten = image.count
      return Outcome(pid: status.pid, image: nil, progress: progress)
    default:
      guard let error = status.lastError else {
        throw .refused(
          Refusal(
            code: "EBUSY", reason: "wrong_state", detail: "The transfer is in the state \(status.state)."))
      }
      throw .refused(
        Refusal(code: error.code, reason: error.reason, detail: error.detail, offset: error.offset))
    }
  }

  /// Takes over how a transfer stands, if its bytes are the first ones of this image.
  func take(_ status: TransferRecord) -> Bool {
    let count = Int(status.bytesWritten)
    guard count <= image.count, status.totalBytes.map({ Int($0) == image.count }) ?? true else {
      return false
    }
    let first = [UInt8](image[..<count])
    guard CRC32.checksum(first.span, .fast) == status.crc32 else { return false }
    nextSequence = status.nextSequence
    progress.bytesWritten = count
    return true
  }
}
