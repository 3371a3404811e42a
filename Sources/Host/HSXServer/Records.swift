import HSXExecutive
import HSXProtocol
import HSXProvisioning
import HSXTranslation
import HXE

// The core's facts as records of the wire.

extension DeclaredRecord {
  init(_ counts: DeclaredCounts) {
    self.init(
      sections: counts.sections, values: counts.values, commands: counts.commands,
      mailboxes: counts.mailboxes)
  }
}

extension ImageRecord {
  init(_ activation: Activation) {
    let header = activation.header
    self.init(
      pid: activation.pid, entry: header.entry, codeLength: header.codeLength,
      rodataLength: header.rodataLength, bss: header.bssSize, version: header.version, flags: header.flags,
      requiredCapabilities: header.requiredCapabilities.rawValue, appName: activation.name.text,
      appNameBase: activation.baseName.text, allowsMultipleInstances: header.allowsMultipleInstances,
      metadataCount: activation.declared.sections, hasManifest: activation.declared.hasManifest,
      metadata: DeclaredRecord(activation.declared), source: activation.source.tree)
  }
}

extension TransferRecord {
  init(_ status: TransferStatus, showsHandle: Bool) {
    self.init(
      handle: showsHandle ? status.handle : nil, pid: status.pid, state: status.state.word,
      bytesWritten: status.bytesWritten, totalBytes: status.totalBytes, percent: status.percent,
      nextSequence: status.nextSequence, crc32: status.crc32, stalled: status.isStalled,
      lastError: status.lastError.map { error in
        FailureRecord(
          code: error.code.wireName, reason: error.reasonWord, detail: error.detail, offset: error.offset)
      }, source: status.source.tree)
  }
}

extension Source {
  /// The source in short, as `program` shows it.
  var program: String {
    switch self {
    case .file(let path): String(decoding: path, as: UTF8.self)
    case .rpc(let peer): "rpc:" + String(decoding: peer, as: UTF8.self)
    case .can(let bus, let master, let session): "can:\(bus)/\(master)/\(session)"
    case .sd(_, let entry): "sd:" + String(decoding: entry, as: UTF8.self)
    case .uart(let device): "uart:" + String(decoding: device, as: UTF8.self)
    case .store(let slot, let revision): "store:\(slot)/\(revision)"
    }
  }
}

extension ShortName {
  /// The name as text.
  var text: String {
    var bytes: [UInt8] = []
    for index in 0..<count { bytes.append(self[index]) }
    return String(decoding: bytes, as: UTF8.self)
  }
}
