import HSXExecutive
import HSXHAL
import HSXLinux
import HSXPersistence
import HSXProvisioning
import HSXSigning
import HSXTranslation

/// All that can be seen in a memory that holds a store, or should. Nothing is written.
struct StorageSurvey {
  /// A slot, and what its image reads as.
  struct Slot {
    enum Image: Equatable {
      /// There is none, or it is not complete.
      case none
      /// Its descriptor can be read; the image was not compared.
      case unverified
      case whole
      case damaged
    }

    var number: UInt16
    var offset: Int
    var state: SlotState
    var descriptor: ImageDescriptor?
    var image = Image.none
    var isCorrected = false
    /// Whether its app goes back to it if the active image fails.
    var isFallback = false
  }

  let path: String
  let geometry: Geometry
  let superblocks: [SuperblockReport]
  /// Nil if the ring says nothing.
  let store: StateStore?
  let layout: Layout
  let pages: [PageReport]
  let slots: [Slot]
  /// The numbers of the records of the audit log, the newest first.
  let logged: [UInt32]
  /// The newest whole list of trusted keys; nil if there is none.
  let trust: (version: UInt32, length: Int)?

  /// Looks at the store in `memory`; with `isVerifying` at each image's hash too.
  ///
  /// - Throws: a `Failure` if there is no superblock that fits.
  init<Memory: NonvolatileMemory & ~Copyable>(
    of path: String, in memory: inout Memory, isVerifying: Bool
  ) throws {
    self.path = path
    geometry = memory.geometry
    superblocks = [SuperblockReport(copy: 0, in: &memory), SuperblockReport(copy: 1, in: &memory)]
    guard let layout = superblocks.compactMap(\.layout).first else {
      throw Self.failure(path, superblocks, memory.geometry)
    }
    self.layout = layout
    store = try? StateStore(mounting: &memory)
    let journal = store?.journal ?? Journal(reporting: layout.ring, in: memory)
    var pages: [PageReport] = []
    for position in 0..<layout.ring.pageCount {
      pages.append(journal.report(ofPage: position, in: &memory))
    }
    self.pages = pages
    var slots: [Slot] = []
    if var store {
      for number in store.slots.indices {
        slots.append(Self.slot(number, &store, in: &memory, isVerifying: isVerifying))
      }
    }
    self.slots = slots
    trust = store.flatMap { $0.trust(in: &memory) }
    logged = store.map { Self.logNumbers($0, in: &memory) } ?? []
  }

  /// Opens what is at `path` to be read, beside others that read, and surveys it.
  static func read(_ path: String, isVerifying: Bool = false) throws -> StorageSurvey {
    var device = try openReading(path)
    return try StorageSurvey(of: path, in: &device, isVerifying: isVerifying)
  }

  static func openReading(_ path: String) throws -> StorageDevice {
    do throws(StorageError) {
      return try StorageDevice.open(path: path, access: .readOnly)
    } catch {
      throw Failure(path, error)
    }
  }

  private static func logNumbers<Memory: NonvolatileMemory & ~Copyable>(
    _ store: StateStore, in memory: inout Memory
  ) -> [UInt32] {
    var numbers: [UInt32] = []
    var cursor = AuditCursor()
    while let record = cursor.next(of: store.log, in: &memory) { numbers.append(record.sequence) }
    return numbers
  }

  private static func slot<Memory: NonvolatileMemory & ~Copyable>(
    _ number: UInt16, _ store: inout StateStore, in memory: inout Memory, isVerifying: Bool
  ) -> Slot {
    var slot = Slot(
      number: number, offset: store.layout.offset(ofSlot: Int(number)), state: store.state(of: number))
    guard slot.state.phase != .empty, slot.state.phase != .staging else { return slot }
    let table = store.slots
    slot.isFallback = table.active(of: number).flatMap { table.fallback(of: $0) } == number
    slot.descriptor = try? store.descriptor(of: number, in: &memory)
    slot.isCorrected = slot.descriptor != nil && store.isDescriptorCorrected(number, in: &memory)
    slot.image = slot.descriptor == nil ? .damaged : .unverified
    guard isVerifying, slot.descriptor != nil else { return slot }
    do throws(StoreError) {
      try store.verify(number, digest: HostCryptography.Digest.self, in: &memory)
      slot.image = .whole
    } catch {
      slot.image = .damaged
    }
    return slot
  }

  /// Why a memory without a superblock is no store, as far as can be told.
  private static func failure(
    _ path: String, _ superblocks: [SuperblockReport], _ geometry: Geometry
  ) -> Failure {
    for superblock in superblocks {
      switch superblock.finding {
      case .otherSize(let size):
        return Failure(
          path, .storageSize,
          why: "Its superblock speaks of \(grouped(size)) bytes, and it has \(grouped(geometry.size)).")
      case .unsuitable:
        return Failure(
          path, .storageSize, why: "Its superblock is of another version, or of a memory of another kind.")
      case .whole, .corrected, .erased, .damaged: continue
      }
    }
    let isErased = superblocks.allSatisfy { $0.finding == .erased }
    var failure = Failure(path, ProvisioningError.store(.unformatted))
    failure.why =
      isErased
      ? "It was never formatted: nothing stands where its superblocks belong."
      : "What stands at offsets \(superblocks[0].offset) and \(superblocks[1].offset) is no superblock."
    return failure
  }
}
