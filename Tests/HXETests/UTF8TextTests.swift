import HXE
import Testing

@Suite("UTF-8")
struct UTF8TextTests {
  @Test("agrees with the standard library on every sequence of two bytes and on random ones of four")
  func agreesWithSwift() {
    var generator = Generator(seed: 9)
    func check(_ bytes: [UInt8]) {
      let isValid = String(validating: bytes, as: UTF8.self) != nil
      #expect((UTF8Text.firstFault(in: bytes.span) == nil) == isValid, "\(bytes)")
    }
    for lead in UInt8.min...UInt8.max {
      for second in stride(from: UInt8(0), to: 255, by: 5) { check([lead, second]) }
    }
    for _ in 0..<5000 {
      let lead = UInt8(0xE0 + generator.below(0x16))
      let tail = (0..<3).map { _ in UInt8(0x80 + generator.below(0x42)) }
      check([lead] + tail)
      check([lead] + tail.dropLast())
    }
  }
}
