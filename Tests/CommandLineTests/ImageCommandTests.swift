import Foundation
import HSXTranslation
import Testing

@Suite("hsx image, machine and explain")
struct ImageCommandTests {
  @Test("verify gives each bad image its code and reason, in order, and exits with 1")
  func verify() throws {
    let file = try JSONSerialization.jsonObject(
      with: Data(contentsOf: Tool.vectors.appending(path: "images/expected.json")))
    let bad = try #require((file as? [String: Any])?["bad"] as? [[String: String]])
    let paths = bad.compactMap { $0["file"] }.map { Tool.vectors.appending(path: "images/\($0)").path }
    let result = try Tool.run(["image", "verify", "--json"] + paths)
    #expect(result.status == 1)
    let verdicts = try #require(try result.json() as? [[String: Any]])
    #expect(verdicts.count == bad.count)
    for (verdict, expected) in zip(verdicts, bad) {
      #expect(verdict["ok"] as? Bool == false)
      #expect(verdict["code"] as? String == expected["code"], "\(expected)")
      #expect(verdict["reason"] as? String == expected["reason"], "\(expected)")
      #expect(verdict["offset"] is Int)
    }
  }

  @Test("info shows every golden image as the reference declares it")
  func info() throws {
    for (name, expected) in try RunCommandTests.good() {
      let shown = try Tool.run(["image", "info", "--json", Tool.image(name)]).object()
      let header = try #require(shown["header"] as? [String: Any])
      for key in ["version", "flags", "entry", "code_len", "ro_len", "bss_size", "req_caps", "crc32", "size"]
      {
        #expect(header[key] as? Int == expected[key] as? Int, "\(name) \(key)")
      }
      #expect(header["app_name"] as? String == expected["app_name"] as? String, "\(name)")
      let metadata = try #require(expected["metadata"] as? [String: Any])
      for key in ["values", "commands", "mailboxes"] {
        #expect((shown[key] as? NSArray) == (metadata[key] as? NSArray), "\(name) \(key)")
      }
    }
  }

  @Test("build writes the golden images byte for byte")
  func build() throws {
    let folder = try TemporaryFolder()
    for name in ["thermostat", "large", "mailbox_ping"] {
      let source = Tool.vectors.appending(path: "sources/\(name).mvasm").path
      #expect(try Tool.run(["image", "build", source, "-o", folder.path("o.hxe")]).status == 0)
      let built = try Data(contentsOf: URL(filePath: folder.path("o.hxe")))
      #expect(try built == Data(contentsOf: URL(filePath: Tool.image(name))), "\(name)")
    }
  }

  @Test("build names the line of an error and writes nothing")
  func buildError() throws {
    let folder = try TemporaryFolder()
    let result = try Tool.run(
      ["image", "build", "-", "-o", folder.path("o.hxe")], input: Array("main:\n  ADDD R1, R2, R3\n".utf8))
    #expect(result.status == 1)
    #expect(result.errors.contains("-:2:"))
    #expect(!FileManager.default.fileExists(atPath: folder.path("o.hxe")))
  }

  @Test("machine check passes all vectors, and shows the difference of one that is wrong")
  func machineCheck() throws {
    let path = Tool.vectors.appending(path: "isa.json").path
    let result = try Tool.run(["machine", "check", path])
    #expect(result.status == 0)
    #expect(result.text == "1618 passed, 0 failed\n")
    let right = String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self)
    let expectation = try #require(right.range(of: "\"expect\":{\"regs\":[2900470100,191250472,1115729207"))
    let wrong = right.replacingOccurrences(of: "1115729207", with: "1115729208", range: expectation)
    let failing = try Tool.run(["machine", "check", "-"], input: Array(wrong.utf8))
    #expect(failing.status == 1)
    #expect(failing.text.contains("R2 is 1115729207, expected 1115729208"))
  }

  @Test("explain knows every code and reason, and tells an unknown one from a wrong call")
  func explain() throws {
    for word in [
      "EBADMSG", "crc_mismatch", "divide_by_zero", "budget_spent", "app_exists", "tasks_exceeded",
      "app_exists:thermostat",
    ] {
      let shown = try Tool.run(["explain", "--json", word]).object()
      #expect((shown["remedy"] as? String)?.isEmpty == false, "\(word)")
    }
    #expect(try Tool.run(["explain", "no_such_word"]).status == 2)
  }

  @Test("what a refusal advises exists: each command, with each option")
  func remedies() throws {
    var advised: Set<[String]> = []
    for word in Explanation.words {
      let remedy = try #require(Explanation(of: word)?.remedy)
      // Every second piece stands between backticks.
      for (index, piece) in remedy.split(separator: "`", omittingEmptySubsequences: false).enumerated()
      where index % 2 == 1 && piece.hasPrefix("hsx ") {
        advised.insert(piece.split(separator: " ").dropFirst().map(String.init))
      }
    }
    // Signatures are still to come.
    advised.subtract([["image", "sign"], ["image", "keys"]])
    #expect(advised.count > 10)
    for words in advised {
      let command = words.prefix { !$0.hasPrefix("--") }.filter { $0 != $0.uppercased() }
      let help = try Tool.run(command + ["--help"])
      #expect(help.status == 0, "\(words)")
      // A word that is no subcommand would be taken for an argument, and the help be that of the command above it.
      #expect(help.text.contains("USAGE: hsx \(command.joined(separator: " "))"), "\(words)")
      for option in words where option.hasPrefix("--") { #expect(help.text.contains(option), "\(words)") }
    }
  }

  @Test("a refusal is an object on the standard output too, with --json")
  func refusalAsObject() throws {
    for arguments in [["image", "info"], ["run"]] {
      let result = try Tool.run(arguments + ["--json", Tool.image("bad/crc_flip")])
      #expect(result.status == 1)
      let refusal = try result.object()
      #expect(refusal["code"] as? String == "EBADMSG")
      #expect(refusal["reason"] as? String == "crc_mismatch")
      #expect(refusal["offset"] as? Int == 0x1C)
    }
  }

  @Test("output that cannot be written is no success")
  func fullDevice() throws {
    for arguments in [["image", "info", "--json"], ["run"]] {
      let result = try Tool.run(arguments + [Tool.image("hello")], output: "/dev/full")
      #expect(result.status == 1)
      #expect(result.errors.contains("[EIO file]"))
    }
  }

  @Test("a missing file is a refusal, not a crash")
  func missingFile() throws {
    for arguments in [["run", "/no/such.hxe"], ["image", "info", "/no/such.hxe"]] {
      let result = try Tool.run(arguments)
      #expect(result.status == 1)
      #expect(result.errors.contains("[EIO file]"))
    }
  }
}
