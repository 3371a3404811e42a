/// What a master's SET says.
enum BroadcastOrder: Equatable {
  /// A session begins, or goes on: its whole number, and for whom.
  case openA(session: UInt32, targetClass: UInt8, code: UInt8, window: UInt8, isAuthenticated: Bool)
  /// The other half: the whole number again, and the image's length.
  case openB(session: UInt32, imageBytes: UInt32)
  /// Every block was sent: finish, hash, verify.
  case seal(session: UInt8, manifest: UInt32)
  /// Activate when so many milliseconds are over.
  case commit(session: UInt8, manifest: UInt32, milliseconds: UInt16)
  /// The session is over, and what came is dropped.
  case abort(session: UInt32, reason: UInt8)
  /// The least microseconds between two frames of the master, and the most of the bus that it takes, in percent.
  case pace(session: UInt8, gap: UInt16, load: UInt8)
  /// The node with this unique id takes this number.
  case assign(node: UInt8, id: UInt32)

  var payload: BroadcastPayload {
    var payload = BroadcastPayload()
    switch self {
    case .openA(let session, let targetClass, let code, let window, let isAuthenticated):
      payload[0] = 1
      payload.set(1, 4, session)
      payload[5] = targetClass
      payload[6] = code & 3 | (window & 15) &<< 2
      payload[7] = isAuthenticated ? 1 : 0
    case .openB(let session, let imageBytes):
      payload[0] = 2
      payload.set(1, 4, session)
      payload.set(5, 3, imageBytes)
    case .seal(let session, let manifest):
      payload[0] = 3
      payload[1] = session
      payload.set(2, 4, manifest)
    case .commit(let session, let manifest, let milliseconds):
      payload[0] = 4
      payload[1] = session
      payload.set(2, 4, manifest)
      payload.set(6, 2, UInt32(milliseconds))
    case .abort(let session, let reason):
      payload[0] = 5
      payload.set(1, 4, session)
      payload[5] = reason
    case .pace(let session, let gap, let load):
      payload[0] = 6
      payload[1] = session
      payload.set(2, 2, UInt32(gap))
      payload[4] = load
    case .assign(let node, let id):
      payload[0] = 7
      payload[1] = node
      payload.set(2, 4, id)
    }
    return payload
  }

  /// The order in a payload; nil for an unknown kind, or if bytes that must be zero are not.
  init?(_ payload: BroadcastPayload) {
    let low = payload[1]
    switch payload[0] {
    case 1:
      guard payload[6] & 0xC0 == 0, payload[7] & 0xFE == 0 else { return nil }
      self = .openA(
        session: payload.number(1, 4), targetClass: payload[5], code: payload[6] & 3,
        window: payload[6] &>> 2, isAuthenticated: payload[7] == 1)
    case 2: self = .openB(session: payload.number(1, 4), imageBytes: payload.number(5, 3))
    case 3:
      guard payload.number(6, 2) == 0 else { return nil }
      self = .seal(session: low, manifest: payload.number(2, 4))
    case 4:
      let left = UInt16(truncatingIfNeeded: payload.number(6, 2))
      self = .commit(session: low, manifest: payload.number(2, 4), milliseconds: left)
    case 5:
      guard payload.number(6, 2) == 0 else { return nil }
      self = .abort(session: payload.number(1, 4), reason: payload[5])
    case 6:
      guard payload.number(5, 3) == 0 else { return nil }
      self = .pace(session: low, gap: UInt16(truncatingIfNeeded: payload.number(2, 2)), load: payload[4])
    case 7:
      guard payload.number(6, 2) == 0 else { return nil }
      self = .assign(node: low, id: payload.number(2, 4))
    default: return nil
    }
  }
}

/// What a master's GET asks.
enum BroadcastQuestion: Equatable {
  /// What a node is; `attempt` counts the times it was asked.
  case capabilities(node: UInt8, attempt: UInt8)
  /// How far a node is.
  case status(node: UInt8)
  /// Whether there is a node of this session that lacks block `block` or one before.
  case lacks(session: UInt8, block: UInt16)

  var payload: BroadcastPayload {
    var payload = BroadcastPayload()
    switch self {
    case .capabilities(let node, let attempt):
      payload[0] = 1
      payload[1] = node
      payload[2] = attempt
    case .status(let node):
      payload[0] = 2
      payload[1] = node
    case .lacks(let session, let block):
      payload[0] = 3
      payload[1] = session
      payload.set(2, 2, UInt32(block))
    }
    return payload
  }

  /// The bytes of the frame.
  var count: Int {
    switch self {
    case .capabilities: 3
    case .status: 2
    case .lacks: 4
    }
  }

  /// The question in a payload of so many bytes.
  init?(_ payload: BroadcastPayload, count: Int) {
    switch (payload[0], count) {
    case (1, 2...3): self = .capabilities(node: payload[1], attempt: payload[2])
    case (2, 2): self = .status(node: payload[1])
    case (3, 4): self = .lacks(session: payload[1], block: UInt16(truncatingIfNeeded: payload.number(2, 2)))
    default: return nil
    }
  }
}
