import Foundation

// usage: fuzz TARGET [--seed N] [--count N]    cases N, N+1, … of a target: parser, assembler, stream or json
//        fuzz TARGET --replay N                one case, told at length
//
// A case is its seed: the same seed makes the same bytes. A failure prints the line that replays it and ends with
// status 1. A crash or a hang ends the process by a signal that fuzz catches to print the same line.

/// What fuzz was asked to do.
struct Order {
  var target: Target
  var seed: UInt64 = 1
  var count: UInt64 = 10_000
  var isReplay = false

  init(_ arguments: [String]) throws {
    var rest = arguments[...]
    guard let name = rest.popFirst(), let target = Target(rawValue: name) else { throw UsageError() }
    self.target = target
    while let option = rest.popFirst() {
      guard let number = rest.popFirst().flatMap({ UInt64($0) }) else { throw UsageError() }
      switch option {
      case "--seed": seed = number
      case "--count": count = number
      case "--replay": (seed, count, isReplay) = (number, 1, true)
      default: throw UsageError()
      }
    }
  }
}

struct UsageError: Error {}

func complain(_ text: String) { FileHandle.standardError.write(Data((text + "\n").utf8)) }

do {
  let order = try Order(Array(CommandLine.arguments.dropFirst()))
  let corpus = try Corpus()
  Alarm.install(order.target)
  var tally = Tally()
  for number in 0..<order.count {
    let seed = order.seed &+ number
    Alarm.set(seed)
    if let finding = order.target.run(corpus, seed: seed, tally: &tally, isReplay: order.isReplay) {
      complain("\(order.target.rawValue), seed \(seed): \(finding)")
      complain(Alarm.replayLine(order.target, seed))
      exit(1)
    }
  }
  Alarm.clear()
  print("\(order.target.rawValue): \(order.count) cases from seed \(order.seed), \(tally)")
} catch is UsageError {
  complain("usage: fuzz parser|assembler|stream|json [--seed N] [--count N] | --replay N")
  exit(2)
} catch {
  complain("fuzz: \(error)")
  exit(1)
}
