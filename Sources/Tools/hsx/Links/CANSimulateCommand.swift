import ArgumentParser
import Dispatch
import HSXSimulation
import HSXTransfer
import Synchronization

struct CANSimulateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "simulate", abstract: "Broadcast to simulated nodes, on a bus to the bit, and measure.",
    discussion: """
      Each seed is one session of a master and so many listeners, with the whole bus to itself. Each listener loses frames \
      for itself. Told are the seconds on the wire from the first bit of OPEN to the last answer of the roll call behind \
      SEAL, the frames by kind, and what became of each node.

      EXAMPLES
        hsx can simulate --nodes 100 --loss 0.05
        hsx can simulate --nodes 127 --bitrate 1000000 --loss 0.1 --seeds 20 --json
        hsx can simulate --nodes 10 --slow 20 --burst --loss 0.02
      """)

  @Option(help: "Listeners, 1 to 127.")
  var nodes = 10

  @Option(help: "Bits per second, 10000 to 1000000.")
  var bitrate: UInt32 = 500_000

  @Option(help: "The share of the frames that each listener loses, 0 to 0.5.")
  var loss = 0.0

  @Option(help: "The share that the master loses.")
  var masterLoss = 0.0

  @Option(help: "Bytes of the image, 1 to 16776704.")
  var size = 65_536

  @Option(help: "Sessions, each with its own seed.")
  var seeds = 5

  @Option(help: "The first seed.")
  var seed: UInt64 = 1

  @Flag(help: "Lose half of it in bursts of ten frames.")
  var burst = false

  @Option(help: "Whether frames without data that several send at once are one: on or off.")
  var merge = Switch.on

  @Option(help: "The most of the bus that is used, in percent, 5 to 100.")
  var load: UInt8 = 100

  @Option(help: "Milliseconds that node 1 takes to store a block.")
  var slow = 0.0

  @Flag(help: "Authenticate OPEN, SEAL and COMMIT.")
  var key = false

  @Flag(help: "One JSON object.")
  var json = false

  enum Switch: String, ExpressibleByArgument { case on, off }

  func validate() throws {
    guard (1...127).contains(nodes) else { throw ValidationError("--nodes must be 1 to 127.") }
    guard (10_000...1_000_000).contains(bitrate) else {
      throw ValidationError("--bitrate must be 10000 to 1000000.")
    }
    guard (0...0.5).contains(loss), (0...0.5).contains(masterLoss) else {
      throw ValidationError("A loss is a fraction, 0 to 0.5.")
    }
    guard (1...16_776_704).contains(size) else { throw ValidationError("--size must be 1 to 16776704.") }
    guard (1...100_000).contains(seeds) else { throw ValidationError("--seeds must be 1 to 100000.") }
    guard (5...100).contains(load) else { throw ValidationError("--load must be 5 to 100.") }
    guard (0...10_000).contains(slow) else { throw ValidationError("--slow must be 0 to 10000.") }
  }

  func run() throws {
    let results = Mutex([UInt64: BroadcastTrial.Result]())
    let first = seed
    DispatchQueue.concurrentPerform(iterations: seeds) { index in
      let result = trial(first &+ UInt64(index)).run()
      results.withLock { $0[first &+ UInt64(index)] = result }
    }
    let sessions = results.withLock { $0.sorted { $0.key &- first < $1.key &- first } }
    let report = CANSimulationReport(self, sessions.map { ($0.key, $0.value) })
    if json { try printJSON(report) } else { for line in report.lines { try printLine(line) } }
    guard report.allAsExpected else { throw ExitCode(1) }
  }

  private func trial(_ seed: UInt64) -> BroadcastTrial {
    var trial = BroadcastTrial()
    trial.nodes = nodes
    trial.bitsPerSecond = bitrate
    trial.loss = loss
    trial.masterLoss = masterLoss
    trial.imageBytes = size
    trial.hasBursts = burst
    trial.merges = merge == .on
    trial.loadLimit = load
    trial.slowWriteTime = UInt64(slow * 1e6)
    trial.isAuthenticated = key
    trial.seed = seed
    return trial
  }
}
