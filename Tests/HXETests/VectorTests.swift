import Foundation
import HXE
import Testing

@Suite("Golden images")
struct VectorTests {
  @Test("every good image has the header, the metadata and the contents that the reference saw")
  func good() throws {
    let good = try Vectors.good()
    #expect(good.count >= 17)
    for (name, fields) in good {
      let bytes = try Vectors.bytes(name + ".hxe")
      let result = verdict(bytes)
      guard case .image(let header, let metadata, let code, let rodata) = result else {
        Issue.record("\(name): \(result)")
        continue
      }
      func number(_ field: String) -> UInt32? { (fields[field] as? NSNumber)?.uint32Value }
      #expect(UInt32(header.version) == number("version"), "\(name)")
      #expect(UInt32(header.flags) == number("flags"), "\(name)")
      #expect(header.entry == number("entry"), "\(name)")
      #expect(header.codeLength == number("code_len"), "\(name)")
      #expect(header.rodataLength == number("ro_len"), "\(name)")
      #expect(header.bssSize == number("bss_size"), "\(name)")
      #expect(header.requiredCapabilities.rawValue == number("req_caps"), "\(name)")
      #expect(header.crc32 == number("crc32"), "\(name)")
      #expect(text(header.appName) == fields["app_name"] as? String ?? "", "\(name)")
      #expect(header.allowsMultipleInstances == fields["allow_multiple"] as? Bool, "\(name)")
      #expect(bytes.count == fields["size"] as? Int, "\(name)")
      #expect(bitwiseCRC(code) == number("code_crc32"), "\(name)")
      #expect(bitwiseCRC(rodata) == number("rodata_crc32"), "\(name)")
      let expected = fields["metadata"] as? NSDictionary
      #expect(NSDictionary(dictionary: dictionary(metadata)) == expected, "\(name)")
    }
  }

  @Test("every bad image is refused with the code and the reason due")
  func bad() throws {
    let bad = try Vectors.bad()
    #expect(bad.count >= 46)
    for (file, code, reason) in bad {
      let error = verdict(try Vectors.bytes(file)).error
      #expect(error?.reason.wireName == reason, "\(file): \(String(describing: error))")
      #expect(error?.code == (code == "EBADMSG" ? .badMessage : .noSpace), "\(file)")
    }
  }

  @Test("the manifest image gives up its fields and keeps its text")
  func manifest() throws {
    let metadata = verdict(try Vectors.bytes("manifest.hxe")).metadata
    let manifest = try #require(metadata?.manifest)
    #expect(manifest.imageName == Array("sum".utf8))
    #expect(manifest.version == Array("1.2.0".utf8))
    #expect(manifest.preferredPID == 7)
    #expect(manifest.requiredCapabilities == Capabilities())
    #expect(manifest.storageKeys == [.init(key: 4660, mode: .loadAndSave, length: 2)])
    #expect(manifest.securityCounter == nil)
    #expect(manifest.json.count == 120 && manifest.json.first == UInt8(ascii: "{"))
  }

  /// The metadata in the words of `expected.json`.
  private func dictionary(_ metadata: Metadata) -> [String: Any] {
    func string(_ range: TextRange?) -> Any {
      guard let range else { return NSNull() }
      let span = metadata.text(range)
      return String(decoding: span.indices.map { span[$0] }, as: UTF8.self)
    }
    return [
      "values": metadata.values.map { value in
        [
          "group_id": value.group, "value_id": value.id, "flags": value.flags.rawValue,
          "auth_level": value.authLevel, "init_raw": value.initial, "epsilon_raw": value.epsilon,
          "min_raw": value.minimum, "max_raw": value.maximum, "persist_key": value.persistKey,
          "name": string(value.name), "unit": string(value.unit), "group_name": string(value.groupName),
        ] as [String: Any]
      },
      "commands": metadata.commands.map { command in
        [
          "group_id": command.group, "cmd_id": command.id, "flags": command.flags.rawValue,
          "auth_level": command.authLevel, "handler_offset": command.handler, "name": string(command.name),
          "help": string(command.help), "group_name": string(command.groupName),
        ] as [String: Any]
      },
      "mailboxes": metadata.mailboxes.map { mailbox in
        [
          "target": text(mailbox.target), "capacity": mailbox.capacity ?? NSNull(),
          "mode_mask": mailbox.mode.rawValue, "owner_pid": mailbox.ownerPID ?? NSNull(),
          "bindings": mailbox.bindings.map { binding in
            var fields: [String: Any] = ["pid": binding.pid]
            if let flags = binding.flags { fields["flags"] = flags }
            return fields
          },
        ] as [String: Any]
      },
    ]
  }
}

func text(_ name: ShortName) -> String {
  String(decoding: (0..<name.count).map { name[$0] }, as: UTF8.self)
}
