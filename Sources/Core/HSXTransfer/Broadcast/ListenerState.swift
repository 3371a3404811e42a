/// How far a listener is, as its status says it.
public enum ListenerState: UInt8, Sendable {
  /// In no session.
  case idle = 0
  /// It knows of a session, and has not got the manifest.
  case opened = 1
  /// Blocks come.
  case loading = 2
  /// Every block is there; no SEAL yet.
  case complete = 3
  /// It hashes and verifies.
  case verifying = 4
  /// Proved, and waiting for COMMIT.
  case sealed = 5
  /// It will activate when its time is over.
  case armed = 6
  /// The image of the session runs.
  case running = 7
  /// It takes no part: see its refusal.
  case refused = 8
}

/// Why a node takes no part, or stopped taking part. On the wire 0x80 and more, in the place of the state.
public enum ListenerRefusal: UInt8, Error, Sendable {
  /// Block 0 is no manifest, or does not fit the session.
  case manifest = 0x81
  /// The signature is missing or wrong.
  case signature = 0x82
  /// The key is unknown or revoked.
  case key = 0x83
  /// The security counter is below the floor.
  case counter = 0x84
  /// It is for another class of nodes.
  case targetClass = 0x85
  /// It needs another ABI.
  case abi = 0x86
  /// It does not fit.
  case space = 0x87
  /// The image's hash is not the manifest's.
  case hash = 0x88
  /// What takes the blocks failed.
  case device = 0x89
  /// A policy of the node says no.
  case policy = 0x8A
  /// The code or window is not known.
  case unsupported = 0x8B
  /// The image did not start; the old one runs.
  case activation = 0x8C
  /// No COMMIT came in time.
  case expired = 0x8D
  /// The master gave up.
  case aborted = 0x8E
  /// The image itself is refused: its signature, names, budget.
  case image = 0x8F
}

/// What takes the blocks says of one.
public enum BlockAnswer: Sendable {
  /// Taken.
  case taken
  /// Not now: it is offered again.
  case busy
  /// Never: the listener leaves the session.
  case refused(ListenerRefusal)
}

/// What takes the blocks says of the whole.
public enum SealAnswer: Sendable {
  /// Proved, and ready to be activated.
  case sealed
  /// Not yet: it is asked again.
  case pending
  /// No good.
  case refused(ListenerRefusal)
}
