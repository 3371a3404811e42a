import HSXHAL
import HSXTransfer
import Testing

@Suite("Values on a bus")
struct ValueTests {
  private struct Target: ValueTarget {
    var stored: UInt16 = 0x3C00
    var calls: [UInt16] = []

    mutating func value(_ oid: UInt16) -> Result<UInt16, ValueRefusal> {
      oid == 7 ? .success(stored) : .failure(ValueRefusal(.unknown))
    }
    mutating func set(_ oid: UInt16, to bits: UInt16) -> ValueRefusal? {
      guard oid == 7 else { return ValueRefusal(.denied) }
      stored = bits
      return nil
    }
    mutating func call(_ oid: UInt16, token: UInt16) -> ValueRefusal? {
      calls.append(token)
      return nil
    }
  }

  private func answer(_ responder: inout ValueResponder, to frame: ValueFrame, _ target: inout Target)
    -> ValueFrame?
  {
    guard responder.receive(frame.frame(base: 0x100), for: &target) else { return nil }
    return responder.nextFrame().flatMap { ValueFrame($0, base: 0x100) }
  }

  @Test("are asked for, set and called, each answered with the asker's sequence")
  func operations() throws {
    var responder = try #require(ValueResponder(base: 0x100))
    var target = Target()
    let got = answer(&responder, to: ValueFrame(.get, oid: 7, sequence: 3), &target)
    #expect(got == ValueFrame(.answer, oid: 7, bits: 0x3C00, sequence: 3))
    let missing = answer(&responder, to: ValueFrame(.get, oid: 8, sequence: 4), &target)
    #expect(missing?.status == ValueStatus.unknown.rawValue)
    let denied = answer(&responder, to: ValueFrame(.set, oid: 9, bits: 1, sequence: 5), &target)
    #expect(denied?.status == ValueStatus.denied.rawValue)
    _ = answer(&responder, to: ValueFrame(.set, oid: 7, bits: 0x4000, sequence: 6), &target)
    #expect(target.stored == 0x4000)
  }

  @Test("do a call once, and answer its repetition")
  func repetition() throws {
    var responder = try #require(ValueResponder(base: 0x100))
    var target = Target()
    let call = ValueFrame(.call, oid: 1, bits: 99, sequence: 1)
    #expect(answer(&responder, to: call, &target) == answer(&responder, to: call, &target))
    #expect(target.calls == [99])
    _ = answer(&responder, to: ValueFrame(.call, oid: 1, bits: 99, sequence: 2), &target)
    #expect(target.calls == [99, 99])
  }

  @Test("that change often are told as they are when their turn comes")
  func coalescing() throws {
    var responder = try #require(ValueResponder(base: 0x100))
    for bits in 0..<100 { responder.publish(7, UInt16(bits)) }
    let next = responder.nextFrame()
    let frame = try #require(next)
    #expect(frame.identifier == 0x102)
    #expect(ValueFrame(frame, base: 0x100)?.bits == 99)
    #expect(responder.nextFrame() == nil)
  }

  @Test("are to the bit: oid, bits, sequence, status, the low byte first")
  func layout() {
    let frame = ValueFrame(.set, topic: 2, oid: 0x0102, bits: 0x0304, sequence: 0x0506, status: 0).frame(
      base: 0x100)
    #expect(frame.identifier == 0x111)
    let bytes = (0..<8).map { frame.bytes[$0] }
    #expect(bytes == [2, 1, 4, 3, 6, 5, 0, 0])
    #expect(ValueFrame(CANFrame(standard: 0x117, frame.bytes, count: 8), base: 0x100) == nil)
    #expect(ValueFrame(CANFrame(standard: 0x100, frame.bytes, count: 7), base: 0x100) == nil)
    #expect(ValueResponder(base: 0x110) == nil)
  }
}
