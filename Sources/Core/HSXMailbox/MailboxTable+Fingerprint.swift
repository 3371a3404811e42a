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
    var print = MailboxFingerprint()
    print.append(tasks.count)
    for task in tasks { print.append(task.pid) }
    print.append(boxes.count)
    // Numbers of boxes are left out, so that one made again is the same.
    for index in indicesByTarget {
      let box = boxes[index]
      print.append(box.target.text)
      print.append(box.capacity)
      print.append(UInt32(box.mode.rawValue))
      print.append(box.declarers.count)
      for pid in box.declarers { print.append(pid) }
      append(box.queue, to: &print)
    }
    print.append(handles.count)
    for handle in handles {
      append(handle.reference, to: &print)
      append(targetOf: handle.descriptor, to: &print)
      print.append(UInt32(handle.access.rawValue))
      print.append(handle.isReader ? handle.cursor.sequence : 0)
      print.append(handle.hasOverrun)
      print.append(handle.tap != nil)
      guard let tap = handle.tap else { continue }
      print.append(tap.capacity)
      append(tap.queue, to: &print)
    }
    print.append(waiters.count)
    for waiter in waiters {
      append(waiter.receiver, to: &print)
      append(targetOf: waiter.descriptor, to: &print)
      print.append(waiter.room)
      print.append(waiter.deadline?.microseconds ?? .max)
    }
    return print
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

  private func append(_ queue: MessageQueue, to print: inout MailboxFingerprint) {
    print.append(queue.start.sequence)
    print.append(queue.count)
    var position = queue.start
    while position.sequence < queue.end.sequence {
      let message = queue.message(at: position)
      print.append(message.flags.rawValue)
      print.append(message.channel)
      print.append(message.source)
      print.append(message.bytes)
      position = queue.position(after: position)
    }
  }

  private func append(_ reference: HandleReference, to print: inout MailboxFingerprint) {
    print.append(reference.pid)
    print.append(reference.handle)
  }

  private func append(targetOf descriptor: UInt32, to print: inout MailboxFingerprint) {
    print.append(boxIndex(id: descriptor).map { boxes[$0].target.text } ?? [])
  }
}
