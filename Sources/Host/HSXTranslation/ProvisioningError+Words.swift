public import HSXProvisioning
public import HXE

extension ProvisioningError {
  /// The stable word of the refusal.
  public var reasonWord: String {
    switch self {
    case .image(let error): error.reason.word
    case .budget(let limit, _, _): "\(limit.word)_exceeded"
    case .missingCapabilities: "capability_missing"
    case .appExists: "app_exists"
    case .valueExists: "value_exists"
    case .commandExists: "command_exists"
    case .persistKeyExists, .persistKeyStored: "persist_key"
    case .persistKeyRepeated: "persist_key_repeated"
    case .mailboxExists: "mailbox_exists"
    case .mailboxTargetInvalid: "mailbox_target_invalid"
    case .unknownHandle: "unknown_handle"
    case .unknownTask: "unknown_pid"
    case .wrongState, .wrongTaskState: "wrong_state"
    case .notOwner: "not_owner"
    case .sequenceGap: "sequence_gap"
    case .sequenceForgotten: "sequence_forgotten"
    case .chunkContradicts: "chunk_contradicts"
    case .chunkEmpty: "chunk_empty"
    case .beyondTotal: "beyond_total"
    case .incomplete: "incomplete"
    case .checksumMismatch: "checksum_mismatch"
    case .outOfRange: "out_of_range"
    case .timedOut(let reason): reason.word
    case .cancelled: "cancelled"
    case .noStore: "no_store"
    case .store(let error): error.reasonWord
    case .imageNotRetained: "image_not_retained"
    case .unknownApp: "unknown_app"
    case .unknownSlot: "unknown_slot"
    case .noFallback: "no_fallback"
    }
  }

  /// The file offset, when the refusal is about bytes.
  public var offset: UInt32? {
    if case .image(let error) = self { error.offset } else { nil }
  }

  /// What was found, what was expected and where: a sentence for people.
  public var detail: String {
    switch self {
    case .image(let error): error.detail
    case .budget(let limit, let needed, let available):
      "It needs \(needed) of \(limit.meaning), and \(available) are available."
    case .missingCapabilities(let missing):
      "The image needs \(missing.names.joined(separator: ", ")), which this target lacks."
    case .appExists(let name): "A task named \(text(name.span)) exists, and only one may run."
    case .valueExists(let id, let owner): "Value \(hex(id)) belongs to task \(owner)."
    case .commandExists(let id, let owner): "Command \(hex(id)) belongs to task \(owner)."
    case .persistKeyExists(let key, let owner): "Persist key \(hex(key)) belongs to task \(owner)."
    case .persistKeyRepeated(let key): "Two values of the image have the persist key \(hex(key))."
    case .mailboxExists(let target):
      "Another task has declared the mailbox \(text(target.span)) with another mode."
    case .mailboxTargetInvalid(let target): "\(text(target.span)) is no target that this task may declare."
    case .unknownHandle(let handle): "No transfer has the handle \(handle)."
    case .unknownTask(let pid): "No task has the pid \(pid)."
    case .wrongState(let state): "The transfer is \(state.word)."
    case .wrongTaskState(let pid, let state): "Task \(pid) is \(state.word)."
    case .notOwner(let pid):
      "The transfer of pid \(pid) belongs to another client session, or needs its handle to be named."
    case .sequenceGap(let found, let expected): "Chunk \(found) came where \(expected) is due."
    case .sequenceForgotten(let found, let oldest):
      "Chunk \(found) is repeated, but only those from \(oldest) on can still be compared."
    case .chunkContradicts(let sequence): "Chunk \(sequence) came again with other bytes."
    case .chunkEmpty(let sequence): "Chunk \(sequence) has no bytes."
    case .beyondTotal(let total, let found): "\(total) bytes were announced, and \(found) have come."
    case .incomplete(let received, let total): "\(received) of \(total) bytes have come."
    case .checksumMismatch(let announced, let found):
      "The bytes have the CRC-32 \(hex(found)), and \(hex(announced)) was announced."
    case .outOfRange(let field, let found, let least, let most):
      "\(field.meaning) is \(found), and must be from \(least) to \(most)."
    case .timedOut(let reason): reason.meaning
    case .cancelled: "The transfer was aborted by its user."
    case .noStore: "There is no store, so nothing can be kept."
    case .store(let error): error.detail
    case .imageNotRetained(let pid): "The image of task \(pid) is not kept anywhere."
    case .persistKeyStored(let key, let slot):
      "Persist key \(hex(key)) belongs to the app whose image is stored in slot \(slot)."
    case .unknownApp(let name): "No app named \(text(name.span)) is stored."
    case .unknownSlot(let slot): "There is no slot \(slot), or nothing is in it."
    case .noFallback(let name): "\(text(name.span)) has no other image to go back to."
    }
  }

  /// What to do about it.
  public var remedy: String {
    if case .image(let error) = self { return error.reason.remedy }
    return TransferReason(rawValue: reasonWord)?.remedy ?? code.remedy
  }

  /// What the `error` field of a reply says: the word, with what is taken behind it.
  public var wireText: String {
    switch self {
    case .image(let error): error.wireText
    case .appExists(let name): "app_exists:\(text(name.span))"
    case .persistKeyExists(let key, _), .persistKeyStored(let key, _): "persist_key:\(key)"
    default: reasonWord
    }
  }

  private func hex(_ number: some BinaryInteger) -> String { "0x" + String(number, radix: 16) }
}

extension Limit {
  /// The limit's part of the reason's word.
  public var word: String {
    switch self {
    case .code: "code"
    case .rodata: "rodata"
    case .bss: "bss"
    case .stack: "stack"
    case .heap: "heap"
    case .tasks: "tasks"
    case .transfers: "transfers"
    case .values: "values"
    case .commands: "commands"
    case .stringBytes: "string_bytes"
    case .subscriptions: "subscriptions"
    case .mailboxes: "mailboxes"
    case .mailboxHandles: "mailbox_handles"
    case .mailboxBytes: "mailbox_bytes"
    }
  }

  fileprivate var meaning: String {
    switch self {
    case .code: "bytes of code"
    case .rodata: "bytes of read-only data"
    case .bss: "bytes of bss"
    case .stack: "bytes of stack"
    case .heap: "bytes of heap"
    case .tasks: "places for tasks"
    case .transfers: "transfers at once"
    case .values: "places for values"
    case .commands: "places for commands"
    case .stringBytes: "bytes of strings"
    case .subscriptions: "subscriptions"
    case .mailboxes: "mailboxes"
    case .mailboxHandles: "mailbox handles"
    case .mailboxBytes: "bytes of mailbox room"
    }
  }
}

extension AbortReason {
  /// The word on the wire.
  public var word: String {
    switch self {
    case .user: "user"
    case .writeTimeout: "write_timeout"
    case .totalTimeout: "total_timeout"
    case .sealTimeout: "seal_timeout"
    case .sessionLost: "session_lost"
    }
  }

  fileprivate var meaning: String {
    switch self {
    case .user: "The transfer was aborted by its user."
    case .writeTimeout: "No chunk came within the write timeout."
    case .totalTimeout: "The transfer took longer than its total timeout."
    case .sealTimeout: "The sealed image was not activated in time."
    case .sessionLost: "The client session that owned the transfer is gone."
    }
  }
}

extension ProvisioningError.Field {
  fileprivate var meaning: String {
    switch self {
    case .writeTimeout: "The write timeout in milliseconds"
    case .totalTimeout: "The total timeout in milliseconds"
    case .chunk: "The chunk's size in bytes"
    case .quantum: "The quantum in instructions"
    case .priority: "The priority"
    case .register: "The register's number"
    case .address: "The end of the range in memory"
    case .handler: "The handler's code offset"
    case .sha256: "The number of bytes of the SHA-256"
    }
  }
}

extension Capabilities {
  /// The names of the bits, unknown ones by number.
  public var names: [String] {
    let known = ["mailboxes", "values", "storage", "can", "uart", "binary16"]
    return (0..<32).filter { rawValue & (1 << UInt32($0)) != 0 }.map {
      $0 < known.count ? known[$0] : "capability \($0)"
    }
  }
}
