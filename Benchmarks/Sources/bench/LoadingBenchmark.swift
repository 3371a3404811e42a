import CZlib
import Foundation
import MiniVM

/// What loading costs beside the check sum: the machine's part of a 64 KiB image (32 KiB of code, 32 KiB of
/// rodata), in chunks of 4 KiB as they come, against zlib's crc32 and a memcpy of the same bytes.
///
/// The image parser's own CRC belongs on the machine's side of the comparison: call it on each chunk where
/// `writeCode` and `writeRodata` are called.
func loadingBenchmark(repetitions: Int) throws {
  let half = 0x8000
  let chunk = 0x1000
  let image = (0..<2 * half).map { UInt8(truncatingIfNeeded: $0 &* 31) }
  var target = [UInt8](repeating: 0, count: image.count)
  var baseline = Samples()
  var loading: [EngineChoice: Samples] = [:]
  var check: UInt = 0
  for _ in 0..<repetitions {
    var start = processorSeconds()
    check = crc32(0, image, uInt(image.count))
    target.withUnsafeMutableBytes { target in
      image.withUnsafeBytes { target.copyMemory(from: $0) }
    }
    baseline.values.append(processorSeconds() - start)

    for choice in EngineChoice.allCases {
      var machine = Machine(engine: choice.engine, taskLimit: 1)
      start = processorSeconds()
      let pid = try machine.reserve(
        TaskLayout(entry: 0, codeLength: UInt32(half), rodataLength: UInt32(half)))
      for offset in stride(from: 0, to: half, by: chunk) {
        try machine.writeCode(
          pid, image.span.extracting(offset..<offset + chunk), at: UInt32(offset))
      }
      for offset in stride(from: 0, to: half, by: chunk) {
        try machine.writeRodata(
          pid, image.span.extracting(half + offset..<half + offset + chunk), at: UInt32(offset))
      }
      try machine.makeReady(pid)
      loading[choice, default: Samples()].values.append(processorSeconds() - start)
    }
  }
  guard check != 0, target == image else { throw BenchmarkError(description: "the copy is wrong") }
  let widths = [26, 12, 12, 14]
  print(row(["64 KiB", "median us", "min us", "time/baseline"], widths: widths))
  func show(_ name: String, _ samples: Samples) {
    print(
      row(
        [
          name, text(samples.median * 1e6, digits: 1), text(samples.minimum * 1e6, digits: 1),
          text(samples.median / baseline.median, digits: 2),
        ], widths: widths))
  }
  show("zlib crc32 and memcpy", baseline)
  for choice in EngineChoice.allCases {
    show("machine, \(choice.rawValue)", loading[choice] ?? Samples())
  }
}
