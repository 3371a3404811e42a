@testable import HSXExecutive
import HSXHAL
import HSXPersistence
import HSXProvisioning
import HSXSigning
import HSXSimulation
import HXE
import MiniVM
import Testing

/// An executive with a store in a simulated memory.
typealias StoredExecutive = HSXExecutive.Executive<SimulatedMemory, HostCryptography>

/// The memory of a small node with image slots: 256 KiB of NOR in sectors of 4 KiB.
func formattedMemory() throws -> SimulatedMemory {
  let geometry = try #require(
    Geometry(size: 0x4_0000, writeUnit: 4, eraseUnit: 4096, erasedValue: 0xFF, ratedCycles: 10_000))
  var memory = SimulatedMemory(.nor, geometry)
  let layout = try #require(Layout.standard(for: geometry))
  _ = try StateStore.format(layout, in: &memory)
  return memory
}

/// An executive after a boot on this memory, with nothing loaded.
func booted(_ memory: SimulatedMemory, policy: Policy = .desktop) throws -> StoredExecutive {
  var executive = StoredExecutive(policy: policy, platform: .host)
  try executive.attachStorage(memory)
  return executive
}

extension HSXExecutive.Executive where Memory == SimulatedMemory {
  /// What the memory would hold if the power failed now.
  mutating func memory() throws -> SimulatedMemory {
    var memory: SimulatedMemory?
    try withMemory { memory = $0 }
    return try #require(memory)
  }

  /// How its memory will fail from now on.
  mutating func withMemory(_ body: (inout SimulatedMemory) -> Void) throws {
    guard var taken = storage.take() else { throw TestFailure() }
    body(&taken.memory)
    storage = consume taken
  }

  /// The number stored for a key.
  mutating func storedNumber(_ key: UInt16, generation: UInt8 = 0) -> Float16? {
    storage?.value(of: key, generation: generation).map { Float16(bitPattern: $0) }
  }

  /// The numbers of which it was told that they are stored.
  func storedEvents(from sequence: UInt64 = 1) -> [Float16] {
    bodies(from: sequence).compactMap {
      if case .valueStored(_, _, let bits, _) = $0 { Float16(bitPattern: bits) } else { nil }
    }
  }
}

struct TestFailure: Error {}

/// An image with one value of number 1:1, stored under `key`, that loops for ever.
func counterImage(
  name: String = "counter", key: Int = 17, initial: Double = 1, maximum: Double = 1000,
  body: String = "JMP main"
) throws -> [UInt8] {
  try assembled(
    """
    .value {"group":1,"id":1,"flags":"PERSIST","init":\(initial),"min":0.0,"max":\(maximum),"persist_key":\(key)}
    .text
    .entry main
    main:
    \(body)
    """, name: name)
}
