/// The number of a task. They start at 1 and are never used twice; 0 is nobody's.
public typealias PID = UInt32

/// What a task needs of the machine before its first byte has come.
public struct TaskLayout: Equatable, Sendable {
  /// The stack of a task whose image asks for nothing else.
  public static var defaultStackSize: UInt32 { 4096 }
  /// The most bytes of code, and of any other part.
  public static var partLimit: UInt32 { 0x1_0000 }
  /// Where a stack begins; it grows down from here.
  public static var stackTop: UInt32 { 0xFFFC }

  /// The code address of the first instruction: a multiple of 4 below `codeLength`.
  public var entry: UInt32
  /// Bytes of code: a multiple of 4, at most 64 KiB.
  public var codeLength: UInt32
  /// Bytes of read-only data, copied to `MemoryMap.rodataStart`.
  public var rodataLength: UInt32
  /// Zeroed bytes behind the read-only data.
  public var bssSize: UInt32
  /// Bytes of stack, at most `stackTop`.
  public var stackSize: UInt32

  /// A layout of these sizes; `Machine.reserve` checks them.
  public init(
    entry: UInt32, codeLength: UInt32, rodataLength: UInt32 = 0, bssSize: UInt32 = 0,
    stackSize: UInt32 = TaskLayout.defaultStackSize
  ) {
    self.entry = entry
    self.codeLength = codeLength
    self.rodataLength = rodataLength
    self.bssSize = bssSize
    self.stackSize = stackSize
  }
}

/// What the machine knows of a task's condition. Sleeping, waiting and pausing are the executive's.
public enum TaskStatus: Equatable, Sendable {
  /// Its code and data are being written; it cannot run.
  case loading
  /// It can run.
  case ready
  /// It is done, by RET or exit; R0 is its exit status.
  case returned
  /// It is done for this reason.
  case faulted(Fault)
}

/// What the executive holds of a task while a command handler runs in its place.
public struct SavedContext: Equatable, Sendable {
  var processor: ProcessorState
  var status: TaskStatus
}

/// The instruction that a task retired last.
public struct RetiredInstruction: Equatable, Sendable {
  /// One access to memory, the stack's included.
  public struct Access: Equatable, Sendable {
    /// The address of the first byte.
    public var address: UInt32
    /// Bytes: 1, 2 or 4.
    public var byteCount: UInt32
    /// Whether it wrote.
    public var isWrite: Bool

    /// An access to `byteCount` bytes at `address`.
    public init(address: UInt32, byteCount: UInt32, isWrite: Bool) {
      self.address = address
      self.byteCount = byteCount
      self.isWrite = isWrite
    }
  }

  /// The code address.
  public var programCounter: UInt32
  /// The instruction's word.
  public var word: UInt32
  /// What it did to memory, if anything.
  public var access: Access?

  /// The instruction `word` at `programCounter`.
  public init(programCounter: UInt32, word: UInt32, access: Access?) {
    self.programCounter = programCounter
    self.word = word
    self.access = access
  }
}
