import HSXAssembler
import HXE

private let assemblyPieces: [[UInt8]] = [
  "[", "]", "{", "}", "\"", "'", "\\", ";", ":", ",", "+", "-", "(", ")", "0x", "99999999999999999999",
  "-9223372036854775808", "9223372036854775807", ".org ", ".zero ", ".align ", ".byte ", "4294967295", "\n",
  "\r", "\0", "\u{FF}", "lo16(", "hi16(", "off16(", "R15", "R16", "1e999", "\\u", ".data\n", ".text\n",
  ".value {\"group\":1,\"id\":", ".mailbox [{\"target\":\"a\"}]\n", ".cmd {", "_start:", "a: LD R1, [R2+4]\n",
  " LDI32 R1, lo16(d) ; x\n", " JMP a+4-0\n", " CALL b\n", ".import q\n", ".extern q\n", "d: .word d-d\n",
].map { Array($0.utf8) }

/// Any text ends in an image that the parser takes, budgets apart, or in errors that say where; twice the same.
func fuzzAssembler(_ corpus: Corpus, _ random: inout Random, _ isReplay: Bool) -> (String?, Bool) {
  // The large source is for the benchmark: it would take the time of a thousand small ones.
  let sources = corpus.sources.filter { $0.count < 10_000 }
  let source = mutatedText(sources, pieces: assemblyPieces, &random)
  let result = assemble(source)
  if isReplay { print(String(decoding: source, as: UTF8.self), "\n\(result)") }
  let isTaken = if case .success = result { true } else { false }
  guard assemble(source) == result else { return ("twice assembled it differs", isTaken) }
  switch result {
  case .success(let image):
    do throws(ImageError) {
      _ = try ImageParser.parse(image.span, limits: .desktop, checksum: .fast)
    } catch {
      guard error.reason == .metadataBudgetExceeded else { return ("no image: \(error)", isTaken) }
    }
  case .failure(let failure):
    let lines = source.split(omittingEmptySubsequences: false) { $0 == 0x0A || $0 == 0x0D }.count
    let numbers = failure.errors.map(\.line)
    guard (1...AssemblyFailure.maximumErrors).contains(numbers.count), numbers == numbers.sorted(),
      numbers.allSatisfy({ (0...lines).contains($0) }), !failure.description.isEmpty
    else { return ("odd errors: \(failure.errors)", isTaken) }
  }
  return (nil, isTaken)
}

private func assemble(_ source: [UInt8]) -> Result<[UInt8], AssemblyFailure> {
  do throws(AssemblyFailure) { return .success(try Assembler.assemble(source)) } catch {
    return .failure(error)
  }
}
