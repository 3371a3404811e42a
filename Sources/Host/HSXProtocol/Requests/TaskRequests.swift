/// Names a task, or none.
public struct TaskSelector: Codable, Equatable, Sendable {
  /// The task.
  @Loose public var pid: UInt32?

  /// One that names nothing.
  public init() {}
}

/// What `load`, `exec` and `provision.load` take.
public struct LoadRequest: Codable, Equatable, Sendable {
  /// The image, a file that the daemon can read.
  public var path: String?
  /// The name if the image has none.
  public var appName: String?
  /// Whether a task of that name gives way.
  @LooseFlag public var replace: Bool?
  /// `fram` or `flash`: where the image is stored too.
  public var persist: String?
  /// Milliseconds that a replacement must run without a fault.
  @Loose public var probation: UInt32?

  /// One that names nothing.
  public init() {}

  enum CodingKeys: String, CodingKey {
    case path, replace, persist
    case appName = "app_name"
    case probation = "probation_ms"
  }
}

/// What `clock` takes.
public struct ClockRequest: Codable, Equatable, Sendable {
  /// `start`, `run`, `stop`, `halt`, `step` or `rate`; nothing to look.
  public var operation: String?
  /// Instructions, for `step`.
  @Loose public var steps: UInt32?
  /// The task.
  @Loose public var pid: UInt32?
  /// Instructions a second, for `rate`; 0 for no limit.
  @LooseText public var rate: String?

  /// One that names nothing.
  public init() {}

  enum CodingKeys: String, CodingKey {
    case steps, pid, rate
    case operation = "op"
  }
}

/// What `step` takes.
public struct StepRequest: Codable, Equatable, Sendable {
  /// Instructions; 1 if not told.
  @Loose public var steps: UInt32?
  /// The task that runs alone; all in their turns if not told.
  @Loose public var pid: UInt32?

  /// One that names nothing.
  public init() {}
}

/// What `sched` takes; without a pid it looks.
public struct ScheduleRequest: Codable, Equatable, Sendable {
  /// The task.
  @Loose public var pid: UInt32?
  /// A lower number runs first.
  @Loose public var priority: UInt8?
  /// Instructions in a row.
  @Loose public var quantum: UInt32?
  /// Switches that the answer shows at most, the last ones; 64 if not told.
  @Loose public var limit: UInt32?

  /// One that names nothing.
  public init() {}
}

/// What `vm_reg_get` and `vm_reg_set` take.
public struct RegisterRequest: Codable, Equatable, Sendable {
  /// The task.
  @Loose public var pid: UInt32?
  /// A number from 0 to 15, or `R0` to `R15`.
  @LooseText public var register: String?
  /// The new value.
  @Loose public var value: UInt32?

  /// One that names nothing.
  public init() {}

  enum CodingKeys: String, CodingKey {
    case pid, value
    case register = "reg"
  }
}

/// What `peek` and `poke` take.
public struct MemoryRequest: Codable, Equatable, Sendable {
  /// The task.
  @Loose public var pid: UInt32?
  /// The first byte.
  @Loose public var address: UInt32?
  /// Bytes to read.
  @Loose public var length: UInt32?
  /// Bytes to write, in hexadecimal.
  public var data: String?

  /// One that names nothing.
  public init() {}

  enum CodingKeys: String, CodingKey {
    case pid, length, data
    case address = "addr"
  }
}
