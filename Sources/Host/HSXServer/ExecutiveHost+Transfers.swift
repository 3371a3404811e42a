import CoreMetrics
import Foundation
import HSXExecutive
import HSXProtocol
import HSXProvisioning
import HSXTranslation
import HXE

/// Images over the protocol: whole from a file, or in chunks.
extension ExecutiveHost {
  // MARK: Chunks

  func beginTransfer(_ request: BeginRequest, _ requester: Requester) throws(Refusal) -> BeginAnswer {
    var begin = TransferRequest(
      options: try options(
        source: .rpc(peer: Array(requester.peer.text.utf8)), appName: request.appName,
        replaces: request.replace, persist: request.persist, probation: request.probation),
      nonce: .random(in: .min ... .max))
    begin.totalBytes = request.totalBytes
    begin.crc32 = request.crc32
    if let text = request.sha256 {
      guard let hash = bytes(hexadecimal: text), hash.count == 32 else {
        throw Refusal(invalid: "sha256", expected: "64 hexadecimal digits")
      }
      begin.sha256 = hash
    }
    begin.writeTimeout = request.writeTimeout
    begin.totalTimeout = request.totalTimeout
    begin.owner = requester.session.flatMap { sessions[$0]?.owner }
    let receipt = try refusing { () throws(ProvisioningError) in try executive.loadBegin(begin, now: now) }
    return BeginAnswer(
      handle: receipt.handle, pid: receipt.pid, chunkBytes: receipt.chunkBytes,
      nextSequence: receipt.nextSequence, offset: receipt.offset)
  }

  func writeTransfer(_ request: WriteRequest, _ requester: Requester) throws(Refusal) -> WriteAnswer {
    let sequence = try require(request.sequence, "seq")
    let key = try key(request.handle, request.pid)
    let caller = caller(requester)
    let receipt: WriteReceipt
    if let text = request.data {
      guard let data = Data(base64Encoded: text) else {
        throw Refusal(invalid: "data", expected: "base64")
      }
      receipt = try refusing { () throws(ProvisioningError) in
        try executive.loadWrite(key, by: caller, sequence: sequence, data.span, now: now)
      }
      metrics.transferBytes.increment(by: data.count)
    } else {
      guard let data = bytes(hexadecimal: try require(request.dataHex, "data")) else {
        throw Refusal(invalid: "data_hex", expected: "pairs of hexadecimal digits")
      }
      receipt = try refusing { () throws(ProvisioningError) in
        try executive.loadWrite(key, by: caller, sequence: sequence, data.span, now: now)
      }
      metrics.transferBytes.increment(by: data.count)
    }
    return WriteAnswer(nextSequence: receipt.nextSequence, bytesWritten: receipt.bytesWritten)
  }

  func endTransfer(_ request: TransferSelector, _ requester: Requester) throws(Refusal) -> ImageAnswer {
    let key = try key(request.handle, request.pid)
    let activation = try refusing { () throws(ProvisioningError) in
      try executive.loadEnd(key, by: caller(requester), now: now)
    }
    return ImageAnswer(image: activation.map { ImageRecord($0) })
  }

  func abortTransfer(_ request: TransferSelector, _ requester: Requester) throws(Refusal) -> AbortAnswer {
    let key = try key(request.handle, request.pid)
    let count = try refusing { () throws(ProvisioningError) in
      try executive.loadAbort(key, by: caller(requester), now: now)
    }
    return AbortAnswer(bytesWritten: count)
  }

  func transferStatus(_ request: TransferSelector, _ requester: Requester) throws(Refusal) -> StatusAnswer {
    guard request.handle != nil || request.pid != nil else {
      // Who knows a handle may write to its transfer, so nobody but an admin gets them all.
      return .all(executive.transfers.map { TransferRecord($0, showsHandle: requester.role == .admin) })
    }
    let key = try key(request.handle, request.pid)
    let status = try refusing { () throws(ProvisioningError) in try executive.transferStatus(key) }
    let isKnown = request.handle != nil || requester.role == .admin
    return .one(TransferRecord(status, showsHandle: isKnown))
  }

  private func key(_ handle: UInt64?, _ pid: UInt32?) throws(Refusal) -> Provisioner.Key {
    if let handle { return .handle(handle) }
    if let pid { return .pid(pid) }
    throw Refusal(missing: "handle")
  }

  func caller(_ requester: Requester) -> Provisioner.Caller {
    // Who names no session has only the handles that it knows, whatever its role: on an open daemon everybody is admin.
    guard let session = requester.session.flatMap({ sessions[$0] }) else { return .anonymous }
    return session.role == .admin ? .admin : .clientSession(session.owner)
  }

  // MARK: Files

  func load(_ request: LoadRequest, _ requester: Requester) throws(Refusal) -> ImageAnswer {
    let path = try require(request.path, "path")
    let image = try readImage(path)
    let options = try options(
      source: .file(path: Array(path.utf8)), appName: request.appName ?? stem(ofPath: path),
      replaces: request.replace, persist: request.persist, probation: request.probation)
    let activation = try refusing { () throws(ProvisioningError) in
      try executive.load(image.span, options: options, nonce: .random(in: .min ... .max), now: now)
    }
    return ImageAnswer(image: activation.map { ImageRecord($0) })
  }

  func options(
    source: Source, appName: String?, replaces: Bool?, persist: String?, probation: UInt32?
  ) throws(Refusal) -> LoadOptions {
    var name = ShortName()
    if let appName {
      guard let short = ShortName(appName), !appName.isEmpty else {
        throw Refusal(invalid: "app_name", expected: "from 1 to 31 bytes")
      }
      name = short
    }
    return LoadOptions(
      source: source, fallbackName: name, replaces: replaces ?? false, probation: probation,
      persists: try persist.map { text throws(Refusal) in try target(text) })
  }

  /// The task that a file's image would replace; nil if there is none, or the file is no image.
  func replaced(by request: LoadRequest) -> UInt32? {
    guard let path = request.path, let image = try? readImage(path) else { return nil }
    var parser = ImageParser(
      totalBytes: UInt32(clamping: image.count), limits: configuration.policy.budget.image, checksum: .fast)
    var position = 0
    // The header is the first that the parser comes to; what follows it is the load's to judge.
    _ = try? parser.next(in: image.span, at: &position)
    let declared = parser.header.map(\.appName) ?? ShortName()
    let name = declared.isEmpty ? ShortName(request.appName ?? stem(ofPath: path) ?? "") : declared
    return name.flatMap { executive.task(ofApp: $0) }
  }

  /// The task that a transfer would replace; nil if there is none.
  func replaced(by request: TransferSelector) -> UInt32? {
    guard let key = try? key(request.handle, request.pid) else { return nil }
    return executive.task(replacedBy: key)
  }

  /// Where an image is stored.
  func target(_ text: String, _ field: String = "persist") throws(Refusal) -> PersistTarget {
    switch text.lowercased() {
    case "flash": .flash
    case "fram": .fram
    default: throw Refusal(invalid: field, expected: "\"fram\" or \"flash\"")
    }
  }

  /// The bytes of a file that the daemon may read images from.
  func readImage(_ path: String) throws(Refusal) -> [UInt8] {
    let file: ImageFile
    do throws(ImageFile.Failure) {
      file = try ImageFile(path: path, folders: configuration.imageFolders)
      return try file.read()
    } catch {
      throw Refusal(error, path: path)
    }
  }

  /// The file's name without its extension, cut to 31 bytes at a character.
  private func stem(ofPath path: String) -> String? {
    var name = String(path.split(separator: "/").last ?? "")
    if let dot = name.lastIndex(of: "."), dot > name.startIndex { name = String(name[..<dot]) }
    while name.utf8.count > 31 { name.removeLast() }
    return name.isEmpty ? nil : name
  }
}

/// The bytes of pairs of hexadecimal digits; nil if it is anything else.
func bytes(hexadecimal text: String) -> [UInt8]? {
  var bytes: [UInt8] = []
  bytes.reserveCapacity(text.utf8.count / 2)
  var high: UInt8?
  for character in text.utf8 {
    let digit: UInt8
    switch character {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = character - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = character - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = character - UInt8(ascii: "A") + 10
    default: return nil
    }
    if let first = high {
      bytes.append(first << 4 | digit)
      high = nil
    } else {
      high = digit
    }
  }
  return high == nil ? bytes : nil
}

/// Bytes as pairs of hexadecimal digits.
func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
  var text = ""
  for byte in bytes {
    text += String(byte >> 4, radix: 16)
    text += String(byte & 15, radix: 16)
  }
  return text
}
