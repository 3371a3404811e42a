import Foundation
import Testing

/// The daemon as its operator meets it. Each test has a daemon and files of its own.
@Suite("hsxd, the program")
struct DaemonProgramTests {
  /// What a daemon that does not start says, and its exit status.
  private func refusal(
    _ arguments: [String], environment: [String: String] = [:]
  ) throws -> (status: Int32?, lines: [String]) {
    let daemon = try Tool.start(arguments, name: "hsxd", environment: environment, readsErrors: true)
    let lines = try daemon.rest()
    return (daemon.end(with: 0), lines)
  }

  private func expectRefusal(
    _ arguments: [String], environment: [String: String] = [:], status: Int32, _ tag: String, about: String,
    _ location: SourceLocation = #_sourceLocation
  ) throws {
    let (ended, lines) = try refusal(arguments, environment: environment)
    #expect(ended == status, sourceLocation: location)
    let told = try #require(lines.first { $0.hasSuffix("[\(tag)]") }, "\(lines)", sourceLocation: location)
    #expect(told.hasPrefix("hsxd: ") && told.contains(about), "\(told)", sourceLocation: location)
    #expect(lines.last?.hasPrefix("  ") == true, "\(lines)", sourceLocation: location)
  }

  private func file(_ folder: TemporaryFolder, _ json: String) throws -> String {
    let path = folder.path("hsxd.json")
    try Data(json.utf8).write(to: URL(filePath: path))
    return path
  }

  @Test("It is not opened to the network without tokens and TLS, by whichever of its addresses")
  func openToNetwork() throws {
    for address in ["0.0.0.0:0", "[::]:0"] {
      try expectRefusal(["--listen", address], status: 2, "EINVAL open_to_network", about: address)
    }
  }

  @Test("Values that cannot be taken are refused with their key, wherever they are from")
  func values() throws {
    let folder = try TemporaryFolder()
    let unknown = try file(folder, #"{"run": true, "stroe": "x"}"#)
    try expectRefusal(["--config", unknown], status: 2, "EINVAL config_key", about: "stroe")
    let wrong = try file(folder, #"{"run": 1.5}"#)
    try expectRefusal(["--config", wrong], status: 2, "EINVAL config_value", about: "run")
    let token = try file(folder, #"{"tokens": [{"name": "a", "role": "king", "sha256": ""}]}"#)
    try expectRefusal(["--config", token], status: 2, "EINVAL config_token", about: "tokens[0]")
    try expectRefusal(["--config", folder.path("none")], status: 2, "EINVAL config_file", about: "none")
    try expectRefusal(
      [], environment: ["HSX_RUN": "perhaps"], status: 2, "EINVAL config_value", about: "perhaps")
    try expectRefusal(["--listen", "9998"], status: 2, "EINVAL config_value", about: "listen")
    try expectRefusal(["--no-tcp"], status: 2, "EINVAL config_value", about: "no_tcp")
  }

  @Test("A flag goes before the environment, that before the file")
  func precedence() throws {
    let folder = try TemporaryFolder()
    let config = try file(
      folder, #"{"no_tcp": true, "socket": "\#(folder.path("file.sock"))", "log_format": "json"}"#)
    let environment = ["HSX_SOCKET": folder.path("environment.sock")]
    for (flags, environment, name) in [
      ([], [:], "file.sock"), ([], environment, "environment.sock"),
      (["--socket", folder.path("flag.sock")], environment, "flag.sock"),
    ] as [([String], [String: String], String)] {
      let daemon = try Tool.start(
        ["--config", config] + flags, name: "hsxd", environment: environment, readsErrors: true)
      let line = try #require(try daemon.line(containing: "listening"))
      #expect(line.contains(name) && line.hasPrefix("{"), "\(line)")
      #expect(daemon.end(with: SIGTERM) == 0)
    }
  }

  @Test("Its socket is its owner's alone, and one that lives is not taken from its daemon")
  func socket() throws {
    let daemon = try RunningDaemon()
    let path = daemon.folder.path("hsxd.sock")
    let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    #expect(mode == 0o600)
    try expectRefusal(["--no-tcp", "--socket", path], status: 1, "EBUSY address_in_use", about: path)
    let other = daemon.folder.path("file")
    try Data().write(to: URL(filePath: other))
    try expectRefusal(["--no-tcp", "--socket", other], status: 1, "EEXIST address_taken", about: other)
  }

  @Test("A socket that a killed daemon has left is taken over")
  func staleSocket() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("hsxd.sock")
    let arguments = ["--no-tcp", "--socket", path]
    let first = try Tool.start(arguments, name: "hsxd", readsErrors: true)
    _ = try #require(try first.line(containing: "listening"))
    #expect(first.kill())
    let second = try Tool.start(arguments, name: "hsxd", readsErrors: true)
    _ = try #require(try second.line(containing: "listening"))
    #expect(second.end(with: SIGINT) == 0)
  }

  @Test("A store has one daemon")
  func store() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("node.hsxs")
    let first = try Tool.start(
      ["--no-tcp", "--socket", folder.path("a"), "--store", path], name: "hsxd", readsErrors: true)
    _ = try #require(try first.line(containing: "listening"))
    try expectRefusal(
      ["--no-tcp", "--socket", folder.path("b"), "--store", path], status: 1, "EBUSY storage_in_use",
      about: path)
    #expect(first.end(with: SIGTERM) == 0)
  }

  @Test("A request for the end ends it with 0, one for a restart begins it anew under the same number")
  func endings() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("hsxd.sock")
    let daemon = try Tool.start(["--no-tcp", "--socket", path], name: "hsxd", readsErrors: true)
    _ = try #require(try daemon.line(containing: "listening"))
    #expect(try RawClient(path).ask(#"{"cmd":"restart"}"#).contains(#""status":"ok""#))
    _ = try #require(try daemon.line(containing: "stopped"))
    _ = try #require(try daemon.line(containing: "listening"), "it has not begun anew")
    #expect(try RawClient(path).ask(#"{"cmd":"shutdown"}"#).contains(#""status":"ok""#))
    _ = try daemon.rest()
    #expect(daemon.end(with: 0) == 0)
  }

  @Test("Under load, with a client that does not read, it ends with 0, and that client finds its farewell")
  func farewell() throws {
    let daemon = try RunningDaemon("--run")
    let image = Tool.image("forever")
    let client = try RawClient(daemon.folder.path("hsxd.sock"))
    #expect(try client.ask(#"{"cmd":"load","path":"\#(image)"}"#).contains(#""status":"ok""#))
    let session = try client.ask(#"{"cmd":"session.open","capabilities":{"features":["events"]}}"#)
    let object = try #require(try JSONSerialization.jsonObject(with: Data(session.utf8)) as? [String: Any])
    let id = try #require((object["session"] as? [String: Any])?["id"] as? String)
    _ = try client.ask(#"{"cmd":"events.subscribe","session":"\#(id)"}"#)
    #expect(daemon.stop() == 0)
    let rest = try client.rest()
    #expect(rest.split(separator: "\n").last?.contains("shutting_down") == true, "\(rest.suffix(300))")
  }
}
