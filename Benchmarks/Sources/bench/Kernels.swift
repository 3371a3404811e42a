/// The four programs, each the same algorithm as Benchmarks/lua/kernels.lua; `rounds` is its amount of work.
enum Kernel: String, CaseIterable {
  case crc32, fibRecursive = "fib-recursive", fibIterative = "fib-iterative", copyAdd = "copy-add"

  /// About a tenth of a second of Lua.
  var rounds: Int {
    switch self {
    case .crc32: 1_000
    case .fibRecursive: 32
    case .fibIterative: 250_000
    case .copyAdd: 30_000
    }
  }

  /// 1024 bytes, the same in Lua.
  static var data: [UInt8] {
    var state: UInt32 = 1
    return (0..<1024).map { _ in
      state = state &* 1_664_525 &+ 1_013_904_223
      return UInt8(truncatingIfNeeded: state >> 24)
    }
  }

  /// What the kernel must leave in R0, worked out in plain Swift.
  func expected(rounds: Int) -> UInt32 {
    switch self {
    case .crc32:
      var crc = UInt32.max
      for _ in 0..<rounds {
        for byte in Self.data {
          crc ^= UInt32(byte)
          for _ in 0..<8 { crc = crc & 1 != 0 ? (crc >> 1) ^ 0xEDB8_8320 : crc >> 1 }
        }
      }
      return ~crc
    case .fibRecursive: return Self.fibonacci(rounds)
    case .fibIterative:
      return UInt32(truncatingIfNeeded: rounds) &* Self.fibonacci(40)
    case .copyAdd:
      // The last word of the target: 1000 times 255 plus 7.
      return 255 * 1000 + 7
    }
  }

  private static func fibonacci(_ n: Int) -> UInt32 {
    var (a, b): (UInt32, UInt32) = (0, 1)
    for _ in 0..<n { (a, b) = (b, a &+ b) }
    return a
  }

  func code(rounds: Int) -> [UInt8] {
    var a = Assembly()
    switch self {
    case .crc32:
      a.ldi32(13, UInt32(rounds))
      a.ldi32(3, 0xFFFF_FFFF)
      a.ldi32(4, 0xEDB8_8320)
      a.ldi(5, 1)
      a.ldi(6, 8)
      a.ldi(12, 0)
      a.label("round")
      a.ldi32(1, 0x4000)
      a.ldi(2, 1024)
      a.label("byte")
      a.ldb(7, 1)
      a.xor(3, 3, 7)
      a.mov(8, 6)
      a.label("bit")
      a.and(9, 3, 5)
      a.lsr(3, 3, 5)
      a.cmp(9, 12)
      a.jz("skip")
      a.xor(3, 3, 4)
      a.label("skip")
      a.sub(8, 8, 5)
      a.jnz("bit")
      a.add(1, 1, 5)
      a.sub(2, 2, 5)
      a.jnz("byte")
      a.sub(13, 13, 5)
      a.jnz("round")
      a.not(0, 3)
      a.ret()
    case .fibRecursive:
      a.ldi(1, rounds)
      a.ldi(5, 1)
      a.ldi(6, 2)
      a.call("fib")
      a.ret()
      a.label("fib")
      a.lsr(2, 1, 5)  // zero below 2
      a.jnz("deeper")
      a.mov(0, 1)
      a.ret()
      a.label("deeper")
      a.push(1)
      a.sub(1, 1, 5)
      a.call("fib")
      a.pop(1)
      a.push(0)
      a.sub(1, 1, 6)
      a.call("fib")
      a.pop(2)
      a.add(0, 0, 2)
      a.ret()
    case .fibIterative:
      a.ldi32(7, UInt32(rounds))
      a.ldi(5, 1)
      a.ldi(0, 0)
      a.label("round")
      a.ldi(1, 0)
      a.ldi(2, 1)
      a.ldi(3, 40)
      a.label("next")
      a.add(4, 1, 2)
      a.mov(1, 2)
      a.mov(2, 4)
      a.sub(3, 3, 5)
      a.jnz("next")
      a.add(0, 0, 1)
      a.sub(7, 7, 5)
      a.jnz("round")
      a.ret()
    case .copyAdd:
      a.ldi32(7, UInt32(rounds))
      a.ldi(5, 1)
      a.ldi(6, 4)
      a.ldi(10, 7)
      // The source: i times 1000.
      a.ldi32(1, 0x4000)
      a.ldi32(3, 256)
      a.ldi(4, 0)
      a.ldi(11, 1000)
      a.label("fill")
      a.st(1, 0, 4)
      a.add(4, 4, 11)
      a.add(1, 1, 6)
      a.sub(3, 3, 5)
      a.jnz("fill")
      a.label("round")
      a.ldi32(1, 0x4000)
      a.ldi32(2, 0x5000)
      a.ldi(3, 256)
      a.label("next")
      a.ld(4, 1)
      a.add(4, 4, 10)
      a.st(2, 0, 4)
      a.add(1, 1, 6)
      a.add(2, 2, 6)
      a.sub(3, 3, 5)
      a.jnz("next")
      a.sub(7, 7, 5)
      a.jnz("round")
      a.ld(0, 2, -4)
      a.ret()
    }
    return a.code()
  }
}
