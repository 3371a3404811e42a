/// What a manifest says that we use.
public struct Manifest: Equatable, Sendable {
  /// One of `fram_keys`.
  public struct StorageKey: Equatable, Sendable {
    /// How the key is used.
    public enum Mode: UInt8, Equatable, Sendable { case load, save, loadAndSave }
    /// The persist key.
    public var key: UInt16
    /// How it is used.
    public var mode: Mode
    /// Bytes.
    public var length: UInt32

    /// A key with this use.
    public init(key: UInt16, mode: Mode, length: UInt32) {
      self.key = key
      self.mode = mode
      self.length = length
    }
  }

  /// The JSON text as it stands in the file, unknown fields and all.
  public var json: [UInt8] = []
  /// `image_name`, decoded.
  public var imageName: [UInt8]?
  /// `version`, decoded.
  public var version: [UInt8]?
  /// `security_counter`.
  public var securityCounter: UInt32?
  /// `pid`: the pid it would like.
  public var preferredPID: UInt32?
  /// `required_caps`.
  public var requiredCapabilities: Capabilities?
  /// `stack_size` in bytes.
  public var stackSize: UInt32?
  /// `heap_size` in bytes.
  public var heapSize: UInt32?
  /// `fram_keys`, in order.
  public var storageKeys: [StorageKey] = []

  /// An empty manifest.
  public init() {}
}
