import ArgumentParser
import Foundation
import HSXClient
import HSXProtocol
import HSXTranslation
import HXE

extension LoadCommand {
  /// Sends the image's bytes, with a progress bar if there is somebody to look at it.
  func send() async throws -> Loaded {
    let bytes = try readFile(image)
    let request = beginRequest(bytes)
    let name = image == "-" ? "standard input" : image
    let tickets = UploadTicket(
      sha256: request.sha256 ?? "", endpoint: "\(client.endpoint)",
      options: [request.appName ?? "", "\(replace)", persist?.rawValue ?? "", "\(probation ?? 0)"])
    let upload = ImageUpload(
      image: bytes, request: request, chunk: chunk ?? 32_768, ticket: tickets.take(),
      connect: { session throws(ClientError) in try await client.connect(session: session) })
    do {
      let outcome = try await transfer(upload, tickets, name)
      await upload.close()
      tickets.discard()
      return Loaded(pid: outcome.pid, name: outcome.image?.appName ?? name, image: outcome.image)
    } catch {
      if Task.isCancelled {
        // In a task of its own, since this one waits for nothing any more.
        await Task { await upload.abort() }.value
        printError("hsx: \(printable(name)): interrupted; the transfer was aborted")
      }
      await upload.close()
      // One that lost its connection may be gone on with.
      if Task.isCancelled || (error as? Failure)?.reason != ToolReason.connectionLost.rawValue {
        tickets.discard()
      }
      throw error
    }
  }

  private func transfer(
    _ upload: ImageUpload, _ ticket: UploadTicket, _ name: String
  ) async throws -> ImageUpload.Outcome {
    let (reports, continuation) = AsyncStream.makeStream(
      of: ImageUpload.Progress.self, bufferingPolicy: .bufferingNewest(1))
    let isShown = !noProgress && !json && isatty(STDERR_FILENO) == 1
    async let drawing: Void = {
      var bar = ProgressBar(title: name)
      for await report in reports where isShown { bar.draw(report) }
      if isShown { bar.erase() }
    }()
    let result: Result<ImageUpload.Outcome, ClientError>
    do throws(ClientError) {
      result = .success(
        try await upload.run(
          onBegin: { ticket.keep($0) }, onProgress: { continuation.yield($0) }))
    } catch {
      result = .failure(error)
    }
    continuation.finish()
    await drawing
    do {
      let outcome = try result.get()
      let progress = outcome.progress
      if progress.offset > 0 {
        printError(
          "hsx: \(printable(name)): went on at byte \(grouped(progress.offset)) of \(grouped(progress.totalBytes))"
        )
      }
      if progress.reconnections > 0 {
        printError(
          "hsx: \(printable(name)): the connection was lost \(counted(progress.reconnections, "time")) and made anew"
        )
      }
      return outcome
    } catch {
      throw Failure(name, error)
    }
  }

  private func beginRequest(_ bytes: [UInt8]) -> BeginRequest {
    var request = BeginRequest()
    request.totalBytes = UInt32(clamping: bytes.count)
    request.crc32 = CRC32.checksum(bytes.span, .fast)
    request.sha256 = sha256(bytes).map { String(format: "%02x", $0) }.joined()
    let stem = AppName.stem(ofPath: image)
    request.appName = appName ?? (stem.isEmpty ? nil : stem)
    request.replace = replace
    request.persist = persist?.rawValue
    request.probation = probation
    request.writeTimeout = (patience ?? 15) * 1000
    // A slow line may need longer for all of it than the daemon grants by itself, but not for ever.
    request.totalTimeout = max(120_000, (patience ?? 15) * 10_000)
    request.source =
      image == "-" ? nil : .object(["path": .string(URL(filePath: image).standardizedFileURL.path)])
    return request
  }
}
