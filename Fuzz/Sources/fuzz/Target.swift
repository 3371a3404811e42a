/// What is fuzzed.
enum Target: String, CaseIterable {
  case parser, assembler, stream, json

  /// Runs the case of `seed`.
  ///
  /// - Returns: what is wrong; nil if nothing is.
  func run(_ corpus: Corpus, seed: UInt64, tally: inout Tally, isReplay: Bool) -> String? {
    var random = Random(seed: seed)
    let finding: String?
    let isTaken: Bool
    switch self {
    case .parser: (finding, isTaken) = fuzzParser(corpus, &random, isReplay)
    case .assembler: (finding, isTaken) = fuzzAssembler(corpus, &random, isReplay)
    case .stream: (finding, isTaken) = fuzzStream(corpus, &random, isReplay)
    case .json: (finding, isTaken) = fuzzJSON(corpus, &random, isReplay)
    }
    if isTaken { tally.taken += 1 } else { tally.refused += 1 }
    return finding
  }
}

/// How many inputs were taken and refused: a run that has hardly any of one kind shows little.
struct Tally: CustomStringConvertible {
  var taken = 0
  var refused = 0
  var description: String { "\(taken) inputs taken, \(refused) refused" }
}
