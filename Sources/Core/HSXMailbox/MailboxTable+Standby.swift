public import HXE

/// How a task that stands aside had a mailbox.
public struct DeclaredMailbox: Equatable, Sendable {
  /// The mailbox.
  public var descriptor: UInt32
  /// Its bytes of room.
  public var capacity: UInt32
  /// Its modes.
  public var mode: MailboxMode
}

extension MailboxTable {
  /// The mailboxes that a task has declared, as they are now.
  public func declarations(of pid: UInt32) -> [DeclaredMailbox] {
    boxes.filter { $0.declarers.contains(pid) }.map {
      DeclaredMailbox(descriptor: $0.id, capacity: $0.capacity, mode: $0.mode)
    }
  }

  /// Gives the mailboxes of a task that stood aside the modes back that they had, and the capacity if there is
  /// room for it. Those that are also a third task's keep what that one knows.
  public mutating func restore(_ declared: [DeclaredMailbox], of pid: UInt32) {
    for old in declared {
      guard let index = boxIndex(id: old.descriptor), boxes[index].declarers.allSatisfy({ $0 == pid }) else {
        continue
      }
      let target = boxes[index].target
      do throws(MailboxError) {
        _ = try bind(pid: pid, target: target, capacity: old.capacity, mode: old.mode)
      } catch {
        // Only the room can be missing: the box keeps the one it has, which is not less than it holds.
        _ = try? bind(pid: pid, target: target, capacity: 0, mode: old.mode)
      }
    }
  }
}
