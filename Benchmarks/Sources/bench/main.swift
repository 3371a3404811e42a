import Foundation

// usage: bench interpreter [REPETITIONS]     both engines against Lua 5.4; fails over the target
//        bench count                         host instructions per machine instruction (valgrind)
//        bench loading [REPETITIONS]         loading 52 KB against zlib and memcpy; fails over the targets
//        bench protocol [ROUNDS]             the daemon's replies against a line echo; fails over the targets
//        bench storage [UPDATES [LONG]]      what a store costs, as JSON; fails over its limits (Scripts/compare-storage)
//        bench kernel KERNEL ENGINE ROUNDS   one run and nothing else
let arguments = CommandLine.arguments.dropFirst()
let usage =
  "usage: bench interpreter [REPETITIONS] | count | loading [REPETITIONS] | protocol [ROUNDS] | storage [UPDATES [LONG]] | kernel KERNEL ENGINE ROUNDS"
let repetitions = arguments.dropFirst().first.flatMap { Int($0) }
do {
  switch arguments.first {
  case "interpreter", nil:
    guard try interpreterBenchmark(repetitions: repetitions ?? 9, target: 1.0) else { exit(1) }
  case "loading": guard try loadingBenchmark(repetitions: repetitions ?? 200) else { exit(1) }
  case "protocol": guard try await protocolBenchmark(rounds: repetitions ?? 5) else { exit(1) }
  case "storage":
    let long = arguments.dropFirst(2).first.flatMap { Int($0) } ?? 1_000_000
    guard try storageBenchmark(updates: repetitions ?? 10_000, long: long) else { exit(1) }
  case "count": try countInstructions()
  case "kernel":
    guard arguments.count == 4, let kernel = Kernel(rawValue: CommandLine.arguments[2]),
      let choice = EngineChoice(rawValue: CommandLine.arguments[3]),
      let rounds = Int(CommandLine.arguments[4])
    else { throw BenchmarkError(description: usage) }
    _ = try runMachine(kernel, rounds: rounds, choice)
  default: throw BenchmarkError(description: usage)
  }
} catch {
  FileHandle.standardError.write(Data("bench: \(error)\n".utf8))
  exit(1)
}
