import HSXHAL
import HSXPersistence
import HSXProvisioning
import HXE
import MiniVM

/// The bytes of an image that is not stored, kept so that it still can be.
struct RetainedImage: Sendable {
  let pid: PID
  var bytes: [UInt8]
}

// An image that is to be stored goes into its slot while it passes through the machine's loader; there is no second
// copy of it in between.
extension Executive where Memory: ~Copyable {
  /// Bytes that are read from a slot at once.
  static var pieceBytes: Int { 1024 }

  /// Takes a slot for a transfer that asks for one; what an earlier transfer of the same image has left there goes
  /// through the loader first.
  ///
  /// - Throws: what the store or the bytes refuse, which ends the transfer.
  mutating func stage(
    _ receipt: inout TransferReceipt, _ request: TransferRequest, now: Instant
  ) throws(ProvisioningError) {
    guard let target = request.options.persists else {
      if policy.retainsImages, storageCondition != nil {
        retained.append(RetainedImage(pid: receipt.pid, bytes: []))
      }
      return
    }
    settleStaged()
    do throws(ProvisioningError) {
      guard storageCondition != nil else { throw .noStore }
      let offset: Int
      do throws(StoreError) {
        offset =
          try storage?.stage(
            receipt.handle, target, length: request.totalBytes.map { Int($0) }, sha256: request.sha256) ?? 0
      } catch {
        if case .hashRejected(let slot) = error { audit(.refused, slot, isRefusal: true, now: now) }
        throw .store(error)
      }
      try prefill(receipt.handle, upTo: offset)
      receipt.offset = UInt32(truncatingIfNeeded: offset)
    } catch {
      failTransfer(receipt.handle, error, now: now)
      throw error
    }
  }

  private mutating func prefill(_ handle: UInt64, upTo end: Int) throws(ProvisioningError) {
    guard let slot = storage?.staged.first(where: { $0.handle == handle })?.slot else { return }
    var offset = 0
    while offset < end {
      let piece = try bytes(of: slot, at: offset, count: min(Self.pieceBytes, end - offset))
      try provisioner.prefill(handle, piece.span, machine: &machine)
      offset += piece.count
    }
  }

  /// Stores the bytes of a chunk that was taken, or keeps them.
  ///
  /// - Throws: what the store refuses, which ends the transfer.
  mutating func keep(
    _ chunk: Span<UInt8>, of status: TransferStatus, now: Instant
  ) throws(ProvisioningError) {
    if let index = retained.firstIndex(where: { $0.pid == status.pid }) {
      for position in chunk.indices { retained[index].bytes.append(chunk[position]) }
      return
    }
    do throws(StoreError) {
      try storage?.write(status.handle, chunk)
    } catch {
      failTransfer(status.handle, .store(error), now: now)
      throw .store(error)
    }
  }

  /// Completes the slot of a proved image, if it has one.
  ///
  /// - Throws: what the store refuses, which ends the transfer.
  mutating func sealStaged(_ handle: UInt64, crc32: UInt32, now: Instant) throws(ProvisioningError) {
    let facts = try provisioner.transferFacts(handle)
    do throws(StoreError) {
      let image = try storage?.seal(handle, app: facts.appName, crc32: crc32, source: facts.source) ?? nil
      guard let image, let revision = image.revision else { return }
      audit(.stored, image.slot, now: now)
      let pid = try? provisioner.status(.handle(handle)).pid
      events.emit(
        .persisted(
          facts, slot: UInt8(truncatingIfNeeded: image.slot), revision: revision, target: image.target,
          crc32: crc32),
        pid: pid, now: now)
    } catch {
      if case .hashRejected(let slot) = error { audit(.refused, slot, isRefusal: true, now: now) }
      failTransfer(handle, .store(error), now: now)
      throw .store(error)
    }
  }

  /// Ends a transfer because of what the store says; its slot is given back.
  mutating func failTransfer(_ handle: UInt64, _ error: ProvisioningError, now: Instant) {
    provisioner.fail(handle, error, stage: .persist, now: now, machine: &machine, events: &events)
    settleStaged()
  }

  /// Gives back the slots and the bytes of transfers that are over. What came of one that ran out of time stays, so
  /// that it may go on; of those that failed or were aborted nothing does.
  mutating func settleStaged() {
    for index in retained.indices.reversed() {
      let pid = retained[index].pid
      if tasks.contains(where: { $0.pid == pid }) || provisioner.isLoading(pid) { continue }
      retained.remove(at: index)
    }
    do throws(StoreError) {
      try storage?.releaseComplete()
    } catch {
      return
    }
    let handles = storage?.staged.compactMap { $0.handle } ?? []
    for handle in handles where !provisioner.isOpen(handle) {
      var mayGoOn = false
      if case .timedOut = (try? provisioner.status(.handle(handle)))?.lastError { mayGoOn = true }
      do throws(StoreError) {
        try storage?.unstage(handle, mayGoOn: mayGoOn)
      } catch {
        // One in STAGING may be overwritten by the next image; one that is complete is tried again.
        continue
      }
    }
  }

  /// Bytes of a slot's image.
  mutating func bytes(of slot: UInt16, at offset: Int, count: Int) throws(ProvisioningError) -> [UInt8] {
    do throws(StoreError) {
      return try storage?.bytes(of: slot, at: offset, count: count) ?? []
    } catch {
      throw .store(error)
    }
  }
}
