import HSXMailbox
import HXE
import Testing

private func parseError(_ text: String) -> TargetError? {
  do throws(TargetError) {
    _ = try MailboxTarget.parse(bytes(text).span, caller: 7)
    return nil
  } catch { return error }
}

@Suite("A target")
struct TargetTests {
  @Test(
    "means one box however it is written",
    arguments: [
      ("stdio.out", "svc:stdio.out@7", 1), ("svc:stdio.out", "svc:stdio.out@7", 1),
      ("svc:stdio.out@7", "svc:stdio.out@7", 1), ("stdio.out@3", "svc:stdio.out@3", 1),
      ("pid:", "pid:7", 0), ("pid:12", "pid:12", 0), ("pid:007", "pid:7", 0), ("pid:0", "pid:0", 0),
      ("app:telemetry", "app:telemetry", 2), ("app:telemetry@7", "app:telemetry@7", 2),
      ("shared:alarms", "shared:alarms", 3), ("app:a:b", "app:a:b", 2), ("app:a@b@4", "app:a@b@4", 2),
      ("app:x@4294967295", "app:x@4294967295", 2),
    ])
  func canonical(text: String, expected: String, namespace: UInt8) throws {
    let parsed = try target(text, caller: 7)
    #expect(String(decoding: parsed.text, as: UTF8.self) == expected)
    #expect(parsed.namespace.rawValue == namespace)
  }

  @Test(
    "that is malformed is refused with the rule it breaks",
    arguments: [
      ("", TargetError.empty), ("nope:x", .unknownPrefix), (":x", .unknownPrefix), ("PID:1", .unknownPrefix),
      ("app:", .emptyName), ("svc:@3", .emptyName), ("shared:", .emptyName), ("app:x@", .invalidPID),
      ("app:x@-1", .invalidPID), ("app:x@4294967296", .invalidPID),
      ("app:x@99999999999999999999", .invalidPID),
      ("pid:x", .invalidPID), ("pid:3@4", .unexpectedOwner), ("shared:x@1", .unexpectedOwner),
      ("app:a b", .invalidCharacter(offset: 5)), ("app:a\0", .invalidCharacter(offset: 5)),
      ("app:aaaaaaaaaaaaaaaaaaaaaaaaaaaaa", .tooLong(count: 33)),
    ])
  func malformed(text: String, expected: TargetError) {
    #expect(parseError(text) == expected)
  }

  @Test("may be 32 bytes long and hold any bytes above the space")
  func longest() throws {
    let text = "app:" + String(repeating: "é", count: 14)
    #expect(try target(text).text == bytes(text))
  }

  @Test("of random bytes is a target or an error, and its text means itself")
  func random() throws {
    var seeded = Seeded(11)
    let alphabet = bytes("aps:vcidhred@0123456789 \u{7F}.")
    for _ in 0..<5_000 {
      let text = (0..<Int.random(in: 0...34, using: &seeded)).map { _ in
        alphabet[Int.random(in: 0..<alphabet.count, using: &seeded)]
      }
      guard let parsed = try? MailboxTarget.parse(text.span, caller: 1) else { continue }
      guard parsed.text.count <= 32 else { continue }
      #expect(try MailboxTarget.parse(parsed.text.span, caller: 99) == parsed)
    }
  }
}
