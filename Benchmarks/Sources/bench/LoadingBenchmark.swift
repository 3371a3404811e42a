import CMalloc
import CZlib
import Foundation
import HSXExecutive
import HSXHAL
import HSXProvisioning
import HXE
import MiniVM

/// The golden image of 52 KB that `loading` loads and `protocol` streams.
let largeImage = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
  .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
  .appendingPathComponent("Tests/Fixtures/vectors/images/large.hxe")

/// What provisioning a 52 KB image costs beside reading its bytes twice: the image is parsed, verified, registered
/// and loaded by `Executive.load`, against zlib's `crc32` and a `memcpy` of the same bytes. Each repetition kills
/// the task again, untimed, so that its memory is given back. Then CRC-32 against zlib's, and a task's memory.
///
/// - Returns: whether loading on a host, the CRC-32 and the task's memory are within their targets.
func loadingBenchmark(repetitions: Int) throws -> Bool {
  let image = [UInt8](try Data(contentsOf: largeImage))
  let samples = try loadingSamples(image, repetitions: repetitions)
  let widths = [34, 12, 12, 14]
  print(row(["\(image.count) bytes", "median us", "min us", "time/baseline"], widths: widths))
  for (name, values) in samples.rows {
    print(
      row(
        [
          name, text(values.median * 1e6, digits: 1), text(values.minimum * 1e6, digits: 1),
          text(values.median / samples.baseline.median, digits: 2),
        ], widths: widths))
  }
  let loading = samples.host.median / samples.baseline.median
  let checksum = samples.zlib.median / samples.fast.median
  print("loading on a host takes \(text(loading, digits: 2)) of the baseline, target at most 4")
  print("CRC-32 runs at \(text(checksum, digits: 2)) of zlib's rate, target at least 0.5")
  let isMemoryWithin = try memoryOfTask(image)
  return loading <= 4 && checksum >= 0.5 && isMemoryWithin
}

/// What was measured, by turns in one run.
private struct LoadingSamples {
  var baseline = Samples()
  var zlib = Samples()
  var fast = Samples()
  var host = Samples()
  var microcontroller = Samples()

  var rows: [(String, Samples)] {
    [
      ("zlib crc32 and memcpy", baseline), ("Executive.load, host", host),
      ("Executive.load, microcontroller", microcontroller), ("zlib crc32", zlib), ("CRC32 .fast", fast),
    ]
  }
}

private func loadingSamples(_ image: [UInt8], repetitions: Int) throws -> LoadingSamples {
  var samples = LoadingSamples()
  var target = [UInt8](repeating: 0, count: image.count)
  var host = Executive(policy: .desktop, platform: .host)
  var microcontroller = Executive(policy: .desktop, platform: .microcontroller)
  var sums: [UInt32] = [0, 0, 0]
  for _ in 0..<repetitions {
    var start = processorSeconds()
    sums[0] = UInt32(truncatingIfNeeded: crc32(0, image, uInt(image.count)))
    target.withUnsafeMutableBytes { target in
      image.withUnsafeBytes { target.copyMemory(from: $0) }
    }
    samples.baseline.values.append(processorSeconds() - start)

    samples.host.values.append(try secondsToLoad(image, &host))
    samples.microcontroller.values.append(try secondsToLoad(image, &microcontroller))

    start = processorSeconds()
    sums[1] = UInt32(truncatingIfNeeded: crc32(0, image, uInt(image.count)))
    samples.zlib.values.append(processorSeconds() - start)

    start = processorSeconds()
    sums[2] = CRC32.checksum(image.span, .fast)
    samples.fast.values.append(processorSeconds() - start)
  }
  guard target == image, sums[0] == sums[1], sums[0] == sums[2] else {
    throw BenchmarkError(description: "the sums or the copy are wrong")
  }
  return samples
}

/// Seconds of one load; the task is gone again afterwards.
private func secondsToLoad(_ image: [UInt8], _ executive: inout Executive) throws -> Double {
  let options = LoadOptions(source: .file(path: Array("large.hxe".utf8)))
  let start = processorSeconds()
  let activation = try executive.load(image.span, options: options, nonce: 1, now: .zero)
  let seconds = processorSeconds() - start
  guard let activation else { throw BenchmarkError(description: "the image waits") }
  try executive.kill(activation.pid, now: .zero)
  return seconds
}

/// Bytes that the allocator has handed out for each of eight tasks, against the room that a task may take.
private func memoryOfTask(_ image: [UInt8]) throws -> Bool {
  let count = 8
  let options = LoadOptions(source: .file(path: Array("large.hxe".utf8)))
  let (header, _) = try ImageParser.parse(image.span, limits: .desktop, checksum: .fast)
  let target = 65_536 + 4 * Int(header.codeLength) + 16_384
  var isWithin = true
  for (name, platform) in [("host", Platform.host), ("microcontroller", Platform.microcontroller)] {
    var executive = Executive(policy: .desktop, platform: platform)
    // The first takes what the executive keeps for all: tables and rings that have grown.
    for _ in 0..<count {
      let activation = try executive.load(image.span, options: options, nonce: 1, now: .zero)
      if let activation { try executive.kill(activation.pid, now: .zero) }
    }
    let before = bytesInUse()
    for number in 0..<count {
      _ = try executive.load(image.span, options: options, nonce: UInt64(number), now: .zero)
    }
    let bytes = (bytesInUse() - before) / count
    guard executive.taskList.count == count else { throw BenchmarkError(description: "tasks are missing") }
    let code = header.codeLength
    print("a task with \(code) bytes of code takes \(bytes) bytes on a \(name), target at most \(target)")
    isWithin = isWithin && bytes <= target
  }
  return isWithin
}

/// Bytes that malloc has handed out, those of large blocks included.
private func bytesInUse() -> Int {
  let statistics = mallinfo2()
  return Int(statistics.uordblks) + Int(statistics.hblkhd)
}
