import Foundation
import MiniVM

/// The engines by name.
enum EngineChoice: String, CaseIterable {
  case predecoded, exact

  var engine: Engine {
    switch self {
    case .predecoded: .predecoded
    case .exact: .exact
    }
  }
}

/// One run of a kernel in slices of 4096 instructions: the seconds, and the instructions retired.
func runMachine(_ kernel: Kernel, rounds: Int, _ choice: EngineChoice) throws -> (
  seconds: Double, instructions: UInt64
) {
  var machine = Machine(engine: choice.engine, taskLimit: 1)
  let code = kernel.code(rounds: rounds)
  let data = Kernel.data
  let pid = try machine.reserve(
    TaskLayout(entry: 0, codeLength: UInt32(code.count), rodataLength: UInt32(data.count)))
  try machine.writeCode(pid, code.span, at: 0)
  try machine.writeRodata(pid, data.span, at: 0)
  try machine.makeReady(pid)
  let start = processorSeconds()
  while try machine.run(pid, upTo: 4096).reason == .budget {}
  let seconds = processorSeconds() - start
  guard try machine.status(pid) == .returned,
    try machine.register(0, of: pid) == kernel.expected(rounds: rounds)
  else { throw BenchmarkError(description: "\(kernel.rawValue) on \(choice.rawValue) is wrong") }
  return (seconds, try machine.retired(of: pid))
}

/// Both engines and Lua 5.4 in turn, `repetitions` times; true if the fast one takes at most `target` of Lua's
/// time on every kernel.
func interpreterBenchmark(repetitions: Int, target: Double) throws -> Bool {
  let widths = [14, 12, 10, 12, 12, 10, 14, 12]
  print(
    row(
      ["kernel", "time/Lua", "exact/Lua", "M instr/s", "exact M/s", "Lua ms", "median ms", "min ms"],
      widths: widths))
  var ratios: [Double] = []
  var exactRatios: [Double] = []
  var rates: [Double] = []
  var exactRates: [Double] = []
  for kernel in Kernel.allCases {
    let rounds = kernel.rounds
    _ = try runMachine(kernel, rounds: rounds, .predecoded)
    _ = try runMachine(kernel, rounds: rounds, .exact)
    var fast = Samples()
    var exact = Samples()
    var lua = Samples()
    var instructions: UInt64 = 0
    for _ in 0..<repetitions {
      let result = try runMachine(kernel, rounds: rounds, .predecoded)
      fast.values.append(result.seconds)
      instructions = result.instructions
      lua.values.append(try runLua(kernel, rounds: rounds))
      exact.values.append(try runMachine(kernel, rounds: rounds, .exact).seconds)
    }
    ratios.append(fast.median / lua.median)
    exactRatios.append(exact.median / lua.median)
    rates.append(Double(instructions) / fast.median / 1e6)
    exactRates.append(Double(instructions) / exact.median / 1e6)
    print(
      row(
        [
          kernel.rawValue, text(ratios[ratios.count - 1], digits: 2),
          text(exactRatios[exactRatios.count - 1], digits: 2), text(rates[rates.count - 1], digits: 0),
          text(exactRates[exactRates.count - 1], digits: 0), text(lua.median * 1e3, digits: 1),
          text(fast.median * 1e3, digits: 1), text(fast.minimum * 1e3, digits: 1),
        ], widths: widths))
  }
  print(
    row(
      [
        "geometric mean", text(geometricMean(ratios), digits: 2), text(geometricMean(exactRatios), digits: 2),
        text(geometricMean(rates), digits: 0), text(geometricMean(exactRates), digits: 0),
      ], widths: widths))
  let worst = ratios.max() ?? .infinity
  print("worst \(text(worst, digits: 2)) of Lua's time, target \(text(target, digits: 2))")
  return worst <= target
}

/// Host instructions per machine instruction, by callgrind: the difference of two amounts of work, so that
/// starting and loading do not count.
func countInstructions() throws {
  let widths = [14, 12, 12]
  print(row(["kernel"] + EngineChoice.allCases.map(\.rawValue), widths: widths))
  for kernel in Kernel.allCases {
    let amounts = kernel == .fibRecursive ? [15, 18] : [10, 40]
    var cells = [kernel.rawValue]
    for choice in EngineChoice.allCases {
      var host: [Double] = []
      var machine: [Double] = []
      for rounds in amounts {
        let errors = try run([
          "valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", CommandLine.arguments[0],
          "kernel",
          kernel.rawValue, choice.rawValue, String(rounds),
        ]).errors
        guard let line = errors.split(separator: "\n").first(where: { $0.contains("Collected") }),
          let count = line.split(separator: " ").last.flatMap({ Double($0) })
        else { throw BenchmarkError(description: "callgrind says: \(errors)") }
        host.append(count)
        machine.append(Double(try runMachine(kernel, rounds: rounds, choice).instructions))
      }
      cells.append(text((host[1] - host[0]) / (machine[1] - machine[0]), digits: 2))
    }
    print(row(cells, widths: widths))
  }
}
