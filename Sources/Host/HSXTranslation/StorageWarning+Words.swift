public import HSXProvisioning

extension StorageWarning {
  /// The word on the wire.
  public var word: String {
    switch self {
    case .degraded: "degraded"
    case .lastUpdateUnknown: "last_update_unknown"
    case .corrected: "bits_corrected"
    case .wearing: "wearing"
    case .worn: "worn"
    case .superblockDamaged: "superblock_damaged"
    }
  }

  /// What it means, in a sentence.
  public var message: String {
    switch self {
    case .degraded: "Something that was stored is damaged beyond correction, and may be missing."
    case .lastUpdateUnknown:
      "The last write was cut short or cannot be read: what is there may be the one before it."
    case .corrected: "Flipped bits were corrected; nothing is lost."
    case .wearing: "A page of the memory has seen 80 % of the cycles that it is rated for."
    case .worn: "The memory is near the end of its life, so changes are stored less often."
    case .superblockDamaged: "One of the two superblocks is damaged; the other one is used."
    }
  }
}
