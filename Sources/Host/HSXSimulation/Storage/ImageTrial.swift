import HSXHAL
import HSXPersistence

/// A whole store, and beside it what may be true of its images: a value, so that every fault forks it.
///
/// The memory is told which slots are the active image's and its fallback's; to erase or to program those is a violation.
struct ImageTrial: Sendable {
  let configuration: ImageConfiguration
  var memory: SimulatedMemory
  var store: ImageStore
  private(set) var candidates: [ImageState]
  private(set) var observed = ImageState()
  private(set) var problem: StorageProblem?
  /// What happened, if it is told.
  var story: [String]?
  /// Images that any slot may hold, newest last.
  private var images: [KnownImage] = []

  init(_ configuration: ImageConfiguration) throws(StoreError) {
    self.configuration = configuration
    memory = SimulatedMemory(configuration.family, configuration.geometry)
    store = try ImageStore.format(configuration.layout, in: &memory)
    candidates = [observed]
  }

  /// The power goes, if it has not yet, with everything that was not synced; it comes back, and what is there is compared with
  /// what may be.
  mutating func boot() {
    guard let state = remount(), problem == nil else { return }
    if !candidates.contains(state) {
      tell { "  may be \($0.candidates)" }
      fail(candidates.contains { $0.active == state.active } ? .halfDone : .lost)
    }
  }

  /// The same without judging; nil if it does not mount.
  mutating func remount() -> ImageState? {
    guard problem == nil else { return nil }
    if memory.isPowered { memory.cutNow(lost: .max) }
    memory.powerUp()
    do { store = try ImageStore(mounting: &memory) } catch {
      tell { _ in "boot: \(error)" }
      fail(.notMounted)
      return nil
    }
    observed = look()
    protect()
    tell { "boot: \($0.observed) \($0.phases)" }
    return observed
  }

  /// Does it, with a cut in it if there is one. True if it was acknowledged.
  @discardableResult
  mutating func perform(_ operation: ImageOperation, cut: (after: Int, tear: Tear)? = nil) -> Bool {
    guard problem == nil else { return false }
    if case .stage(let image) = operation { _ = known(image) }
    if let cut { memory.cut(after: cut.after, cut.tear) }
    let after = operation.applied(to: observed)
    var isDone = true
    var isSettled = true
    do { isSettled = try carryOut(operation) } catch {
      isDone = false
      tell { "\(operation): \(error) \($0.phases)" }
    }
    memory.cancelCut()
    if !memory.violations.isEmpty {
      tell { "\($0.memory.violations)" }
      fail(.violation)
    }
    if isDone {
      tell { "\(operation): done \($0.phases)" }
      // Where there was nothing to do nothing is settled.
      if isSettled { candidates = [after] }
      observed = look()
      protect()
      if observed != after {
        tell { "  is \($0.observed), should be \(after)" }
        fail(.disagrees)
      }
      return true
    }
    if memory.isPowered { fail(.refused) }
    for state in [observed, after] where !candidates.contains(state) { candidates.append(state) }
    return false
  }

  /// Notes what does not hold; the first counts.
  mutating func fail(_ problem: StorageProblem) {
    if self.problem == nil { self.problem = problem }
  }

  /// What the store says, and what its images are.
  private mutating func look() -> ImageState {
    var state = ImageState()
    let table = store.slots
    var generation: UInt8 = 0
    for slot in table.indices {
      let entry = table[slot]
      guard entry.phase == .verified || entry.phase == .trial || entry.phase == .confirmed else { continue }
      guard let image = imageNumber(in: slot) else {
        tell { _ in "  slot \(slot) is \(entry.phase) and damaged" }
        fail(.wrong)
        continue
      }
      if entry.phase == .verified {
        state.verified = image
      } else if entry.isActive {
        if state.active != 0 { fail(.wrong) }
        state.active = image
        state.isConfirmed = entry.phase == .confirmed
        state.tally = entry.tally
        generation = entry.generation
        if let fallback = table.fallback(of: slot) {
          state.fallback = imageNumber(in: fallback) ?? -1
          state.fallbackValues = values(table[fallback].generation)
        }
      }
    }
    if state.active != 0 { state.values = values(generation) }
    return state
  }

  private func values(_ generation: UInt8) -> [UInt16?] {
    [1, 2].map { store.value(of: $0, generation: generation) }
  }

  /// Which image a slot holds: its descriptor read, every byte compared; nil if it is damaged or unknown.
  mutating func imageNumber(in slot: UInt16) -> Int? {
    guard let descriptor = try? store.descriptor(of: slot, in: &memory) else { return nil }
    let sha = descriptor.sha256
    let known = images.last { image in (0..<32).allSatisfy { image.digest[$0] == sha[$0] } }
    guard let known, descriptor.length == known.bytes.count else { return nil }
    var bytes = [UInt8](repeating: 0, count: known.bytes.count)
    var span = bytes.mutableSpan
    do { try store.read(slot, at: 0, into: &span, in: &memory) } catch { return nil }
    return bytes == known.bytes ? known.number : nil
  }

  /// An image, which is remembered.
  mutating func known(_ number: Int) -> KnownImage {
    if let image = images.last(where: { $0.number == number }) { return image }
    let bytes = configuration.image(number)
    var digest = SimulatedDigest()
    digest.update(bytes.span)
    let image = KnownImage(number: number, bytes: bytes, digest: digest.finish())
    images = (images + [image]).suffix(8)
    return image
  }

  /// Lets the memory guard the active image and its fallback.
  private mutating func protect() {
    let table = store.slots
    memory.protected = table.indices.filter { slot in
      table[slot].isActive || table.indices.contains { table[$0].isActive && table.fallback(of: $0) == slot }
    }.map { slot in
      let start = configuration.layout.offset(ofSlot: Int(slot))
      return start..<start + configuration.layout.slotSize
    }
  }

  private var phases: String { store.slots.indices.map { "\(store.slots[$0].phase)" }.joined(separator: " ") }

  private mutating func tell(_ line: (ImageTrial) -> String) {
    guard story != nil else { return }
    let line = line(self)
    story?.append(line)
  }
}

/// An image as the sender has it.
struct KnownImage: Sendable {
  var number: Int
  var bytes: [UInt8]
  var digest: InlineArray<32, UInt8>
}
