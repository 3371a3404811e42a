public import HXE

/// What an image is held to while it is loaded, before anything is allocated for it.
public struct LoadLimits: Equatable, Sendable {
  /// A part that has a limit.
  public enum Part: UInt8, CaseIterable, Equatable, Sendable { case code, rodata, bss, stack, heap, tasks }

  /// Room for its metadata.
  public var image: ImageLimits
  /// Bytes of code.
  public var codeBytes: UInt32
  /// Bytes of read-only data.
  public var rodataBytes: UInt32
  /// Bytes of zeroed memory.
  public var bssBytes: UInt32
  /// Bytes of stack for an image that does not say.
  public var defaultStackBytes: UInt32
  /// The most bytes of stack that a manifest may ask for.
  public var stackBytes: UInt32
  /// The most bytes of heap that a manifest may ask for.
  public var heapBytes: UInt32
  /// What the target offers.
  public var capabilities: Capabilities

  /// Limits with these numbers.
  public init(
    image: ImageLimits, codeBytes: UInt32, rodataBytes: UInt32, bssBytes: UInt32,
    defaultStackBytes: UInt32, stackBytes: UInt32, heapBytes: UInt32, capabilities: Capabilities
  ) {
    self.image = image
    self.codeBytes = codeBytes
    self.rodataBytes = rodataBytes
    self.bssBytes = bssBytes
    self.defaultStackBytes = defaultStackBytes
    self.stackBytes = stackBytes
    self.heapBytes = heapBytes
    self.capabilities = capabilities
  }

  /// Whatever the machine can hold, of any capability that has a name.
  public static var machine: LoadLimits {
    LoadLimits(
      image: .desktop, codeBytes: TaskLayout.partLimit, rodataBytes: TaskLayout.partLimit,
      bssBytes: TaskLayout.partLimit, defaultStackBytes: TaskLayout.defaultStackSize,
      stackBytes: TaskLayout.stackTop, heapBytes: TaskLayout.partLimit, capabilities: .all)
  }

  /// What the header alone shows.
  func admit(_ header: Header) throws(LoadError) {
    try admit(header.requiredCapabilities)
    try admit(.code, header.codeLength, codeBytes)
    try admit(.rodata, header.rodataLength, rodataBytes)
    try admit(.bss, header.bssSize, bssBytes)
  }

  /// What the manifest adds; the bytes of stack that the task gets.
  func admit(_ manifest: Manifest) throws(LoadError) -> UInt32 {
    try admit(manifest.requiredCapabilities ?? [])
    try admit(.stack, manifest.stackSize ?? 0, stackBytes)
    try admit(.heap, manifest.heapSize ?? 0, heapBytes)
    return manifest.stackSize ?? defaultStackBytes
  }

  private func admit(_ required: Capabilities) throws(LoadError) {
    let missing = required.subtracting(capabilities)
    guard missing.isEmpty else { throw .missingCapabilities(missing) }
  }

  private func admit(_ part: Part, _ needed: UInt32, _ available: UInt32) throws(LoadError) {
    guard needed <= available else { throw .exceeded(part, needed: needed, available: available) }
  }
}

/// Why the machine does not take an image, or a piece of one.
public enum LoadError: Error, Equatable, Sendable {
  /// The bytes break a rule of the format.
  case image(ImageError)
  /// A part is larger than the limits allow.
  case exceeded(LoadLimits.Part, needed: UInt32, available: UInt32)
  /// The image needs what the target lacks.
  case missingCapabilities(Capabilities)
  /// More bytes than the size that was announced.
  case beyondExpectedSize(UInt32)
  /// No task has that pid.
  case unknownTask(PID)
  /// The task is not loading, or its load has failed.
  case notLoading(PID)

  /// The code of the error model.
  public var code: ErrorCode {
    switch self {
    case .image(let error): error.code
    case .exceeded: .noSpace
    case .missingCapabilities: .notSupported
    case .beyondExpectedSize: .invalid
    case .unknownTask: .notFound
    case .notLoading: .busy
    }
  }
}
