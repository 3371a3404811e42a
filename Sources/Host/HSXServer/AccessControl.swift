import Crypto
import Foundation
import HSXHAL
import HSXProtocol

/// Who may do what: the tokens, and the patience with those who guess.
struct AccessControl {
  /// What came of a token.
  enum Verdict: Equatable {
    case admitted(Role)
    case missing
    case refused
    case mustWait(seconds: UInt64)
  }

  /// Wrong tokens in a minute from one peer, after which it must wait.
  private static let patience = 5
  private static let window: UInt64 = 60_000
  /// Peers whose wrong tokens are remembered; beyond that the one that was quiet longest is forgotten.
  private static let peerLimit = 1024

  private let tokens: [Token]
  private var failures: [Peer: [Instant]] = [:]

  init(tokens: [Token]) { self.tokens = tokens }

  /// Whether callers need a token at all.
  var isOpen: Bool { tokens.isEmpty }

  /// What a caller may do without a token: all, while none is configured and it is on this machine.
  func roleWithoutToken(_ peer: Peer) -> Role? {
    isOpen && peer.kind != .network ? .admin : nil
  }

  /// Looks at the token that a session is opened with.
  mutating func admit(_ token: String?, from peer: Peer, now: Instant) -> Verdict {
    guard let token, !isOpen else {
      return roleWithoutToken(peer).map { .admitted($0) } ?? .missing
    }
    if let seconds = wait(of: peer, now: now) { return .mustWait(seconds: seconds) }
    let digest = SHA256.hash(data: Data(token.utf8))
    var found: Role?
    // All are looked at, and each whole (the digest compares in constant time), so that the time tells nothing.
    for known in tokens where digest == Data(known.sha256) { found = known.role }
    if let found {
      failures.removeValue(forKey: peer)
      return .admitted(found)
    }
    noteFailure(of: peer, now: now)
    return .refused
  }

  /// Whether a token is one of those that values and commands with a pin ask for. Wrong ones count as those of sessions do.
  mutating func admitsPin(_ token: String?, hashes: [[UInt8]], from peer: Peer, now: Instant) -> Bool {
    guard let token, !hashes.isEmpty, wait(of: peer, now: now) == nil else { return false }
    let digest = SHA256.hash(data: Data(token.utf8))
    var isFound = false
    for hash in hashes where digest == Data(hash) { isFound = true }
    if !isFound { noteFailure(of: peer, now: now) }
    return isFound
  }

  /// Seconds for which a peer has used up the patience with it; nil if it has not.
  private func wait(of peer: Peer, now: Instant) -> UInt64? {
    let recent = recentFailures(of: peer, now: now)
    guard recent.count >= Self.patience, let first = recent.first else { return nil }
    return (Self.window - now.milliseconds(since: first)) / 1000 + 1
  }

  private func recentFailures(of peer: Peer, now: Instant) -> [Instant] {
    (failures[peer] ?? []).filter { now.milliseconds(since: $0) < Self.window }
  }

  private mutating func noteFailure(of peer: Peer, now: Instant) {
    if failures.count >= Self.peerLimit, failures[peer] == nil,
      let oldest = failures.min(by: { ($0.value.last ?? .zero) < ($1.value.last ?? .zero) })
    {
      failures.removeValue(forKey: oldest.key)
    }
    failures[peer] = recentFailures(of: peer, now: now) + [now]
  }
}
