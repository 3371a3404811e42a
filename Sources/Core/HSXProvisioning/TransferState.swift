/// The states of a transfer and the moves between them: the whole table.
///
/// | from | to | on |
/// |---|---|---|
/// | idle | loading | begin: session made, pid and place reserved |
/// | loading | verify | end, all bytes there |
/// | loading, verify | failed | a bad byte, a wrong CRC, a refused capability, budget or name |
/// | loading, verify, sealed | aborting | abort, a timeout, the owner's client session gone past its grace |
/// | verify | sealed | complete and proved, but activation is someone else's |
/// | verify, sealed | ready | everything registered and loaded |
/// | sealed | failed | what was proved can no longer be registered when it is activated |
/// | failed, aborting | idle | everything given back |
///
/// The move from sealed to failed is ours: between the seal and the activation another app may have taken a name
/// or an object id, and the activation must be able to say so.
public enum TransferState: UInt8, CaseIterable, Equatable, Sendable {
  case idle, loading, verify, sealed, ready, failed, aborting

  /// Whether the table has a move from this state to `next`.
  public func allows(_ next: TransferState) -> Bool {
    switch (self, next) {
    case (.idle, .loading),
      (.loading, .verify),
      (.loading, .failed), (.verify, .failed), (.sealed, .failed),
      (.loading, .aborting), (.verify, .aborting), (.sealed, .aborting),
      (.verify, .sealed),
      (.verify, .ready), (.sealed, .ready),
      (.failed, .idle), (.aborting, .idle):
      true
    default:
      false
    }
  }
}
