import HSXSimulation
import HSXTransfer

let losses = CommandLine.arguments.count > 1 ? CommandLine.arguments.dropFirst().compactMap(Double.init) : [0, 0.01, 0.05, 0.1]
for nodes in [1, 10, 100, 127] {
  for loss in losses {
    var trial = BroadcastTrial()
    (trial.nodes, trial.loss) = (nodes, loss)
    var times: [Double] = []
    var last: BroadcastTrial.Result?
    for seed in 1...6 {
      trial.seed = UInt64(seed)
      let result = trial.run()
      times.append(result.seconds)
      last = result
    }
    times.sort()
    guard let last else { continue }
    print(nodes, loss, "median", times[3], "max", times[5], last.outcome.map { "\($0)" } ?? "nil", last.running, last.total, last.master)
  }
}
extension BroadcastTrial.Result { var total: Double { totalSeconds } }
