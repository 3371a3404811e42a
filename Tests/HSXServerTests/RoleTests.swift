import HSXProtocol
import Testing

@testable import HSXServer

@Suite("Roles") struct RoleTests {
  /// SHA-256 of `observer-token` and so on, by another program.
  static let hashes: [(Role, String)] = [
    (.observer, "853586ad980827bc2b316c746ca8b19e644cd3b36c9da2ea88631ac2cfe20e5b"),
    (.operator, "0850123315d21ab90f4f7236408a52ef6dbd6a02a6550e5c10dc73f4d993680e"),
    (.provisioner, "ab8e9d15206289926f582158431d7044221e10157a5db23acbe2131de8490b11"),
    (.admin, "10a4c7c9fc5206d6f36dc6944a81bb6f4a3cb0e25014ae3b12e6c3e52712292a"),
  ]

  static let pin = "c7edbeb11096da26687f19b2d7d3c461e87136c6b3d82badb4e687529eee2438"

  static var configuration: ServerConfiguration {
    var configuration = ServerConfiguration()
    configuration.tokens = hashes.map { role, hash in
      Token(name: role.rawValue, role: role, sha256: bytes(hexadecimal: hash) ?? [])
    }
    return configuration
  }

  /// What each role may do beyond those below it, written down once more and apart from the table of commands.
  static let commands: [(Role, String)] = [
    (
      .observer,
      """
      info attach detach ps dumpregs vm_reg_get peek val.list val.get val.stats cmd.list cmd.stats list
      mailbox_snapshot mailbox_peek dmesg session.keepalive session.close session.current session.list
      events.subscribe events.ack events.unsubscribe clock sched stdio_fanout provision.status provision.slots
      provision.history
      """
    ),
    (
      .operator,
      """
      step start_auto stop_auto pause resume vm_reg_set poke val.set cmd.call mailbox_open mailbox_close
      mailbox_bind mailbox_send mailbox_recv mailbox_tap listen send
      """
    ),
    (
      .provisioner,
      """
      load exec kill reload vm_load_begin vm_load_write vm_load_end vm_load_abort provision.load provision.persist
      provision.activate provision.rollback provision.release
      """
    ),
    (.admin, "session.terminate restart shutdown"),
  ]

  private func isRefused(_ reply: JSONTree) -> Bool {
    ["role_too_low", "token_required"].contains(reply["reason"].text ?? "")
  }

  @Test("every command is allowed to the roles that its row says, and to no other", arguments: Role.allCases)
  func everyCommand(role: Role) async throws {
    let all = Self.commands.flatMap { role, names in
      names.split(whereSeparator: \.isWhitespace).map { (role, String($0)) }
    }
    #expect(Set(all.map(\.1)).union(["ping", "session.open"]) == Set(CommandName.allCases.map(\.rawValue)))
    try await Daemon.with(Self.configuration) { daemon in
      for (needed, name) in all where name != "shutdown" && name != "restart" {
        let client = try daemon.client()
        let session = try client.session(#""token":"\#(role.rawValue)-token""#)
        let reply = try client.ask(#""cmd":"\#(name)",\#(session)"#)
        #expect(isRefused(reply) == (role < needed), "\(name) as \(role.rawValue): \(reply)")
        #expect(isRefused(try client.ask(#""cmd":"\#(name)""#)), "\(name) without a session")
      }
    }
  }

  @Test("a command that can also just look asks for more when it changes something")
  func lookingAndChanging() async throws {
    try await Daemon.with(Self.configuration) { daemon in
      let client = try daemon.client()
      let admin = try client.session(#""token":"admin-token""#)
      _ = try client.yes(#""cmd":"load","path":"\#(Vector.path("forever"))",\#(admin)"#)
      let observer = try client.session(#""token":"observer-token""#)
      for (look, change) in [
        (#""cmd":"clock""#, #""cmd":"clock","op":"start""#),
        (#""cmd":"sched""#, #""cmd":"sched","pid":1,"priority":1"#),
        (#""cmd":"stdio_fanout","pid":1"#, #""cmd":"stdio_fanout","pid":1,"mode":"drop""#),
      ] {
        _ = try client.yes(look + "," + observer)
        try client.no(change + "," + observer, "role_too_low:operator", "EPERM")
      }
      try client.no(#""cmd":"shutdown",\#(observer)"#, "role_too_low:admin", "EPERM")
      #expect(try client.yes(#""cmd":"clock",\#(observer)"#)["clock"]["running"] == .bool(false))
    }
  }

  @Test("wrong tokens are refused, and after five the peer waits, the right one too")
  func wrongTokens() async throws {
    let time = Daemon.FakeTime()
    try await Daemon.with(Self.configuration, time: time) { daemon in
      let client = try daemon.client()
      try client.no(#""cmd":"session.open""#, "token_required", "EPERM")
      for _ in 0..<5 { try client.no(#""cmd":"session.open","token":"guess""#, "token_unknown", "EPERM") }
      let other = try daemon.client()
      let reply = try other.ask(#""cmd":"session.open","token":"admin-token""#)
      #expect(reply["reason"] == .string("token_backoff"))
      await daemon.pass(seconds: 61)
      _ = try other.session(#""token":"admin-token""#)
    }
  }

  @Test("levels of values follow the role; who may only look owns nothing by naming a task")
  func levels() async throws {
    var configuration = Self.configuration
    configuration.pins = [bytes(hexadecimal: Self.pin) ?? []]
    try await Daemon.with(configuration) { daemon in
      let client = try daemon.client()
      let admin = try client.session(#""token":"admin-token""#)
      _ = try client.yes(#""cmd":"load","path":"\#(Vector.path("thermostat"))",\#(admin)"#)
      let observer = try client.session(#""token":"observer-token""#)
      let worker = try client.session(#""token":"operator-token""#)
      func status(_ members: String) throws -> JSONTree { try client.yes(members)["value"]["status"] }
      // The setpoint asks for the level user.
      #expect(try status(#""cmd":"val.get","oid":257,\#(observer)"#) == .integer(2))
      #expect(try status(#""cmd":"val.get","oid":257,"pid":1,\#(observer)"#) == .integer(2))
      #expect(try status(#""cmd":"val.get","oid":257,\#(worker)"#) == .integer(0))
      let listed = try client.yes(#""cmd":"val.list",\#(observer)"#)["values"][0]
      #expect(listed["name"] == .string("setpoint"))
      #expect(listed["last_value"] == .null && listed["last_f16"] == .null)
      // The reset command asks for admin and a pin.
      func call(_ members: String) throws -> JSONTree { try client.yes(members)["command"]["status"] }
      #expect(try call(#""cmd":"cmd.call","oid":272,\#(admin)"#) == .integer(2))
      #expect(try call(#""cmd":"cmd.call","oid":272,"token":"wrong",\#(admin)"#) == .integer(2))
      #expect(try call(#""cmd":"cmd.call","oid":272,"token":"pin-token",\#(worker)"#) == .integer(2))
      #expect(try call(#""cmd":"cmd.call","oid":272,"token":"pin-token",\#(admin)"#) == .integer(0))
    }
  }

  @Test("without a configured pin no token will do")
  func noPins() async throws {
    try await Daemon.with { daemon in
      let client = try daemon.client()
      _ = try client.load("thermostat")
      let reply = try client.yes(#""cmd":"cmd.call","oid":272,"token":"pin-token""#)
      #expect(reply["command"]["status"] == .integer(2))
    }
  }
}
