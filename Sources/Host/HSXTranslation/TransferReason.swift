public import HXE

/// The reasons for which a load is refused besides those of the image's own bytes.
public enum TransferReason: String, CaseIterable, Sendable {
  case codeExceeded = "code_exceeded"
  case rodataExceeded = "rodata_exceeded"
  case bssExceeded = "bss_exceeded"
  case stackExceeded = "stack_exceeded"
  case heapExceeded = "heap_exceeded"
  case tasksExceeded = "tasks_exceeded"
  case transfersExceeded = "transfers_exceeded"
  case valuesExceeded = "values_exceeded"
  case commandsExceeded = "commands_exceeded"
  case stringBytesExceeded = "string_bytes_exceeded"
  case subscriptionsExceeded = "subscriptions_exceeded"
  case mailboxesExceeded = "mailboxes_exceeded"
  case mailboxHandlesExceeded = "mailbox_handles_exceeded"
  case mailboxBytesExceeded = "mailbox_bytes_exceeded"
  case capabilityMissing = "capability_missing"
  case appExists = "app_exists"
  case valueExists = "value_exists"
  case commandExists = "command_exists"
  case persistKey = "persist_key"
  case persistKeyRepeated = "persist_key_repeated"
  case mailboxExists = "mailbox_exists"
  case mailboxTargetInvalid = "mailbox_target_invalid"
  case unknownHandle = "unknown_handle"
  case unknownPID = "unknown_pid"
  case wrongState = "wrong_state"
  case notOwner = "not_owner"
  case sequenceGap = "sequence_gap"
  case sequenceForgotten = "sequence_forgotten"
  case chunkContradicts = "chunk_contradicts"
  case chunkEmpty = "chunk_empty"
  case beyondTotal = "beyond_total"
  case incomplete
  case checksumMismatch = "checksum_mismatch"
  case outOfRange = "out_of_range"
  case writeTimeout = "write_timeout"
  case totalTimeout = "total_timeout"
  case sealTimeout = "seal_timeout"
  case sessionLost = "session_lost"
  case cancelled
  case noStore = "no_store"
  case imageNotRetained = "image_not_retained"
  case unknownApp = "unknown_app"
  case unknownSlot = "unknown_slot"
  case noFallback = "no_fallback"
  case hashMismatch = "sha256_mismatch"
  case hashRejected = "hash_rejected"
  case storageFailed = "storage_failed"
  case unformatted
  case storageUnsound = "storage_unsound"
  case storageLayout = "storage_layout"
  case storageFull = "storage_full"
  case noSlot = "no_slot"
  case imageSize = "image_size"
  case slotDamaged = "slot_damaged"
  case persistKeyInvalid = "persist_key_invalid"

  /// The code that goes with the reason.
  public var code: ErrorCode {
    switch self {
    case .codeExceeded, .rodataExceeded, .bssExceeded, .stackExceeded, .heapExceeded, .tasksExceeded,
      .transfersExceeded, .valuesExceeded, .commandsExceeded, .stringBytesExceeded,
      .subscriptionsExceeded, .mailboxesExceeded, .mailboxHandlesExceeded, .mailboxBytesExceeded,
      .storageLayout, .storageFull, .noSlot, .imageSize:
      .noSpace
    case .capabilityMissing, .noStore, .imageNotRetained: .notSupported
    case .appExists, .valueExists, .commandExists, .persistKey, .mailboxExists: .exists
    case .persistKeyRepeated, .mailboxTargetInvalid, .chunkContradicts, .incomplete, .checksumMismatch,
      .hashMismatch:
      .badMessage
    case .unknownHandle, .unknownPID, .unknownApp, .unknownSlot, .noFallback: .notFound
    case .wrongState: .busy
    case .notOwner, .hashRejected: .notPermitted
    case .sequenceGap, .sequenceForgotten, .chunkEmpty, .beyondTotal, .outOfRange, .persistKeyInvalid:
      .invalid
    case .writeTimeout, .totalTimeout, .sealTimeout, .sessionLost: .timedOut
    case .cancelled: .cancelled
    case .storageFailed, .unformatted, .storageUnsound, .slotDamaged: .inputOutput
    }
  }

  /// What is wrong, in general.
  public var cause: String {
    switch self {
    case .codeExceeded: "The image has more code than the budget allows one image."
    case .rodataExceeded: "The image has more read-only data than the budget allows one image."
    case .bssExceeded: "The image has more bss than the budget allows one image."
    case .stackExceeded: "The manifest asks for more stack than the budget allows one task."
    case .heapExceeded: "The manifest asks for more heap than the budget allows one task."
    case .tasksExceeded: "All places for tasks are taken; those loading and on standby count too."
    case .transfersExceeded: "As many transfers are under way as the budget allows."
    case .valuesExceeded: "The value table has no room for what the image declares."
    case .commandsExceeded: "The command table has no room for what the image declares."
    case .stringBytesExceeded: "The names, units and help texts do not fit the string table."
    case .subscriptionsExceeded: "There are as many subscriptions as there can be."
    case .mailboxesExceeded: "The mailbox table has no descriptors left."
    case .mailboxHandlesExceeded: "The task has no mailbox handles left."
    case .mailboxBytesExceeded: "The mailboxes' capacities together exceed the room for messages."
    case .capabilityMissing: "The image's req_caps name something that this target does not offer."
    case .appExists: "A task of that name exists, and the image does not allow several."
    case .valueExists: "Another task has a value with an object id that the image declares."
    case .commandExists: "Another task has a command with an object id that the image declares."
    case .persistKey: "Another app stores a value under a key that the image declares."
    case .persistKeyRepeated: "Two values that the image declares are to be stored under one key."
    case .mailboxExists: "Another task has declared a shared mailbox of that name with another mode."
    case .mailboxTargetInvalid:
      "A mailbox's target has no valid form, belongs to another task, or is declared twice in other words."
    case .unknownHandle: "No transfer has that handle: it never began, or it is over."
    case .unknownPID: "No task has that pid. Pids are never used again."
    case .wrongState: "The transfer or the task is in a state in which that cannot be done."
    case .notOwner: "The transfer was begun in another client session."
    case .sequenceGap: "A chunk was left out."
    case .sequenceForgotten: "A chunk was repeated that is too long ago to be compared."
    case .chunkContradicts: "A chunk was repeated with other bytes, so one of the two is wrong."
    case .chunkEmpty: "A chunk without bytes says nothing."
    case .beyondTotal: "More bytes came than the sender had announced."
    case .incomplete: "The transfer was closed before all announced bytes had come."
    case .checksumMismatch: "The bytes that came are not those whose CRC-32 the sender announced."
    case .outOfRange: "A number in the request is out of its range."
    case .writeTimeout: "The next chunk did not come within the write timeout."
    case .totalTimeout: "The transfer took longer than its total timeout."
    case .sealTimeout: "The sealed image was not activated in time."
    case .sessionLost: "The client session that owned the transfer is gone."
    case .cancelled: "The transfer was aborted by its user."
    case .noStore: "There is no store, so neither values nor images can be kept."
    case .imageNotRetained: "The bytes that the task was made of are not kept anywhere."
    case .unknownApp: "No app of that name is stored."
    case .unknownSlot: "There is no such slot, or nothing is in it."
    case .noFallback: "The app has no other stored image that has proved itself."
    case .hashMismatch: "The bytes that came are not those whose SHA-256 the sender announced."
    case .hashRejected: "An image with the same SHA-256 was tried before and failed."
    case .storageFailed: "The storage device refused to read, write or erase, and there was no other place."
    case .unformatted: "The device or file holds no store: it was never formatted, or is something else."
    case .storageUnsound: "It was formatted, but no page of its ring says what holds."
    case .storageLayout: "The layout does not fit the device."
    case .storageFull: "The ring has no room for what is to be stored."
    case .noSlot: "No image slot is free, and none that is needed may be overwritten."
    case .imageSize: "The image does not fit a slot, or is not as long as was said."
    case .slotDamaged: "What the slot holds is not what was written."
    case .persistKeyInvalid: "Keys 0 and 65535 cannot be stored under."
    }
  }

  /// What to do about it.
  public var remedy: String {
    switch self {
    case .appExists:
      "Load with `--replace`, kill the other task, or build the image without --single-instance."
    case .valueExists, .commandExists, .persistKey:
      "Load with `--replace` if it is a new version of that app; else give the object another id or key."
    case .sequenceGap: "Send the chunk that is due; `hsx status` shows which one that is."
    case .persistKeyRepeated: "Give one of the two another persist_key, or none."
    case .mailboxTargetInvalid:
      "Declare each mailbox once, as app:, shared: or svc: with a name, without another task's @pid."
    case .chunkContradicts, .checksumMismatch, .incomplete: "Send the image again from its start."
    case .wrongState: "Wait for what is under way, or end it; `hsx slots` shows the states of stored images."
    case .noStore: "Start with `--store FILE`."
    case .imageNotRetained: "Store the image from its file with `hsx persist`."
    case .unknownApp, .unknownSlot, .noFallback:
      "`hsx slots` shows what is stored and where; `hsx persist` stores an image."
    case .storageLayout: "Give `hsx storage format` a `--layout` that fits, or take a larger device."
    case .hashMismatch: "Send the image again from its start; check that the file did not change meanwhile."
    case .hashRejected:
      "Build a corrected image, or clear the slot first with `hsx slots --clear`; `hsx slots` shows which."
    case .unformatted:
      "Check the path; `hsx storage format --force` makes a store there and destroys what is there."
    case .storageUnsound:
      "See what is left with `hsx storage dump`, save it, then `hsx storage format --force`."
    case .storageFull:
      "Store fewer values, which `hsx storage dump` shows, or `hsx storage format` a store with a larger ring."
    case .noSlot: "Free a slot that is not needed with `hsx slots --clear`; `hsx slots` shows them."
    case .imageSize: "Make the image smaller, or `hsx storage format` a store with larger slots (`--layout`)."
    case .slotDamaged:
      "Store the image again with `hsx persist`, or go back to the one before with `hsx rollback`."
    case .persistKeyInvalid: "Choose a persist_key from 1 to 65534."
    default: code.remedy
    }
  }
}

/// What `hsx explain` says of a code or a reason.
public struct Explanation: Codable, Equatable, Sendable {
  /// The code or reason asked for.
  public var word: String
  /// The code.
  public var code: String
  /// What is wrong, in general.
  public var cause: String
  /// What to do about it.
  public var remedy: String

  /// The explanation of a code (`EBADMSG`) or a reason (`crc_mismatch`); nil for an unknown word.
  public init?(of word: String) {
    let reason = word.split(separator: ":").first.map(String.init) ?? word
    if let known = ErrorCode(wireName: word.uppercased()) {
      self.init(word: known.wireName, code: known, cause: known.cause, remedy: known.remedy)
    } else if let known = ImageError.Reason(word: reason) {
      self.init(word: known.word, code: known.code, cause: known.cause, remedy: known.remedy)
    } else if let known = TransferReason(rawValue: reason) {
      self.init(word: known.rawValue, code: known.code, cause: known.cause, remedy: known.remedy)
    } else if let known = ToolReason(rawValue: reason) {
      self.init(word: known.rawValue, code: known.code, cause: known.cause, remedy: known.remedy)
    } else if let known = ProtocolReason(rawValue: reason) {
      self.init(word: known.rawValue, code: known.code, cause: known.cause, remedy: known.remedy)
    } else {
      return nil
    }
  }

  private init(word: String, code: ErrorCode, cause: String, remedy: String) {
    self.word = word
    self.code = code.wireName
    self.cause = cause
    self.remedy = remedy
  }

  /// Every word that can be asked for.
  public static var words: [String] {
    ErrorCode.allCases.map(\.wireName) + ImageError.Reason.allCases.map(\.word)
      + TransferReason.allCases.map(\.rawValue) + ToolReason.allCases.map(\.rawValue)
      + ProtocolReason.allCases.map(\.rawValue)
  }
}
