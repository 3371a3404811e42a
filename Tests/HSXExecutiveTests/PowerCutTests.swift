import Foundation
@testable import HSXExecutive
import HSXHAL
import HSXPersistence
import HSXProvisioning
import HSXRegistry
import HSXSimulation
import HXE
import MiniVM
import Testing

/// Power cuts while an app is replaced by an image that is stored: after each, whatever it left, a start finds the old image
/// with the old one's value, or the new one with its own.
@Suite("Power cuts in a replacement")
struct PowerCutTests {
  private static let counter = ObjectID(group: 1, member: 1)
  /// What the new image's value is when it starts: outside of its range the old one's is not taken over.
  private static let ends = ["LDI R0, 0\nRET", "LDI R0, 1\nRET"]

  /// Version 1, confirmed, with the value 9.
  private func before() throws -> SimulatedMemory {
    var executive = try booted(try formattedMemory())
    _ = try executive.loadStored(counterImage(body: "LDI R0, 0\nRET"))
    _ = try executive.run(upTo: 10, now: .zero)
    let nine = Float16(9).bitPattern
    #expect(executive.setValue(Self.counter, to: nine, caller: .client(.factory), now: .zero) == .ok)
    try executive.flush(now: .zero)
    #expect(try executive.phases() == ["0 confirmed*"])
    return try executive.memory()
  }

  /// A start, the replacement, and its probation, with the power failing when it does.
  private func replace(_ memory: SimulatedMemory, _ image: [UInt8]) throws -> SimulatedMemory {
    var executive = try booted(memory)
    do {
      _ = try executive.startStored(nonce: 1, now: .zero)
      _ = try executive.loadStored(image, replaces: true)
      _ = try executive.run(upTo: 10, now: .zero)
      executive.advance(to: Instant(milliseconds: 1))
    } catch {}
    return try executive.memory()
  }

  /// The revision that runs after a start, and its value; then it is set to 4, so that a write proves what was read.
  private func found(_ memory: inout SimulatedMemory) throws -> [Float16] {
    memory.powerUp()
    var executive = try booted(memory)
    let started = try executive.startStored(nonce: 1, now: .zero)
    #expect(started.count == 1)
    #expect(try executive.memory().violations.isEmpty)
    guard case .store(_, let revision)? = started.first?.source else { return [] }
    let bits = try #require(executive.objects.values[Self.counter]?.bits)
    let four = Float16(4).bitPattern
    #expect(executive.setValue(Self.counter, to: four, caller: .client(.factory), now: .zero) == .ok)
    try executive.flush(now: .zero)
    memory = try executive.memory()
    return [Float16(revision), Float16(bitPattern: bits)]
  }

  @Test("leave the old image with its value or the new one with its own", arguments: [0, 1])
  func everywhere(ending: Int) throws {
    let image = try counterImage(initial: 3, maximum: 5, body: Self.ends[ending])
    let start = try before()
    var whole = try replace(start, image)
    let steps = whole.steps - start.steps
    #expect(try found(&whole) == (ending == 0 ? [2, 3] : [1, 9]))
    let all = ProcessInfo.processInfo.environment["HSX_ALL_TEARS"] != nil
    var outcomes: [[Float16]: Int] = [:]
    for step in 0..<steps {
      let tears = [
        Tear(.prefix), Tear(.prefix, lost: .max), Tear(.bits(seed: UInt32(step))),
        Tear(.weak(WeakHistory([.new, .old, .mixed]))), Tear(.weak(WeakHistory([.old, .new, .new]))),
      ]
      for tear in all ? tears : [tears[step % tears.count]] {
        var memory = start
        memory.cut(after: step, tear)
        memory = try replace(memory, image)
        let first = try found(&memory)
        #expect([[1, 9], [2, 3]].contains(first), "cut at \(step)")
        // What was written upon stays, whatever a weak word reads as by now.
        #expect(try found(&memory) == [first[0], 4], "cut at \(step), second start")
        outcomes[first, default: 0] += 1
      }
    }
    #expect(outcomes[[1, 9]] ?? 0 > 0)
    if ending == 0 { #expect(outcomes[[2, 3]] ?? 0 > 0) }
    if ending == 1 { #expect(outcomes[[2, 3]] == nil) }
  }
}
