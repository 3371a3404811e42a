/// When a master lets the nodes activate.
public enum CommitPolicy: Equatable, Sendable {
  /// Every expected node has proved the image.
  case all
  /// At least so many have.
  case quorum(Int)
  /// Every expected node of the class has.
  case everyOfClass(UInt8)
  /// Never: the image stays sealed.
  case never
}

/// How a master behaves.
public struct MasterSettings: Sendable {
  /// The identifiers.
  public var window = BroadcastWindow.standard
  /// The session number: higher than every one before on this bus.
  public var session: UInt32
  /// The bus's bits per second.
  public var bitsPerSecond: UInt32
  /// The most of the bus that all frames may take while the master sends, in percent, 5 to 100; nil for 100, and 50 once
  /// other traffic is seen.
  public var loadLimit: UInt8?
  /// Whether it listens for another master before it opens.
  public var listensFirst = true
  /// Whether it asks each expected node what it is before it opens.
  public var asksCapabilities = false
  /// Whether it asks the nodes how far they are, and goes on from there.
  public var isResuming = false
  /// Whether parity is sent ahead of need.
  public var sendsParityAhead = true
  /// When it lets them activate.
  public var policy = CommitPolicy.all
  /// The class of nodes that it is for; 0 for every.
  public var targetClass: UInt8 = 0
  /// What its random pauses are drawn from.
  public var seed: UInt64 = 1

  /// The settings with everything else as usual.
  public init(session: UInt32, bitsPerSecond: UInt32) {
    self.session = session
    self.bitsPerSecond = max(1_000, bitsPerSecond)
  }
}

/// What became of a node, as its master knows it.
public enum NodeVerdict: Equatable, Sendable {
  /// The session is not that far.
  case pending
  /// The master gave way to another one before it knew.
  case abandoned
  /// It runs the image.
  case running
  /// It has proved the image, which was not let loose.
  case sealed
  /// It takes no part, and says why.
  case refused(ListenerRefusal)
  /// It lacks this block, and every pass is spent.
  case incomplete(block: UInt16)
  /// It has every block, and did not finish in time.
  case unfinished
  /// It never answered.
  case missing
  /// It had proved the image, and did not answer after COMMIT: it may run either.
  case silent
  /// It forgot the session, as a restart does, and runs another image.
  case restarted
  /// It was let loose three times, and does not run the image.
  case unmoved
  /// It proved another image than the one that was sent.
  case wrongHash
  /// Two nodes answer with this number.
  case duplicateNode
}

/// How a session ended.
public enum MasterOutcome: Equatable, Sendable {
  /// The policy held: COMMIT was sent, and every node asked what it runs.
  case committed
  /// The policy is `never`: proved and asked, no COMMIT.
  case sealed
  /// The policy did not hold: ABORT was sent.
  case aborted
  /// Another master has a higher session number, or the same.
  case yielded(to: UInt32)
  /// The bus is taken by another master that does not end.
  case occupied
}

/// What a master has sent and heard.
public struct MasterCounts: Equatable, Sendable {
  /// Symbols of data sent for the first time in a pass.
  public var data = 0
  /// Parity symbols sent ahead of need.
  public var parity = 0
  /// Symbols sent as repairs.
  public var repairs = 0
  /// LOAD headers.
  public var headers = 0
  /// SET and AUTH.
  public var orders = 0
  /// GET.
  public var questions = 0
  /// NACKs heard.
  public var nacks = 0
  /// HOLDs heard.
  public var holds = 0
  /// JOINs heard.
  public var joins = 0
  /// Answers heard.
  public var answers = 0
  /// Questions that had to be asked again.
  public var retries = 0
  /// Passes behind the first.
  public var passes = 0
}
