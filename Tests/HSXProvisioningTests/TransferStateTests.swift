import HSXProvisioning
import Testing

@Suite("The table of a transfer's states")
struct TransferStateTests {
  @Test("allows exactly the moves that the specification lists")
  func moves() {
    let allowed: [TransferState: Set<TransferState>] = [
      .idle: [.loading],
      .loading: [.verify, .failed, .aborting],
      .verify: [.sealed, .ready, .failed, .aborting],
      .sealed: [.ready, .failed, .aborting],
      .ready: [],
      .failed: [.idle],
      .aborting: [.idle],
    ]
    for from in TransferState.allCases {
      for to in TransferState.allCases {
        #expect(from.allows(to) == (allowed[from]?.contains(to) ?? false), "\(from) to \(to)")
      }
    }
  }
}
