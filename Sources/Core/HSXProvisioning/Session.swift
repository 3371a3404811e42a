import HSXHAL
public import HXE
public import MiniVM

/// How an image is to be loaded.
public struct LoadOptions: Equatable, Sendable {
  /// Where it comes from.
  public var source: Source
  /// Its name when the image itself has none: a file's stem, say.
  public var fallbackName: ShortName
  /// Whether it takes the place of the running app of its name, if there is one.
  public var replaces: Bool
  /// Whether it waits, sealed, for `activate`.
  public var sealsOnly: Bool
  /// Milliseconds that a replacement must run without a fault; nil for the policy's.
  public var probation: UInt32?
  /// Where the image is stored too, if it is; then it is its app's active image from its activation on.
  public var persists: PersistTarget?

  /// A plain load from `source`.
  public init(
    source: Source, fallbackName: ShortName = ShortName(), replaces: Bool = false, sealsOnly: Bool = false,
    probation: UInt32? = nil, persists: PersistTarget? = nil
  ) {
    self.source = source
    self.fallbackName = fallbackName
    self.replaces = replaces
    self.sealsOnly = sealsOnly
    self.probation = probation
    self.persists = persists
  }
}

/// What the sender of a stream says at its start.
public struct TransferRequest: Equatable, Sendable {
  /// How the image is to be loaded.
  public var options: LoadOptions
  /// Bytes in all, if known.
  public var totalBytes: UInt32?
  /// CRC-32 of all bytes of the file, if known.
  public var crc32: UInt32?
  /// The 32 bytes of the SHA-256 of all bytes of the file, if known. A stored transfer that was cut short is found again
  /// by it.
  public var sha256: [UInt8]?
  /// Milliseconds between chunks; nil for the policy's.
  public var writeTimeout: UInt32?
  /// Milliseconds for all; nil for the policy's.
  public var totalTimeout: UInt32?
  /// The client session that owns the transfer; nil for one that belongs to its handle alone.
  public var owner: UInt64?
  /// A random number, from which the handle is made.
  public var nonce: UInt64

  /// A request with nothing announced.
  public init(options: LoadOptions, nonce: UInt64) {
    self.options = options
    self.nonce = nonce
  }
}

/// What `begin` answers.
public struct TransferReceipt: Equatable, Sendable {
  /// What names the transfer from now on: a random number below 2^53, so that each JSON reader keeps it whole.
  public var handle: UInt64
  /// The pid that the task will have.
  public var pid: PID
  /// The most bytes of one chunk.
  public var chunkBytes: UInt32
  /// The number of the first chunk.
  public var nextSequence: UInt32
  /// The place in the file of the first chunk: where an earlier transfer of the same image was cut short, else 0.
  public var offset: UInt32 = 0
}

/// What `write` answers.
public struct WriteReceipt: Equatable, Sendable {
  /// The number of the chunk that is due.
  public var nextSequence: UInt32
  /// Bytes taken so far.
  public var bytesWritten: UInt32
}

/// How a transfer stands, or how it ended.
public struct TransferStatus: Equatable, Sendable {
  /// Its handle.
  public var handle: UInt64
  /// Its pid.
  public var pid: PID
  /// Its state; of one that is over, the last before it went idle.
  public var state: TransferState
  /// Bytes taken.
  public var bytesWritten: UInt32
  /// Bytes announced.
  public var totalBytes: UInt32?
  /// The number of the chunk that is due.
  public var nextSequence: UInt32
  /// CRC-32 of the bytes taken.
  public var crc32: UInt32
  /// Whether nothing came for half a write timeout.
  public var isStalled: Bool
  /// Why it failed, if it did.
  public var lastError: ProvisioningError?
  /// Where the image comes from.
  public var source: Source

  /// Whole percent of the total; nil if that is not known.
  public var percent: UInt8? {
    TransferProgress(
      bytesWritten: bytesWritten, totalBytes: totalBytes, bytesPerSecond: 0, isStalled: isStalled
    ).percent
  }
}

/// One transfer: what has come, what is due, and its timers.
struct Session: Sendable {
  /// A chunk that was taken, as far as it takes to know it again.
  private struct Chunk: Sendable {
    var count: UInt32
    var crc32: UInt32
  }

  let handle: UInt64
  let pid: PID
  let request: TransferRequest
  let began: Instant
  let writeTimeout: UInt32
  let totalTimeout: UInt32
  private(set) var state = TransferState.idle
  private(set) var nextSequence: UInt32 = 0
  private(set) var bytesWritten: UInt32 = 0
  private(set) var lastChunk: Instant
  /// When a progress was last told, and how many bytes it said.
  var lastProgress: Instant?
  var reportedBytes: UInt32 = 0
  var isStalled = false
  /// When the image was sealed, and what it declares, until it is activated.
  var sealed: (time: Instant, metadata: Metadata)?
  var lastError: ProvisioningError?
  /// The image's header, as soon as it is there and within the budget.
  var header: Header?
  /// When the owner's client session went away; the transfer outlives it by its write timeout.
  var orphaned: Instant?
  // A whole image comes in one piece and is never repeated, so nobody asks for the CRC of its bytes.
  private let isWhole: Bool
  private var checksum: CRC32
  private let chunkAlgorithm: CRC32.Algorithm
  // A ring of the last chunks; chunk n stands at n modulo its limit.
  private var chunks: [Chunk] = []
  private let rememberedChunks: Int

  init(
    handle: UInt64, pid: PID, request: TransferRequest, isWhole: Bool, policy: Policy,
    checksum: CRC32.Algorithm, now: Instant
  ) {
    self.handle = handle
    self.pid = pid
    self.request = request
    self.isWhole = isWhole
    began = now
    lastChunk = now
    writeTimeout = request.writeTimeout ?? policy.writeTimeout
    totalTimeout = request.totalTimeout ?? policy.totalTimeout
    self.checksum = CRC32(checksum)
    chunkAlgorithm = checksum
    rememberedChunks = max(1, policy.rememberedChunks)
  }

  var crc32: UInt32 { checksum.value }

  var status: TransferStatus {
    TransferStatus(
      handle: handle, pid: pid, state: state, bytesWritten: bytesWritten,
      totalBytes: request.totalBytes, nextSequence: nextSequence, crc32: crc32, isStalled: isStalled,
      lastError: lastError, source: request.options.source)
  }

  /// Moves to `next`. Public calls refuse with `wrongState` before it comes to a move that the table lacks.
  mutating func move(to next: TransferState) {
    precondition(state.allows(next), "no such move in the table of TransferState")
    state = next
  }

  /// What a chunk is.
  enum Arrival { case due, repeated }

  /// Tells whether this chunk is the one that is due or one already taken.
  func judge(_ sequence: UInt32, _ chunk: Span<UInt8>) throws(ProvisioningError) -> Arrival {
    guard sequence <= nextSequence else { throw .sequenceGap(found: sequence, expected: nextSequence) }
    guard sequence < nextSequence else {
      let (end, overflow) = bytesWritten.addingReportingOverflow(UInt32(truncatingIfNeeded: chunk.count))
      let total = request.totalBytes ?? .max
      guard !overflow, end <= total else {
        throw .beyondTotal(total: total, found: overflow ? .max : end)
      }
      return .due
    }
    let oldest = nextSequence - UInt32(truncatingIfNeeded: chunks.count)
    guard sequence >= oldest else { throw .sequenceForgotten(found: sequence, oldest: oldest) }
    let taken = chunks[Int(sequence) % rememberedChunks]
    guard taken.count == chunk.count, taken.crc32 == checksum(of: chunk) else {
      throw .chunkContradicts(sequence: sequence)
    }
    return .repeated
  }

  /// Counts a chunk that was due and has been taken.
  mutating func take(_ chunk: Span<UInt8>, now: Instant) {
    let count = UInt32(truncatingIfNeeded: chunk.count)
    bytesWritten += count
    nextSequence += 1
    touch(now)
    guard !isWhole else { return }
    let sequence = nextSequence - 1
    let record = Chunk(count: count, crc32: checksum(of: chunk))
    if chunks.count < rememberedChunks {
      chunks.append(record)
    } else {
      chunks[Int(sequence) % rememberedChunks] = record
    }
    checksum.update(chunk)
  }

  /// Counts bytes that came with an earlier transfer.
  mutating func prefill(_ bytes: Span<UInt8>) {
    bytesWritten += UInt32(truncatingIfNeeded: bytes.count)
    checksum.update(bytes)
  }

  /// Notes a sign of life of the sender.
  mutating func touch(_ now: Instant) {
    lastChunk = now
    isStalled = false
  }

  private func checksum(of chunk: Span<UInt8>) -> UInt32 {
    var crc = CRC32(chunkAlgorithm)
    crc.update(chunk)
    return crc.value
  }
}
