import HSXExecutive
import HSXHAL
import HSXPersistence
import HSXProvisioning
import HSXRegistry
import HXE
import MiniVM

// Every generic call of the executive with a memory and a cryptography of its own: only so does the compiler look at all of it
// as Embedded Swift.

struct ProbeDigest: StreamingDigest {
  private var state: UInt8 = 0
  mutating func update(_ bytes: Span<UInt8>) { for index in bytes.indices { state &+= bytes[index] } }
  mutating func finish() -> InlineArray<32, UInt8> { InlineArray(repeating: state) }
}

enum ProbeCryptography: Cryptography { typealias Digest = ProbeDigest }

func probe(_ flash: consuming Flash, _ image: [UInt8], _ now: Instant) throws(ProvisioningError) -> Int {
  var executive = Executive<Flash, ProbeCryptography>(policy: .embedded, platform: .microcontroller)
  do throws(StoreError) { try executive.attachStorage(flash) } catch { throw .store(error) }
  var total = try executive.startStored(nonce: 1, now: now).count
  var options = LoadOptions(source: .can(bus: 0, master: 1, session: 2), replaces: true, persists: .flash)
  let activation = try executive.load(image.span, options: options, nonce: 2, now: now)
  let pid = activation?.pid ?? 0
  options.sealsOnly = true
  let receipt = try executive.loadBegin(TransferRequest(options: options, nonce: 3), now: now)
  let key = Provisioner.Key.handle(receipt.handle)
  total += Int(try executive.loadWrite(key, by: .admin, sequence: 0, image.span, now: now).bytesWritten)
  _ = try executive.loadEnd(key, by: .admin, now: now)
  _ = try executive.activate(key, by: .admin, now: now)
  _ = try executive.loadAbort(key, by: .admin, now: now)
  total += Int(try executive.run(upTo: 1000, now: now).retired)
  executive.advance(to: now)
  total += executive.nextDeadline == nil ? 0 : 1
  while executive.nextEffect() != nil { total += 1 }
  total += try executive.persist(pid, target: .fram, now: now).slot == 0 ? 0 : 1
  total += try executive.slots().count
  try executive.release(slot: 2)
  total += try executive.auditTrail(limit: 8).count
  let app = ShortName("app") ?? ShortName()
  total += try executive.history(of: app).count
  _ = try executive.activate(slot: 1, nonce: 4, now: now)
  _ = try executive.activate(app: app, nonce: 5, now: now)
  _ = try executive.rollback(app, nonce: 6, now: now)
  _ = executive.setValue(ObjectID(group: 1, member: 1), to: 0, caller: .client(.user), now: now)
  _ = executive.call(ObjectID(group: 1, member: 1), caller: .client(.user), now: now)
  try executive.pause(pid, now: now)
  try executive.resume(pid, now: now)
  try executive.kill(pid, now: now)
  total += executive.taskList.count + executive.transfers.count
  try executive.stop(now: now)
  return total
}

/// What the linker keeps the rest for.
@_cdecl("executive_probe") public func executiveProbe(_ size: Int) -> Int {
  guard let geometry = Geometry(size: size, writeUnit: 8, eraseUnit: 4096, erasedValue: 0xFF, ratedCycles: 0)
  else { return -1 }
  do throws(ProvisioningError) {
    return try probe(Flash(geometry: geometry), [], .zero)
  } catch {
    return -1
  }
}
