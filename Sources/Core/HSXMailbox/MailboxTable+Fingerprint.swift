import HSXHAL
import HXE

/// Everything that a mailbox table holds, as bytes to compare. Equal fingerprints mean that no call could tell
/// the tables apart, but for the numbers of boxes, handles and waits that are still to be given.
public struct MailboxFingerprint: Equatable, Sendable {
  private var bytes: [UInt8] = []

  fileprivate mutating func append(_ number: UInt64) {
    var rest = number
    for _ in 0..<8 {
      bytes.append(UInt8(truncatingIfNeeded: rest))
      rest >>= 8
    }
  }

  fileprivate mutating func append(_ number: UInt32) { append(UInt64(number)) }

  fileprivate mutating func append(_ number: Int) { append(UInt64(bitPattern: Int64(number))) }

  fileprivate mutating func append(_ flag: Bool) { bytes.append(flag ? 1 : 0) }

  fileprivate mutating func append(_ text: [UInt8]) {
    append(text.count)
    bytes.append(contentsOf: text)
  }
}

extension MailboxTable {
  /// The state to compare before and after. Costs the bytes of every message.
  public var fingerprint: MailboxFingerprint {
    var collected = MailboxFingerprint()
    collected.append(tasks.count)
    for task in tasks { collected.append(task.pid) }
    collected.append(boxes.count)
    // Numbers of boxes are left out, so that one made again is the same.
    for index in indicesByTarget {
      let box = boxes[index]
      collected.append(box.target.text)
      collected.append(box.capacity)
      collected.append(UInt32(box.mode.rawValue))
      collected.append(box.declarers.count)
      for pid in box.declarers { collected.append(pid) }
      append(box.queue, to: &collected)
    }
    collected.append(handles.count)
    for handle in handles {
      append(handle.reference, to: &collected)
      append(targetOf: handle.descriptor, to: &collected)
      collected.append(UInt32(handle.access.rawValue))
      collected.append(handle.isReader ? handle.cursor.sequence : 0)
      collected.append(handle.hasOverrun)
      collected.append(handle.tap != nil)
      guard let tap = handle.tap else { continue }
      collected.append(tap.capacity)
      append(tap.queue, to: &collected)
    }
    collected.append(waiters.count)
    for waiter in waiters {
      append(waiter.receiver, to: &collected)
      append(targetOf: waiter.descriptor, to: &collected)
      collected.append(waiter.room)
      collected.append(waiter.deadline?.microseconds ?? .max)
    }
    return collected
  }

  private var indicesByTarget: [Int] {
    var order: [Int] = []
    for index in boxes.indices {
      var place = order.count
      while place > 0, boxes[index].target < boxes[order[place - 1]].target { place -= 1 }
      order.insert(index, at: place)
    }
    return order
  }

  private func append(_ queue: MessageQueue, to collected: inout MailboxFingerprint) {
    collected.append(queue.start.sequence)
    collected.append(queue.count)
    var position = queue.start
    while position.sequence < queue.end.sequence {
      let message = queue.message(at: position)
      collected.append(message.flags.rawValue)
      collected.append(message.channel)
      collected.append(message.source)
      collected.append(message.bytes)
      position = queue.position(after: position)
    }
  }

  private func append(_ reference: HandleReference, to collected: inout MailboxFingerprint) {
    collected.append(reference.pid)
    collected.append(reference.handle)
  }

  private func append(targetOf descriptor: UInt32, to collected: inout MailboxFingerprint) {
    collected.append(boxIndex(id: descriptor).map { boxes[$0].target.text } ?? [])
  }
}
