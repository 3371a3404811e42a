import HSXHAL
import Foundation
import HSXHAL
import HSXProtocol
import HSXProvisioning
import HSXTranslation
import NIOCore
import NIOFoundationCompat

/// From a line to its reply.
extension ExecutiveHost {
  /// Takes what a connection has sent, in its order.
  func receive(_ input: LineDecoder.InboundOut, from id: ConnectionID) {
    guard let connection = connections[id], !connection.isClosing else { return }
    connection.backlog.append(input)
  }

  /// Answers what has come on a connection, for a millisecond at most and while it takes the replies: so one that sends
  /// without end or reads nothing costs the others no more than a slice, and no more memory than what it has sent.
  func work(_ connection: Connection) {
    let end = Instant(microseconds: now.microseconds + 1_000)
    while connection.job == nil, !connection.isClosing, connection.channel.isWritable,
      let input = connection.backlog.popFirst()
    {
      answer(input, on: connection)
      guard now < end else { break }
    }
    connection.flush()
    let isOver = connection.backlog.isEmpty && connection.job == nil && connection.channel.isWritable
    connection.setReading(isOver)
    guard !isOver, connection.job == nil, connection.channel.isWritable, !connection.isScheduled else {
      return
    }
    connection.isScheduled = true
    let id = connection.id
    _ = eventLoop.scheduleTask(in: .microseconds(30)) {
      self.assumeIsolated { host in
        host.connections[id]?.isScheduled = false
        host.receiveComplete(from: id)
      }
    }
  }

  /// Sends the replies of all that has come in one go.
  func receiveComplete(from id: ConnectionID) {
    guard let connection = connections[id] else { return }
    work(connection)
    applyStdioDefaults()
    countEvents(hadTransfers: true)
    // What was asked may have sent the very message that somebody waits for.
    if hasReceivingJob { scheduleTick() }
    scheduleDelivery()
    arm()
  }

  /// Sends what was answered late, and goes on with what came meanwhile.
  func resume(_ connection: Connection) {
    connection.job = nil
    waiting.removeValue(forKey: connection.id)
    work(connection)
  }

  private func answer(_ input: LineDecoder.InboundOut, on connection: Connection) {
    switch input {
    case .tooLong: refuseLine(.tooLong(limit: LineDecoder.limit), nil, on: connection)
    case .line(let line):
      guard line.readableBytes > 0 else { return }
      guard !LineDecoder.isTooDeep(line.readableBytesUInt8Span) else {
        return refuseLine(.tooDeep(limit: LineDecoder.depthLimit), nil, on: connection)
      }
      answer(line, on: connection)
    }
  }

  private func answer(_ line: ByteBuffer, on connection: Connection) {
    let began = now
    let request: Request
    do {
      let data = line.getData(
        at: line.readerIndex, length: line.readableBytes, byteTransferStrategy: .noCopy)
      request = try Self.decoder.decode(Request.self, from: data ?? Data())
    } catch let error as IdentifiedRequestError {
      return refuseLine(error.error, error.id, on: connection)
    } catch {
      return refuseLine(.notJSON, nil, on: connection)
    }
    do throws(Refusal) {
      switch try outcome(of: request, on: connection) {
      case .line(let reply):
        connection.write(reply)
        countAnswer(request.commandName, .ok, since: began)
      case .job(let work):
        connection.job = Job(id: request.id, command: request.commandName, began: began, work: work)
        waiting[connection.id] = connection
        connection.setReading(false)
        scheduleTick()
      }
    } catch {
      refuse(error, request.id, on: connection)
      countAnswer(request.commandName, .refused, since: began)
    }
  }

  func refuse(_ refusal: Refusal, _ id: JSONTree?, on connection: Connection) {
    var refusal = refusal
    refusal.id = id
    connection.write(Self.line(refusal))
  }

  /// Refuses what is no request. A peer that goes on sending such lines is no client of ours.
  private func refuseLine(_ error: RequestError, _ id: JSONTree?, on connection: Connection) {
    refuse(Refusal(error), id, on: connection)
    countAnswer(nil, .refused, since: now)
    guard error.isSenseless else { return }
    connection.senselessLines += 1
    if connection.senselessLines >= 2 { connection.close() }
  }

  // MARK: JSON

  static let decoder = JSONDecoder()

  static let encoder: JSONEncoder = {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.withoutEscapingSlashes]
    return encoder
  }()

  /// A line with its newline.
  static func line(_ value: some Encodable) -> ByteBuffer {
    do {
      var line = ByteBuffer(data: try encoder.encode(value))
      line.writeInteger(UInt8(ascii: "\n"))
      return line
    } catch {
      // Every number that is encoded is finite, so this cannot happen; a client would rather hear of it than wait.
      return ByteBuffer(string: #"{"version":1,"status":"error","error":"internal","code":"EIO"}"# + "\n")
    }
  }
}

extension Request {
  /// Its command; nil if there is none of that name.
  fileprivate var commandName: CommandName? {
    if case .command(let command) = body { command.name } else { nil }
  }
}

extension RequestError {
  /// Whether the line is no request at all.
  fileprivate var isSenseless: Bool {
    switch self {
    case .notJSON, .tooLong, .tooDeep: true
    case .unsupportedVersion, .missingField, .invalidField: false
    }
  }
}
