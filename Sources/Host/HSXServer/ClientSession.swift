import HSXHAL
import HSXProtocol
import HSXProvisioning

/// A client's session: it outlives connections and ends by close, terminate or silence.
struct ClientSession {
  /// Names it; whoever knows it acts for it.
  let id: String
  /// The number under which the executive knows it as an owner of transfers.
  let owner: UInt64
  let client: String
  let role: Role
  let heartbeat: UInt32
  let features: [String]
  let maximumEvents: UInt32
  var locks: [UInt32]
  let created: Double
  let warnings: [String]
  let opened: Instant
  var lastSeen: Instant
  /// The subscription, and the connection it flows on.
  var subscription: (id: SubscriptionID, connection: ConnectionID)?

  /// When it ends unless something comes. The half second is for a client that sends at each heartbeat.
  var expiry: Instant { lastSeen.advanced(byMilliseconds: heartbeat * 1000 + 500) }

  /// Enough of the id to tell it from others, and too little to act for it.
  var shortID: String { String(id.prefix(8)) + "…" }

  func record(now: Instant, showing isWhole: Bool) -> SessionRecord {
    let age = Double(now.milliseconds(since: opened)) / 1000
    return SessionRecord(
      id: isWhole ? id : shortID, client: client, heartbeat: heartbeat, features: features,
      maximumEvents: maximumEvents, lock: locks.isEmpty ? nil : PIDSelection(locks), locks: locks,
      role: role.rawValue, created: created,
      lastSeen: created + Double(lastSeen.milliseconds(since: opened)) / 1000, age: age, warnings: warnings)
  }
}

/// The client sessions that live.
struct SessionTable {
  let limit: Int
  private var sessions: [String: ClientSession] = [:]
  private var locks: [UInt32: String] = [:]

  init(limit: Int) { self.limit = limit }

  var isFull: Bool { sessions.count >= limit }

  var hasLocks: Bool { !locks.isEmpty }

  var count: Int { sessions.count }

  subscript(_ id: String) -> ClientSession? { sessions[id] }

  /// All sessions, in the order of their opening.
  var all: [ClientSession] { sessions.values.sorted { ($0.opened, $0.id) < ($1.opened, $1.id) } }

  /// Notes a sign of life; nil if there is no such session.
  mutating func touch(_ id: String, now: Instant) -> ClientSession? {
    sessions[id]?.lastSeen = now
    return sessions[id]
  }

  mutating func insert(_ session: ClientSession) {
    sessions[session.id] = session
    nextDeadline = min(nextDeadline ?? session.expiry, session.expiry)
    for pid in session.locks { locks[pid] = session.id }
  }

  mutating func remove(_ id: String) -> ClientSession? {
    locks = locks.filter { $0.value != id }
    return sessions.removeValue(forKey: id)
  }

  mutating func setSubscription(
    _ subscription: (id: SubscriptionID, connection: ConnectionID)?, of id: String
  ) {
    sessions[id]?.subscription = subscription
  }

  /// Whether a task is another session's.
  func isLocked(_ pid: UInt32, for session: String?) -> Bool {
    locks[pid].map { $0 != session } ?? false
  }

  /// Lets go of a task that is gone, so that its pid's next bearer is free.
  mutating func unlock(_ pid: UInt32) {
    guard let id = locks.removeValue(forKey: pid) else { return }
    sessions[id]?.locks.removeAll { $0 == pid }
  }

  /// A task has taken another's place, and is whose that was.
  mutating func moveLock(from old: UInt32, to new: UInt32) {
    guard let id = locks.removeValue(forKey: old) else { return }
    locks[new] = id
    sessions[id]?.locks.removeAll { $0 == old }
    sessions[id]?.locks.append(new)
  }

  /// When a session may end unless something comes. A sign of life only moves a session's end away, so this is looked
  /// for anew only when it has passed.
  private(set) var nextDeadline: Instant?

  /// The sessions that have been silent for too long.
  mutating func expired(at now: Instant) -> [ClientSession] {
    guard let nextDeadline, nextDeadline <= now else { return [] }
    self.nextDeadline = sessions.values.lazy.map(\.expiry).filter { $0 > now }.min()
    return sessions.values.filter { $0.expiry <= now }
  }
}
