public import HSXProtocol

/// Sends an image in chunks, and goes on after a lost connection where the daemon has got to.
///
/// Chunks are sent in order, a few of them ahead of their answers. When the connection is lost it is made anew, for as long
/// as the daemon waits for the next chunk; what it has is asked, and only the rest is sent.
public actor ImageUpload {
  /// Makes a connection, in the client session that it is told if there is one.
  public typealias Connect = @Sendable (_ session: SessionRecord?) async throws(ClientError) -> Connection

  /// How far it is.
  public struct Progress: Equatable, Sendable {
    /// Bytes that the daemon has.
    public var bytesWritten: Int
    /// Bytes in all.
    public var totalBytes: Int
    /// Bytes that it had from an earlier transfer.
    public var offset: Int
    /// How often the connection was lost.
    public var reconnections: Int
  }

  /// What names a transfer, for another process to go on with it.
  public struct Ticket: Codable, Equatable, Sendable {
    /// The transfer. Whoever knows it may write to it.
    public var handle: UInt64
    /// The pid that the task will have.
    public var pid: UInt32
    /// The client session that it was begun in.
    public var session: SessionRecord?

    /// The ticket of a transfer.
    public init(handle: UInt64, pid: UInt32, session: SessionRecord? = nil) {
      self.handle = handle
      self.pid = pid
      self.session = session
    }
  }

  /// What came of it.
  public struct Outcome: Equatable, Sendable {
    /// The task's pid.
    public var pid: UInt32
    /// The image; nil if it is sealed and not yet active, or if the answer was lost.
    public var image: ImageRecord?
    /// How far it was, to the end.
    public var progress: Progress
  }

  /// The most chunks whose answers have not come.
  static let window = 4
  /// Milliseconds that the daemon waits for a chunk, if it is not told otherwise.
  static let standardTimeout: UInt32 = 5000

  let image: [UInt8]
  let request: BeginRequest
  private let chunk: Int
  private let connect: Connect
  private var connection: Connection?
  /// What names the transfer; nil before it has begun.
  public private(set) var ticket: Ticket?
  var progress: Progress
  private var chunkLimit = 0
  var nextSequence: UInt32 = 0

  /// An upload that has not begun.
  ///
  /// - Parameters:
  ///   - request: what to say at the start; the length is filled in.
  ///   - chunk: bytes of a chunk; no more than the daemon takes at once.
  ///   - ticket: of a transfer of the same image that was cut short; if it cannot go on, a new one begins.
  public init(
    image: [UInt8], request: BeginRequest, chunk: Int = 32_768, ticket: Ticket? = nil,
    connect: @escaping Connect
  ) {
    self.image = image
    self.request = request
    self.chunk = max(1, chunk)
    self.ticket = ticket
    self.connect = connect
    progress = Progress(bytesWritten: 0, totalBytes: image.count, offset: 0, reconnections: 0)
  }

  /// Sends all of it, and waits until it is proved and loaded.
  ///
  /// - Parameters:
  ///   - onBegin: told what names the transfer, as soon as it has begun.
  ///   - onProgress: told how far it is, after each answer.
  /// - Throws: `refused` with why the daemon does not take it; or `closed` or `unreachable`, when it could not be reached
  ///   again in time. A transfer that ended with neither is left to run out of time, or for `abort`.
  public func run(
    onBegin: @Sendable (Ticket) -> Void = { _ in }, onProgress: @Sendable (Progress) -> Void = { _ in }
  ) async throws(ClientError) -> Outcome {
    try await begin()
    if let ticket { onBegin(ticket) }
    onProgress(progress)
    while true {
      do throws(ClientError) {
        try await sendRest(onProgress)
        return try await end()
      } catch {
        guard error.isLostConnection else { throw error }
        if let outcome = try await goOn(after: error) { return outcome }
        onProgress(progress)
      }
    }
  }

  /// Gives the transfer up; the daemon forgets what it has of it. Nothing happens if it has not begun, or is over.
  public func abort() async {
    guard let ticket, let connection else { return }
    var selector = TransferSelector()
    selector.handle = ticket.handle
    selector.reason = "user"
    // Without an answer the transfer runs out of time, which comes to the same.
    _ = try? await connection.call(.loadAbort(selector), as: AbortAnswer.self, timeout: .seconds(2))
  }

  /// Closes its connection.
  public func close() async {
    await connection?.close()
    connection = nil
  }

  // MARK: The beginning

  private func begin() async throws(ClientError) {
    if let ticket, try await resume(ticket) { return }
    ticket = nil
    let connection = try await open(nil)
    var request = request
    request.totalBytes = UInt32(clamping: image.count)
    let answer = try await connection.call(.loadBegin(request), as: BeginAnswer.self)
    guard Int(answer.offset) <= image.count else { throw .unreadable("an offset behind the image's end") }
    ticket = Ticket(handle: answer.handle, pid: answer.pid, session: connection.session)
    chunkLimit = Int(answer.chunkBytes)
    nextSequence = answer.nextSequence
    progress.offset = Int(answer.offset)
    progress.bytesWritten = Int(answer.offset)
  }

  /// Whether the transfer of a ticket goes on: it waits, and has the first bytes of this image.
  private func resume(_ ticket: Ticket) async throws(ClientError) -> Bool {
    do throws(ClientError) {
      let connection = try await open(ticket.session)
      let status = try await status(on: connection)
      guard status.state == "LOADING", take(status) else { return false }
      progress.offset = progress.bytesWritten
      return true
    } catch {
      // Whatever was refused, a new transfer may be admitted.
      guard error.refusal != nil else { throw error }
      return false
    }
  }

  func open(_ session: SessionRecord?) async throws(ClientError) -> Connection {
    await close()
    let new = try await connect(session)
    connection = new
    return new
  }

  // MARK: The chunks

  private func sendRest(_ onProgress: @Sendable (Progress) -> Void) async throws(ClientError) {
    guard let connection, let ticket else { throw .closed(cause: nil) }
    var pending: [PendingAnswer<WriteAnswer>] = []
    var sent = progress.bytesWritten
    let size = chunkLimit > 0 ? min(chunk, chunkLimit) : chunk
    while sent < image.count || !pending.isEmpty {
      if sent < image.count, pending.count < Self.window {
        let piece = image[sent..<min(sent + size, image.count)]
        var request = WriteRequest()
        request.handle = ticket.handle
        request.sequence = nextSequence
        request.data = Base64.encode(piece)
        pending.append(connection.send(.loadWrite(request), as: WriteAnswer.self))
        sent += piece.count
        nextSequence &+= 1
        continue
      }
      let answer = try await pending.removeFirst().answer
      progress.bytesWritten = min(Int(answer.bytesWritten), image.count)
      onProgress(progress)
    }
  }

  private func end() async throws(ClientError) -> Outcome {
    guard let connection, let ticket else { throw .closed(cause: nil) }
    var selector = TransferSelector()
    selector.handle = ticket.handle
    let answer = try await connection.call(.loadEnd(selector), as: ImageAnswer.self)
    return Outcome(pid: answer.image?.pid ?? ticket.pid, image: answer.image, progress: progress)
  }
}
