// The one file with unsafe access: what the interpreter's loops touch at every instruction.
//
// Measured, in millions of instructions a second on one x86-64 core, geometric mean of four kernels: the same
// loop over spans and InlineArray 330, over arrays 357, over these windows 494 (what ours reaches is in
// Docs/performance.md). The checks that go are those that the optimizer cannot see through: a register number
// masked to 4 bits, an address compared with the end of memory, a branch that was checked when it was decoded.
//
// Why it is sound: every window lives inside the closure that lends it; register numbers are masked or decoded
// to 0...15; an address is compared with the end of memory before it is used; a code address is checked, or was
// when the code was decoded, and code does not change afterwards.

/// The sixteen registers.
@safe struct RegisterWindow {
  private let base: UnsafeMutablePointer<UInt32>

  @inline(__always) init(_ base: UnsafeMutablePointer<UInt32>) { unsafe self.base = base }

  /// The register `number`, which is below 16.
  @inline(__always) subscript(number: UInt32) -> UInt32 {
    get { unsafe base[Int(truncatingIfNeeded: number)] }
    nonmutating set { unsafe base[Int(truncatingIfNeeded: number)] = newValue }
  }
}

/// A task's 64 KiB. The bytes of an access lie below 0x10000: the caller has seen to it.
@safe struct MemoryWindow {
  private let base: UnsafeMutableRawPointer

  @inline(__always) init(_ base: UnsafeMutableRawPointer) { unsafe self.base = base }

  @inline(__always) func word(at address: UInt32) -> UInt32 {
    UInt32(
      littleEndian: unsafe base.loadUnaligned(
        fromByteOffset: Int(truncatingIfNeeded: address), as: UInt32.self))
  }

  @inline(__always) func half(at address: UInt32) -> UInt32 {
    UInt32(
      UInt16(
        littleEndian: unsafe base.loadUnaligned(
          fromByteOffset: Int(truncatingIfNeeded: address), as: UInt16.self)))
  }

  @inline(__always) func byte(at address: UInt32) -> UInt32 {
    UInt32(unsafe base.load(fromByteOffset: Int(truncatingIfNeeded: address), as: UInt8.self))
  }

  @inline(__always) func store(word: UInt32, at address: UInt32) {
    unsafe base.storeBytes(
      of: word.littleEndian, toByteOffset: Int(truncatingIfNeeded: address), as: UInt32.self)
  }

  @inline(__always) func store(half: UInt32, at address: UInt32) {
    unsafe base.storeBytes(
      of: UInt16(truncatingIfNeeded: half).littleEndian, toByteOffset: Int(truncatingIfNeeded: address),
      as: UInt16.self)
  }

  @inline(__always) func store(byte: UInt32, at address: UInt32) {
    unsafe base.storeBytes(
      of: UInt8(truncatingIfNeeded: byte), toByteOffset: Int(truncatingIfNeeded: address), as: UInt8.self)
  }
}

/// A task's code as big-endian words.
@safe struct CodeWindow {
  private let base: UnsafeRawPointer

  @inline(__always) init(_ base: UnsafeRawPointer) { unsafe self.base = base }

  /// The word at `address`, a multiple of 4 inside the code.
  @inline(__always) func word(at address: UInt32) -> UInt32 {
    UInt32(
      bigEndian: unsafe base.loadUnaligned(fromByteOffset: Int(truncatingIfNeeded: address), as: UInt32.self))
  }
}

/// A place in decoded code. It never leaves it: the last record is one that ends the loop.
@safe struct DecodedCursor {
  fileprivate var place: UnsafeRawPointer

  @inline(__always) init(_ place: UnsafeRawPointer) { unsafe self.place = place }

  @inline(__always) var operation: DecodedOperation {
    unsafe place.load(as: DecodedOperation.self)
  }
  @inline(__always) var destination: UInt32 { UInt32(unsafe place.load(fromByteOffset: 1, as: UInt8.self)) }
  @inline(__always) var left: UInt32 { UInt32(unsafe place.load(fromByteOffset: 2, as: UInt8.self)) }
  @inline(__always) var right: UInt32 { UInt32(unsafe place.load(fromByteOffset: 3, as: UInt8.self)) }
  @inline(__always) var immediate: UInt32 { unsafe place.load(fromByteOffset: 4, as: UInt32.self) }
  @inline(__always) var fallThroughRun: UInt16 { unsafe place.load(fromByteOffset: 2, as: UInt16.self) }
  @inline(__always) var target: UInt16 { unsafe place.load(fromByteOffset: 4, as: UInt16.self) }
  @inline(__always) var targetRun: UInt16 { unsafe place.load(fromByteOffset: 6, as: UInt16.self) }

  /// Moves on by `count` records.
  @inline(__always) mutating func advance(_ count: Int = 1) {
    unsafe place += count &* 8
  }

  /// The cursor `count` records on.
  @inline(__always) func advanced(_ count: Int = 1) -> DecodedCursor {
    unsafe DecodedCursor(place + count &* 8)
  }
}

/// Decoded code and the lengths of its runs.
@safe struct DecodedWindow {
  private let records: UnsafeRawPointer
  private let runs: UnsafePointer<UInt16>

  @inline(__always) init(_ records: UnsafeRawPointer, _ runs: UnsafePointer<UInt16>) {
    unsafe self.records = records
    unsafe self.runs = runs
  }

  /// The cursor at record `index`, which is at most the number of words.
  @inline(__always) func cursor(at index: Int) -> DecodedCursor { unsafe DecodedCursor(records + index &* 8) }

  /// The record at which `cursor` stands.
  @inline(__always) func index(of cursor: DecodedCursor) -> Int { unsafe (cursor.place - records) >> 3 }

  /// The instructions from record `index` to the end of its run.
  @inline(__always) func run(at index: Int) -> Int { Int(unsafe runs[index]) }
}

extension TaskContext {
  /// Lends what the exact loop works on, with the registers of `processor`; gives `empty` if there is no code.
  @inline(__always) mutating func withWindows<Result>(
    _ processor: inout ProcessorState, ifEmpty empty: Result,
    _ body: (inout ProcessorState, RegisterWindow, MemoryWindow, CodeWindow) -> Result
  ) -> Result {
    var registers = processor.registers
    defer { processor.registers = registers }
    return unsafe withUnsafeMutableBytes(of: &registers) { registers in
      unsafe memory.withUnsafeMutableBytes { memory in
        unsafe code.withUnsafeBytes { code in
          guard let registers = registers.baseAddress, let memory = memory.baseAddress,
            let code = code.baseAddress
          else { return empty }
          return body(
            &processor, unsafe RegisterWindow(registers.assumingMemoryBound(to: UInt32.self)),
            unsafe MemoryWindow(memory), unsafe CodeWindow(code))
        }
      }
    }
  }

  /// Lends what the fast loop works on; gives `empty` if nothing is decoded.
  @inline(__always) mutating func withDecodedWindows<Result>(
    _ processor: inout ProcessorState, ifEmpty empty: Result,
    _ body: (inout ProcessorState, RegisterWindow, MemoryWindow, DecodedWindow) -> Result
  ) -> Result {
    var registers = processor.registers
    defer { processor.registers = registers }
    return unsafe withUnsafeMutableBytes(of: &registers) { registers in
      unsafe memory.withUnsafeMutableBytes { memory in
        unsafe decoded.records.withUnsafeBytes { records in
          unsafe decoded.runs.withUnsafeBufferPointer { runs in
            guard let registers = registers.baseAddress, let memory = memory.baseAddress,
              let records = records.baseAddress, let runs = runs.baseAddress
            else { return empty }
            return body(
              &processor, unsafe RegisterWindow(registers.assumingMemoryBound(to: UInt32.self)),
              unsafe MemoryWindow(memory), unsafe DecodedWindow(records, runs))
          }
        }
      }
    }
  }
}
