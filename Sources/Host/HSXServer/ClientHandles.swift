/// What clients have opened as the executive, in the order of opening, and what `listen` has tapped for them.
///
/// Neither belongs to a task that could take it along when it ends, so that without bounds they would run out for as long
/// as the daemon lives.
struct ClientHandles {
  /// Handles that are kept of those that no session owns; the oldest goes when another comes.
  static let sessionlessLimit = 64
  /// Mailboxes that are tapped since somebody listened; the one that was tapped first goes when another comes.
  static let listenedLimit = 32

  private var opened: [(handle: UInt32, session: String?)] = []
  private var listened: [UInt32] = []

  /// Notes a handle.
  ///
  /// - Returns: the handle that has to be closed for it, if any.
  mutating func insert(_ handle: UInt32, session: String?) -> UInt32? {
    opened.append((handle, session))
    guard session == nil, opened.count(where: { $0.session == nil }) > Self.sessionlessLimit,
      let oldest = opened.firstIndex(where: { $0.session == nil })
    else { return nil }
    return opened.remove(at: oldest).handle
  }

  mutating func remove(_ handle: UInt32) { opened.removeAll { $0.handle == handle } }

  /// Forgets those that are gone, as with the task whose mailbox it was.
  mutating func keep(where isOpen: (UInt32) -> Bool) { opened.removeAll { !isOpen($0.handle) } }

  /// Takes out those of a session.
  mutating func removeAll(of session: String) -> [UInt32] {
    defer { opened.removeAll { $0.session == session } }
    return opened.filter { $0.session == session }.map(\.handle)
  }

  /// Notes that a mailbox is tapped for who listens.
  ///
  /// - Returns: the mailbox whose tap has to go for it, if any.
  mutating func insertListened(_ descriptor: UInt32) -> UInt32? {
    listened.append(descriptor)
    return listened.count > Self.listenedLimit ? listened.removeFirst() : nil
  }

  mutating func removeListened(_ descriptor: UInt32) { listened.removeAll { $0 == descriptor } }
}
