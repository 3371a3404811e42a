import Foundation
import Testing

@testable import HSXProtocol

@Suite struct RequestTests {
  private func decode(_ text: String) throws -> Request {
    try JSONDecoder().decode(Request.self, from: Data(text.utf8))
  }

  private func command(_ text: String) throws -> ProtocolCommand? {
    if case .command(let command) = try decode(text).body { return command }
    return nil
  }

  private func refused(_ text: String) -> RequestError? {
    do {
      _ = try decode(text)
      return nil
    } catch let error as IdentifiedRequestError {
      return error.error
    } catch {
      return .notJSON
    }
  }

  @Test(
    "a number may be a number or a text, decimal or hexadecimal",
    arguments: ["3", "\"3\"", "\"0x3\"", "\" 3 \"", "3.0"])
  func looseNumbers(_ text: String) throws {
    var selector = TaskSelector()
    selector.pid = 3
    #expect(try command(#"{"cmd":"pause","pid":\#(text)}"#) == .pause(selector))
  }

  @Test("null and a missing member are the same")
  func absence() throws {
    #expect(try command(#"{"cmd":"info","pid":null}"#) == .info(TaskSelector()))
    #expect(try command(#"{"cmd":"info"}"#) == .info(TaskSelector()))
    #expect(try decode(#"{"cmd":"ping","version":null}"#).version == 1)
  }

  @Test("what a command does not know is passed over")
  func unknownMembers() throws {
    #expect(try command(#"{"cmd":"ping","colour":{"deep":[1,2]},"pid":[]}"#) == .ping)
  }

  @Test("a member of a senseless type is named")
  func senselessTypes() {
    for value in ["true", "[3]", "{}", "\"three\"", "4294967296", "-1", "3.5", "\"0x\"", "\"\"", "\"+-3\""] {
      let error = refused(#"{"cmd":"pause","pid":\#(value)}"#)
      guard case .invalidField("pid", _) = error else {
        Issue.record("\(value) gave \(String(describing: error))")
        continue
      }
    }
  }

  @Test("another version is refused before anything is read")
  func otherVersion() {
    #expect(refused(#"{"cmd":"pause","version":2,"pid":"three"}"#) == .unsupportedVersion(2))
    #expect(refused(#"{"version":1}"#) == .missingField("cmd"))
  }

  @Test("the id of a request that is refused is kept")
  func keptIdentity() {
    #expect(throws: IdentifiedRequestError.self) { try decode(#"{"cmd":"pause","id":[7],"pid":true}"#) }
    do {
      _ = try decode(#"{"cmd":"pause","id":[7],"pid":true}"#)
    } catch {
      #expect((error as? IdentifiedRequestError)?.id == .array([.integer(7)]))
    }
  }

  @Test("every command is decoded from what it is encoded to", arguments: CommandName.allCases)
  func roundTrip(_ name: CommandName) throws {
    let text = #"{"cmd":"\#(name.rawValue)","version":1,"session":"s","id":9}"#
    let request = try decode(text)
    let again = try JSONDecoder().decode(Request.self, from: JSONEncoder().encode(request))
    guard case .command(let first) = request.body, case .command(let second) = again.body else {
      Issue.record("\(name) is not known")
      return
    }
    #expect(first == second)
    #expect(first.name == name)
    #expect(again.session == "s")
    #expect(again.id == .integer(9))
  }

  @Test("a lock is one pid, several or none")
  func locks() throws {
    func lock(_ text: String) throws -> [UInt32]? {
      guard case .sessionOpen(let open) = try command(#"{"cmd":"session.open","pid_lock":\#(text)}"#) else {
        return nil
      }
      return open.pidLock?.pids
    }
    #expect(try lock("3") == [3])
    #expect(try lock("[3, \"0x4\"]") == [3, 4])
    #expect(try lock("null") == nil)
  }
}
