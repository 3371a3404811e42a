import HSXProtocol
public import HXE

extension ImageSummary {
  /// The summary of a parsed image whose file has `size` bytes.
  public init(header: HXE.Header, metadata: Metadata, size: Int) {
    self.init(
      header: Header(header, size: size),
      sections: metadata.sections.map { entry in
        Section(
          type: entry.type, name: entry.kind?.sectionName, offset: entry.offset, size: entry.size,
          count: entry.count)
      },
      values: metadata.values.map { Value($0, in: metadata) },
      commands: metadata.commands.map { Command($0, in: metadata) },
      mailboxes: metadata.mailboxes.map(Mailbox.init),
      manifest: metadata.manifest.map { manifest in
        // What Swift cannot hold (a number past its range) is still shown, as text.
        JSONTree(text: manifest.json) ?? .string(String(decoding: manifest.json, as: UTF8.self))
      },
      signature: metadata.signature.map { signature in
        Signature(offset: signature.fileOffset, size: signature.bytes.count)
      })
  }
}

extension ImageSummary.Header {
  fileprivate init(_ header: HXE.Header, size: Int) {
    self.init(
      version: header.version, flags: header.flags, entry: header.entry, codeLength: header.codeLength,
      rodataLength: header.rodataLength, bssSize: header.bssSize,
      requiredCapabilities: header.requiredCapabilities.rawValue, crc32: header.crc32,
      appName: header.appName.isEmpty ? nil : text(header.appName.span),
      allowMultiple: header.allowsMultipleInstances, size: size)
  }
}

extension ImageSummary.Value {
  fileprivate init(_ value: ValueDescriptor, in metadata: Metadata) {
    self.init(
      groupID: value.group, valueID: value.id, flags: value.flags.rawValue, authLevel: value.authLevel,
      initRaw: value.initial, epsilonRaw: value.epsilon, minRaw: value.minimum, maxRaw: value.maximum,
      persistKey: value.persistKey, name: metadata.string(value.name), unit: metadata.string(value.unit),
      groupName: metadata.string(value.groupName))
  }
}

extension ImageSummary.Command {
  fileprivate init(_ command: CommandDescriptor, in metadata: Metadata) {
    self.init(
      groupID: command.group, commandID: command.id, flags: command.flags.rawValue,
      authLevel: command.authLevel, handlerOffset: command.handler, name: metadata.string(command.name),
      help: metadata.string(command.help), groupName: metadata.string(command.groupName))
  }
}

extension ImageSummary.Mailbox {
  fileprivate init(_ mailbox: MailboxDescriptor) {
    self.init(
      target: text(mailbox.target.span), capacity: mailbox.capacity == 0 ? nil : mailbox.capacity,
      modeMask: mailbox.mode.rawValue, ownerPID: mailbox.ownerPID,
      bindings: mailbox.bindings.map { Binding(pid: $0.pid, flags: $0.flags) })
  }
}

extension SectionEntry.Kind {
  fileprivate var sectionName: String {
    switch self {
    case .values: ".value"
    case .commands: ".cmd"
    case .mailboxes: ".mailbox"
    case .signature: "SIG!"
    }
  }
}

extension Metadata {
  fileprivate func string(_ range: TextRange?) -> String? { range.map { HSXTranslation.text(text($0)) } }
}

/// The text of bytes that a parser has found to be UTF-8; what is not shows as the replacement character.
func text(_ bytes: Span<UInt8>) -> String {
  var copy = [UInt8]()
  for index in bytes.indices { copy.append(bytes[index]) }
  return String(decoding: copy, as: UTF8.self)
}
