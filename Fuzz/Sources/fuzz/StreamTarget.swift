import HSXExecutive
import HSXHAL
import HSXMailbox
import HSXProvisioning
import HSXRegistry
import HXE
import MiniVM

/// One image into two executives, whole into one and in chunks into the other: the same error, and both as they
/// were before; or the same activation, and the same run.
func fuzzStream(_ corpus: Corpus, _ random: inout Random, _ isReplay: Bool) -> (String?, Bool) {
  let image = mutatedImage(corpus, &random)
  let resident = random.below(3) == 0 ? random.pick(corpus.goodImages.filter { $0.count < 10_000 }) : nil
  let policy = random.below(3) == 0 ? Policy.embedded : .desktop
  let cuts = random.cuts(of: image.count, limit: Int(policy.chunkBytes))
  var whole = Executive(policy: policy, platform: .host)
  // With the other engine, so that both see the same mutated code.
  var streamed = Executive(policy: policy, platform: random.below(2) == 0 ? .host : .microcontroller)
  if let resident {
    let options = LoadOptions(source: source)
    _ = loadWhole(resident, options, &whole)
    _ = loadWhole(resident, options, &streamed)
  }
  var options = LoadOptions(source: source)
  options.replaces = random.below(2) == 0
  options.sealsOnly = random.below(3) == 0
  let before = State(whole)
  guard before == State(streamed) else { return ("different before they begin", false) }
  let isTold = random.below(4) != 0
  if random.below(4) == 0 {
    // A transfer given up half-way is as if it had not been, but for its pid.
    let half = Array(cuts.prefix(random.below(cuts.count + 1)))
    _ = loadStreamed(image, half, options, isTold: isTold, isAborted: true, &whole)
    _ = loadStreamed(image, half, options, isTold: isTold, isAborted: true, &streamed)
    guard State(whole) == before, State(streamed) == before, whole.transfers.isEmpty else {
      return ("an abort leaves something", false)
    }
  }
  let first = loadWhole(image, options, &whole)
  let second = loadStreamed(image, cuts, options, isTold: isTold, isAborted: false, &streamed)
  if isReplay { print("\(image.count) bytes, \(cuts.count) chunks\nwhole: \(first)\nstreamed: \(second)") }
  switch (first, second) {
  case (.success(let first), .success(let second)):
    guard first == second else { return ("two activations", true) }
    return (difference(&whole, &streamed, first.pid), true)
  case (.failure(let first), .failure(let second)):
    guard isSame(first, second, isTold: isTold) else { return ("whole \(first), streamed \(second)", false) }
    guard State(whole) == before, whole.transfers.isEmpty else { return ("whole leaves something", false) }
    guard State(streamed) == before, streamed.transfers.isEmpty else {
      return ("streamed leaves something", false)
    }
    // Places for tasks and transfers that were not given back would run out.
    for _ in 0...policy.budget.tasks where policy == .embedded {
      guard case .failure(let again) = loadWhole(image, options, &streamed),
        again == loadWholeError(image, options, &whole)
      else { return ("refused otherwise when tried again", false) }
      guard again == first else { return ("first \(first), then \(again)", false) }
    }
    return (nil, false)
  default: return ("whole \(first), streamed \(second)", false)
  }
}

/// What can be seen of an executive.
private struct State: Equatable {
  var tasks: [ExecutiveTask]
  var objects: RegistryFingerprint
  var mailboxes: MailboxFingerprint

  init(_ executive: borrowing Executive) {
    tasks = executive.taskList
    objects = executive.objects.fingerprint
    mailboxes = executive.mailboxes.fingerprint
  }
}

/// Whether a stream may be refused so when the whole is. A name that is taken shows at the header, before later
/// bytes show what else is wrong; and a stream whose length was not told shows a fault of size at its end only.
private func isSame(_ whole: ProvisioningError, _ streamed: ProvisioningError, isTold: Bool) -> Bool {
  if whole == streamed { return true }
  guard case .image(let error) = whole else { return false }
  if case .appExists = streamed { return true }
  let sizeFaults: [ImageError.Reason] = [
    .truncated, .metadataOutOfBounds, .sectionOutOfBounds, .manifestTruncated,
  ]
  guard !isTold else { return false }
  if sizeFaults.contains(error.reason) { return true }
  // A file that is cut within the fields of its header is judged by what they ask for, not by where it ends; a
  // stream of untold length takes 4 GiB for its end.
  guard case .image(let other) = streamed else { return false }
  return other.expected == .max && other.offset == error.offset && sizeFaults.contains(other.reason)
}

private let source = Source.rpc(peer: Array("fuzz".utf8))

private func loadWhole(
  _ image: [UInt8], _ options: LoadOptions, _ executive: inout Executive
) -> Result<Activation, ProvisioningError> {
  do throws(ProvisioningError) {
    let activation = try executive.load(image.span, options: options, nonce: 7, now: .zero)
    if let activation { return .success(activation) }
    return .success(try executive.activate(.handle(7), by: .admin, now: .zero))
  } catch {
    return .failure(error)
  }
}

private func loadWholeError(
  _ image: [UInt8], _ options: LoadOptions, _ executive: inout Executive
) -> ProvisioningError? {
  if case .failure(let error) = loadWhole(image, options, &executive) { error } else { nil }
}

/// A load in chunks that ends as asked for: `cancelled` tells of one that was given up.
private func loadStreamed(
  _ image: [UInt8], _ cuts: [Int], _ options: LoadOptions, isTold: Bool, isAborted: Bool,
  _ executive: inout Executive
) -> Result<Activation, ProvisioningError> {
  var request = TransferRequest(options: options, nonce: 7)
  if isTold {
    request.totalBytes = UInt32(clamping: image.count)
    request.crc32 = CRC32.checksum(image.span, .fast)
  }
  do throws(ProvisioningError) {
    let receipt = try executive.loadBegin(request, now: .zero)
    let key = Provisioner.Key.handle(receipt.handle)
    var start = 0
    for (sequence, cut) in cuts.enumerated() {
      let chunk = image.span.extracting(start..<start + cut)
      let number = UInt32(sequence)
      _ = try executive.loadWrite(key, by: .anonymous, sequence: number, chunk, now: .zero)
      // An answer that got lost: the same again changes nothing.
      if sequence % 5 == 1 {
        _ = try executive.loadWrite(key, by: .anonymous, sequence: number, chunk, now: .zero)
      }
      start += cut
    }
    if isAborted {
      _ = try executive.loadAbort(key, by: .anonymous, now: .zero)
      return .failure(.cancelled)
    }
    let activation = try executive.loadEnd(key, by: .anonymous, now: .zero)
    if let activation { return .success(activation) }
    return .success(try executive.activate(key, by: .anonymous, now: .zero))
  } catch {
    return .failure(error)
  }
}

/// How two runs of the same image differ, in what tasks, memory, registers, registries and effects show.
private func difference(_ one: inout Executive, _ other: inout Executive, _ pid: PID) -> String? {
  for round in 0..<4 {
    do throws(ProvisioningError) {
      let now = Instant(milliseconds: UInt64(round) * 100)
      let first = try one.run(upTo: 5_000, now: now)
      let second = try other.run(upTo: 5_000, now: now)
      guard first == second else { return "runs differ: \(first), \(second)" }
      while true {
        let effect = one.nextEffect()
        guard effect == other.nextEffect() else { return "effects differ" }
        if effect == nil { break }
      }
      guard State(one) == State(other) else { return "states differ after \(first)" }
      // A replacement that failed its probation is gone; its predecessor is among the states.
      guard one.taskList.contains(where: { $0.pid == pid }) else { break }
      guard try one.processor(of: pid) == other.processor(of: pid) else {
        return "processors differ after \(first)"
      }
      let memory = try one.peek(pid, at: 0, count: Machine.memorySize)
      guard try memory == other.peek(pid, at: 0, count: Machine.memorySize) else {
        return "memories differ after \(first)"
      }
      if first.reason == .idle { break }
    } catch {
      return "an error where there is none: \(error)"
    }
  }
  return nil
}
