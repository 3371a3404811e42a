import HSXAssembler
import HXE
import Testing

struct HostileSourceTests {
  /// An image that starts as one, or errors that say where.
  private func check(_ source: [UInt8], _ seed: UInt64) {
    do throws(AssemblyFailure) {
      let image = try Assembler.assemble(source)
      #expect(refusal(of: image) == nil, "seed \(seed)")
    } catch {
      #expect((1...AssemblyFailure.maximumErrors).contains(error.errors.count), "seed \(seed)")
      #expect(!error.description.isEmpty)
      let lines = source.split(omittingEmptySubsequences: false) { $0 == 0x0A || $0 == 0x0D }.count
      #expect(error.errors.allSatisfy { (0...lines).contains($0.line) }, "seed \(seed)")
      #expect(error.errors.map(\.line) == error.errors.map(\.line).sorted(), "seed \(seed)")
    }
  }

  /// What the loader has against an image, budgets apart.
  private func refusal(of image: [UInt8]) -> ImageError? {
    do throws(ImageError) {
      _ = try ImageParser.parse(image.span, limits: .desktop, checksum: .fast)
      return nil
    } catch {
      return error.reason == .metadataBudgetExceeded ? nil : error
    }
  }

  @Test("mutated sources end in an image or in errors", arguments: 0..<8)
  func mutations(_ batch: UInt64) throws {
    let sources = try ["calls", "hello", "thermostat", "odometer"].map(Fixtures.source)
    let more = Array(
      """
      .entry a
      a: LD R1, [R2+off16(d+1)]\n b: ST [R2-4], R3\n SVC MOD=1, FN=2\n JMP a+4-0\n CALL b\n .org 0x40
      LDI32 R1, lo16(d) ; x\n .import q\n .data\n .align 4\n d: .byte 'a', "b\\x00", -1, d-d\n .zero 3
      .half d, 2\n .word hi16(d)\n .asciz "é\\n"\n .mailbox [{"target":"a","c":[1e5,{"b":"\\ud83d\\ude00"}]}]
      """.utf8)
    let pieces: [[UInt8]] = [
      "[", "]", "{", "}", "\"", "'", "\\", ";", ":", ",", "+", "-", "(", "0x", "99999999999999999999",
      "-9223372036854775808", "9223372036854775807", ".org ", ".zero ", ".align ", "4294967295", "\n", "\r",
      "\0",
      "\u{FF}", "lo16(", "R15", "1e999", "\\u", ".data\n", ".text\n", ".value {\"group\":1,\"id\":",
      "_start:",
    ].map { Array($0.utf8) }
    for round in 0..<150 as Range<UInt64> {
      let seed = batch * 1_000 + round
      var random = SplitMix(seed: seed)
      var source = random.below(3) == 0 ? more : sources[random.below(sources.count)]
      for _ in 0...random.below(6) {
        let place = random.below(source.count + 1)
        switch random.below(5) {
        case 0: source.insert(UInt8(truncatingIfNeeded: random.next()), at: place)
        case 1: if place < source.count { source[place] = UInt8(truncatingIfNeeded: random.next()) }
        case 2: source.removeSubrange(place..<min(place + random.below(12), source.count))
        case 3: source.insert(contentsOf: pieces[random.below(pieces.count)], at: place)
        default:
          let end = min(place + random.below(40), source.count)
          source.insert(contentsOf: source[place..<end], at: random.below(source.count + 1))
        }
      }
      check(source, seed)
    }
  }

  @Test("random bytes and random tokens end in errors or in an image")
  func noise() {
    let tokens = [
      "LDI", "R1", ",", "12", ".data", ".byte", "\"a\"", "x:", "x", "\n", "\n", ";", "[", "+", "{", "}",
      ".value",
      "-", ".align", "lo16(", ")", "RET", " ", " ",
    ]
    for seed in 0..<400 as Range<UInt64> {
      var random = SplitMix(seed: seed)
      check((0..<random.below(200)).map { _ in UInt8(truncatingIfNeeded: random.next()) }, seed)
      let text = (0..<random.below(60)).map { _ in tokens[random.below(tokens.count)] }.joined()
      check(Array(text.utf8), seed)
    }
  }

  @Test("huge lines and counts are taken or refused without growing")
  func huge() {
    let zeros = String(repeating: ".zero 4000000000\n", count: 100)
    #expect(errors(".data\n" + zeros).count == 1)
    let sum = "LDI R1, " + String(repeating: "9223372036854775807+", count: 20_000) + "0"
    #expect(errors(sum).map(\.problem) == [.numberTooLarge])
    #expect(errors("JMP x\n" + String(repeating: "a", count: 300_000)).count == 2)
    #expect(errors(String(repeating: "a:", count: 100_000)).map(\.line) == [1])
    let big = [UInt8](repeating: 0x20, count: Assembler.maximumSourceBytes + 1)
    #expect(failure(big)?.errors.map(\.problem) == [.sourceTooLarge(big.count)])
  }

  private func failure(_ source: [UInt8]) -> AssemblyFailure? {
    do throws(AssemblyFailure) {
      _ = try Assembler.assemble(source)
      return nil
    } catch {
      return error
    }
  }
}
