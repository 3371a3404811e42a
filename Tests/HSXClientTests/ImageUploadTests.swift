import Foundation
import HSXClient
import HSXProtocol
import HXE
import Testing

@Suite(.timeLimit(.minutes(1))) struct ImageUploadTests {
  private static let image = (0..<1000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
  private static let begun = BeginAnswer(handle: 77, pid: 5, chunkBytes: 300, nextSequence: 0, offset: 0)
  private static let record = ImageRecord(
    pid: 5, entry: 0, codeLength: 4, rodataLength: 0, bss: 0, version: 2, flags: 0, requiredCapabilities: 0,
    appName: "app", appNameBase: "app", allowsMultipleInstances: false, metadataCount: 0, hasManifest: false,
    metadata: DeclaredRecord(sections: 0, values: 0, commands: 0, mailboxes: 0), source: .null)

  private static func status(_ state: String, bytes: Int, next: UInt32) -> StatusAnswer {
    let first = [UInt8](image[..<bytes])
    return .one(
      TransferRecord(
        handle: 77, pid: 5, state: state, bytesWritten: UInt32(bytes), totalBytes: UInt32(image.count),
        percent: nil, nextSequence: next, crc32: CRC32.checksum(first.span, .fast), stalled: false,
        lastError: nil, source: .null))
  }

  private func upload(
    _ server: LineServer, chunk: Int = 32_768, ticket: ImageUpload.Ticket? = nil, timeout: UInt32 = 5000
  ) -> ImageUpload {
    var request = BeginRequest()
    request.writeTimeout = timeout
    return ImageUpload(
      image: Self.image, request: request, chunk: chunk, ticket: ticket,
      connect: { session throws(ClientError) in
        let connection = try await Connection.connect(to: server.endpoint)
        return session.map { connection.joining($0) } ?? connection
      })
  }

  /// The chunks that came, in order: their numbers and bytes.
  private func chunks(_ received: [LineServer.Received]) -> [(connection: Int, seq: UInt32, bytes: [UInt8])] {
    received.compactMap { one in
      guard case .command(.loadWrite(let write)) = one.request.body, write.handle == 77,
        let data = write.data.flatMap({ Data(base64Encoded: $0) })
      else { return nil }
      return (one.connection, write.sequence ?? .max, [UInt8](data))
    }
  }

  /// Answers a chunk as a daemon does that takes chunks of 300 bytes in order.
  private static func written(_ request: WriteRequest) throws -> LineServer.Action {
    let next = (request.sequence ?? 0) + 1
    return try .answer(WriteAnswer(nextSequence: next, bytesWritten: min(next * 300, 1000)))
  }

  @Test("the bytes are sent in order, in chunks no larger than the daemon takes")
  func whole() async throws {
    let server = try await LineServer.start { _, _, request in
      switch request.body {
      case .command(.loadBegin(let begin)):
        #expect(begin.totalBytes == 1000)
        return [try .answer(Self.begun)]
      case .command(.loadWrite(let write)): return [try Self.written(write)]
      case .command(.loadEnd): return [try .answer(ImageAnswer(image: Self.record))]
      default: return [.close]
      }
    }
    let upload = upload(server)
    let (reports, continuation) = AsyncStream.makeStream(of: Int.self)
    let outcome = try await upload.run(onProgress: { continuation.yield($0.bytesWritten) })
    continuation.finish()
    await upload.close()
    #expect(outcome.pid == 5 && outcome.image == Self.record)
    var seen: [Int] = []
    for await report in reports { seen.append(report) }
    #expect(seen == [0, 300, 600, 900, 1000])
    let sent = chunks(try await server.stop())
    #expect(sent.map(\.seq) == [0, 1, 2, 3])
    #expect(sent.map(\.bytes.count) == [300, 300, 300, 100])
    #expect(sent.flatMap(\.bytes) == Self.image)
  }

  @Test("after a lost connection it asks what has come, and sends the rest alone")
  func reconnecting() async throws {
    let server = try await LineServer.start { connection, _, request in
      switch (connection, request.body) {
      case (0, .command(.loadBegin)): return [try .answer(Self.begun)]
      case (0, .command(.loadWrite(let write))):
        return write.sequence == 0 ? [try Self.written(write)] : [.close]
      // The second chunk was taken; its answer was lost.
      case (1, .command(.provisionStatus)): return [try .answer(Self.status("LOADING", bytes: 600, next: 2))]
      case (1, .command(.loadWrite(let write))): return [try Self.written(write)]
      case (1, .command(.loadEnd)): return [try .answer(ImageAnswer(image: Self.record))]
      default: return [.close]
      }
    }
    let upload = upload(server)
    let outcome = try await upload.run()
    await upload.close()
    #expect(outcome.progress.reconnections == 1)
    let second = chunks(try await server.stop()).filter { $0.connection == 1 }
    #expect(second.map(\.seq) == [2, 3])
    #expect(second.flatMap(\.bytes) == Array(Self.image[600...]))
  }

  @Test(
    "when the answer to the end was lost, the transfer's state says how it ended",
    arguments: ["READY", "FAILED"])
  func lostEnd(state: String) async throws {
    let server = try await LineServer.start { connection, _, request in
      switch (connection, request.body) {
      case (0, .command(.loadBegin)): return [try .answer(Self.begun)]
      case (0, .command(.loadWrite(let write))): return [try Self.written(write)]
      case (1, .command(.provisionStatus)): return [try .answer(Self.status(state, bytes: 1000, next: 4))]
      default: return [.close]
      }
    }
    let upload = upload(server)
    do throws(ClientError) {
      let outcome = try await upload.run()
      #expect(state == "READY" && outcome.pid == 5 && outcome.image == nil)
    } catch {
      #expect(state == "FAILED" && error.refusal?.reason == "wrong_state")
    }
    await upload.close()
    _ = try await server.stop()
  }

  @Test("a refused chunk ends it with the refusal, without another attempt")
  func refused() async throws {
    let refusal = Refusal(code: "EBADMSG", reason: "bad_magic", detail: "No image.", offset: 0)
    let server = try await LineServer.start { _, _, request in
      if case .command(.loadBegin) = request.body { return [try .answer(Self.begun)] }
      return [try .refusal(refusal)]
    }
    let upload = upload(server)
    do throws(ClientError) {
      _ = try await upload.run()
      Issue.record("it was taken")
    } catch {
      #expect(error == .refused(refusal))
    }
    await upload.close()
    #expect(try await server.stop().allSatisfy { $0.connection == 0 })
  }

  @Test(
    "another process goes on with a transfer whose ticket it has; with other bytes it begins anew",
    arguments: [true, false])
  func ticket(isSame: Bool) async throws {
    let server = try await LineServer.start { _, _, request in
      switch request.body {
      case .command(.provisionStatus):
        guard case .one(var status) = Self.status("LOADING", bytes: 300, next: 1) else { return [.close] }
        if !isSame { status.crc32 ^= 1 }
        return [try .answer(StatusAnswer.one(status))]
      case .command(.loadBegin): return [try .answer(Self.begun)]
      case .command(.loadWrite(let write)): return [try Self.written(write)]
      case .command(.loadEnd): return [try .answer(ImageAnswer(image: Self.record))]
      default: return [.close]
      }
    }
    let upload = upload(server, ticket: ImageUpload.Ticket(handle: 77, pid: 5))
    let outcome = try await upload.run()
    await upload.close()
    #expect(outcome.progress.offset == (isSame ? 300 : 0))
    #expect(chunks(try await server.stop()).flatMap(\.bytes) == Array(Self.image[(isSame ? 300 : 0)...]))
  }

  @Test("the daemon may have the first bytes from an earlier transfer")
  func offset() async throws {
    let server = try await LineServer.start { _, _, request in
      switch request.body {
      case .command(.loadBegin):
        return [try .answer(BeginAnswer(handle: 77, pid: 5, chunkBytes: 300, nextSequence: 0, offset: 512))]
      case .command(.loadWrite(let write)):
        return [
          try .answer(
            WriteAnswer(
              nextSequence: (write.sequence ?? 0) + 1,
              bytesWritten: min(512 + ((write.sequence ?? 0) + 1) * 300, 1000)))
        ]
      case .command(.loadEnd): return [try .answer(ImageAnswer(image: Self.record))]
      default: return [.close]
      }
    }
    let upload = upload(server)
    _ = try await upload.run()
    await upload.close()
    #expect(chunks(try await server.stop()).flatMap(\.bytes) == Array(Self.image[512...]))
  }

  @Test("giving it up tells the daemon, by its handle")
  func abort() async throws {
    let server = try await LineServer.start { _, number, request in
      switch request.body {
      case .command(.loadBegin): return [try .answer(Self.begun)]
      case .command(.loadAbort):
        // The chunks before it are answered only now, and badly.
        let gone = Refusal(code: "ESRCH", reason: "unknown_handle", detail: "Gone.")
        return try (1..<number).map { _ in try .refusal(gone) } + [.answer(AbortAnswer(bytesWritten: 0))]
      default: return []
      }
    }
    let upload = upload(server)
    let (begun, continuation) = AsyncStream.makeStream(of: Void.self)
    let running = Task { try? await upload.run(onBegin: { _ in continuation.yield() }) }
    for await _ in begun { break }
    running.cancel()
    #expect(await running.value == nil)
    await upload.abort()
    await upload.close()
    let aborted = try await server.stop().compactMap { received -> UInt64? in
      if case .command(.loadAbort(let selector)) = received.request.body { selector.handle } else { nil }
    }
    #expect(aborted == [77])
  }

  @Test("when the daemon cannot be reached again in time, that is told")
  func gone() async throws {
    let server = try await LineServer.start { connection, _, request in
      if connection == 0, case .command(.loadBegin) = request.body { return [try .answer(Self.begun)] }
      return [.close]
    }
    let upload = upload(server, timeout: 1)
    do throws(ClientError) {
      _ = try await upload.run()
      Issue.record("it was taken")
    } catch {
      #expect(error.isLostConnection)
    }
    await upload.close()
    _ = try await server.stop()
  }
}
