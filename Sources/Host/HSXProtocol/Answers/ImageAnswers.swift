/// How much an image declares.
public struct DeclaredRecord: Codable, Equatable, Sendable {
  /// Sections.
  public var sections: UInt32
  /// Values.
  public var values: UInt32
  /// Commands.
  public var commands: UInt32
  /// Mailboxes.
  public var mailboxes: UInt32

  /// One of these parts.
  public init(
    sections: UInt32,
    values: UInt32,
    commands: UInt32,
    mailboxes: UInt32
  ) {
    self.sections = sections
    self.values = values
    self.commands = commands
    self.mailboxes = mailboxes
  }
}

/// An image that was loaded.
public struct ImageRecord: Codable, Equatable, Sendable {
  /// The task made of it.
  public var pid: UInt32
  /// The code offset of the first instruction.
  public var entry: UInt32
  /// Bytes of code.
  public var codeLength: UInt32
  /// Bytes of read-only data.
  public var rodataLength: UInt32
  /// Bytes of zeroed memory.
  public var bss: UInt32
  /// The format's version.
  public var version: UInt16
  /// The header's flags.
  public var flags: UInt16
  /// What it needs of the target, as bits.
  public var requiredCapabilities: UInt32
  /// The name it runs under.
  public var appName: String
  /// The name of its app.
  public var appNameBase: String
  /// Whether several may run.
  public var allowsMultipleInstances: Bool
  /// Sections of metadata.
  public var metadataCount: UInt32
  /// Whether it has a manifest.
  public var hasManifest: Bool
  /// How much it declares.
  public var metadata: DeclaredRecord
  /// Where it came from.
  public var source: JSONTree

  /// One of these parts.
  public init(
    pid: UInt32,
    entry: UInt32,
    codeLength: UInt32,
    rodataLength: UInt32,
    bss: UInt32,
    version: UInt16,
    flags: UInt16,
    requiredCapabilities: UInt32,
    appName: String,
    appNameBase: String,
    allowsMultipleInstances: Bool,
    metadataCount: UInt32,
    hasManifest: Bool,
    metadata: DeclaredRecord,
    source: JSONTree
  ) {
    self.pid = pid
    self.entry = entry
    self.codeLength = codeLength
    self.rodataLength = rodataLength
    self.bss = bss
    self.version = version
    self.flags = flags
    self.requiredCapabilities = requiredCapabilities
    self.appName = appName
    self.appNameBase = appNameBase
    self.allowsMultipleInstances = allowsMultipleInstances
    self.metadataCount = metadataCount
    self.hasManifest = hasManifest
    self.metadata = metadata
    self.source = source
  }

  enum CodingKeys: String, CodingKey {
    case pid, entry, bss, version, flags, metadata, source
    case codeLength = "code_len"
    case rodataLength = "ro_len"
    case requiredCapabilities = "req_caps"
    case appName = "app_name"
    case appNameBase = "app_name_base"
    case allowsMultipleInstances = "allow_multiple_instances"
    case metadataCount = "meta_count"
    case hasManifest = "manifest_present"
  }
}

/// What a load answers; a sealed image has no task yet.
public struct ImageAnswer: Codable, Equatable, Sendable {
  /// The image.
  @Nullable public var image: ImageRecord?

  /// One of these parts.
  public init(
    image: ImageRecord?
  ) {
    self.image = image
  }
}

/// A task that was made anew.
public struct ReloadRecord: Codable, Equatable, Sendable {
  /// The task that is gone.
  public var oldPID: UInt32
  /// The one that took its place.
  public var newPID: UInt32
  /// Where the image came from.
  public var program: String
  /// The image.
  public var image: ImageRecord
  /// The task.
  public var task: TaskRecord

  /// One of these parts.
  public init(
    oldPID: UInt32,
    newPID: UInt32,
    program: String,
    image: ImageRecord,
    task: TaskRecord
  ) {
    self.oldPID = oldPID
    self.newPID = newPID
    self.program = program
    self.image = image
    self.task = task
  }

  enum CodingKeys: String, CodingKey {
    case program, image, task
    case oldPID = "old_pid"
    case newPID = "new_pid"
  }
}

/// What `reload` answers.
public struct ReloadAnswer: Codable, Equatable, Sendable {
  /// What became of the task.
  public var reload: ReloadRecord

  /// One of these parts.
  public init(
    reload: ReloadRecord
  ) {
    self.reload = reload
  }
}
