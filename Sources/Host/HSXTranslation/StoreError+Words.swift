import HSXHAL
public import HSXPersistence

extension StoreError {
  /// The stable word of the refusal.
  public var reasonWord: String { reason.rawValue }

  private var reason: TransferReason {
    switch self {
    case .memory: .storageFailed
    case .unformatted: .unformatted
    case .noSoundPage: .storageUnsound
    case .layout: .storageLayout
    case .full: .storageFull
    case .keyInvalid: .persistKeyInvalid
    case .noSlot: .noSlot
    case .slotState: .wrongState
    case .imageSize: .imageSize
    case .hashRejected: .hashRejected
    case .hashMismatch: .hashMismatch
    case .damaged: .slotDamaged
    }
  }

  /// What was found, what was expected and where: a sentence for people.
  public var detail: String {
    switch self {
    case .memory(.unreadable(at: let offset)): "The device cannot be read at offset \(offset)."
    case .memory(.refused(at: let offset)): "The device refused to write at offset \(offset)."
    case .memory(.misused(at: let offset)):
      "The device was asked for something it cannot do at offset \(offset)."
    case .layout(let needed, let available): "The layout needs \(needed) bytes, and \(available) are there."
    case .full(let needed, let available):
      "It needs \(needed) places in the ring, and there are \(available)."
    case .keyInvalid(let key): "Nothing can be stored under the key \(key)."
    case .slotState(let slot, let state): "The image in slot \(slot) is \(state.phase)."
    case .imageSize(let found, let expected): "The image has \(found) bytes, where \(expected) are expected."
    case .hashRejected(let slot): "The same image is in slot \(slot) already, and it failed there."
    case .hashMismatch(let slot): "The image that came into slot \(slot) is not the one announced."
    case .damaged(let slot): "The image in slot \(slot) is damaged."
    case .unformatted, .noSoundPage, .noSlot: reason.cause
    }
  }

  /// What to do about it.
  public var remedy: String { reason.remedy }
}
