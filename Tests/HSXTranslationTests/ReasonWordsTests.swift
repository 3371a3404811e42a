import Foundation
import HSXTranslation
import HXE
import Testing

struct ReasonWordsTests {
  /// The list of the format's specification.
  private static let words = """
    truncated, bad_magic, unsupported_version, code_unaligned, code_too_large, rodata_too_large, bss_too_large, \
    entry_unaligned, entry_out_of_range, app_name_not_ascii, app_name_unterminated, reserved_not_zero, \
    metadata_overlaps_image, metadata_out_of_bounds, section_out_of_bounds, section_overlap, section_truncated, \
    string_out_of_range, string_unterminated, string_not_utf8, duplicate_value, duplicate_command, \
    duplicate_mailbox, handler_out_of_range, mailbox_json_invalid, mailbox_version_unsupported, \
    mailbox_target_missing, mailbox_target_too_long, mailbox_mode_unknown, manifest_truncated, manifest_invalid, \
    crc_mismatch, memory_exceeded, metadata_exceeded
    """.split(separator: ", ").map(String.init)

  @Test("reasons have the words of the specification, and words find their reason")
  func words() {
    #expect(ImageError.Reason.allCases.map(\.word) == Self.words)
    for reason in ImageError.Reason.allCases { #expect(ImageError.Reason(word: reason.word) == reason) }
    #expect(ImageError.Reason(word: "no_such_reason") == nil)
  }

  @Test("codes have the names of the specification, and names find their code in any case")
  func codes() {
    #expect(
      ErrorCode.allCases.map(\.wireName) == [
        "EBADMSG", "ENOSPC", "ESRCH", "EBUSY", "EEXIST", "EINVAL", "EPERM", "EKEYREJECTED", "ENOTSUP",
        "ETIMEDOUT",
        "EIO", "ECANCELED",
      ])
    for code in ErrorCode.allCases {
      #expect(ErrorCode(wireName: code.wireName) == code)
      #expect(ErrorCode(wireName: code.wireName.lowercased()) == code)
    }
    #expect(ErrorCode(wireName: "EWHAT") == nil)
  }

  @Test("budgets and memory go with ENOSPC, everything else with EBADMSG")
  func codesOfReasons() {
    let full = ImageError.Reason.allCases.filter { $0.code == .noSpace }
    #expect(full == [.memoryExceeded, .metadataBudgetExceeded])
    #expect(ImageError.Reason.allCases.filter { $0.code == .badMessage }.count == Self.words.count - 2)
  }

  @Test("each reason and code has a cause and a remedy, each one sentence")
  func sentences() {
    let causes = ImageError.Reason.allCases.map(\.cause) + ErrorCode.allCases.map(\.cause)
    let remedies = ImageError.Reason.allCases.map(\.remedy) + ErrorCode.allCases.map(\.remedy)
    for text in causes + remedies {
      #expect(text.count > 12 && text.hasSuffix(".") && text.first?.isUppercase == true, "\(text)")
    }
    #expect(Set(causes).count == causes.count)
  }

  @Test("a detail says what was found, what was expected, and where")
  func details() {
    #expect(
      ImageError(.crcMismatch, at: 0x1C, found: 0xAB, expected: 0xCD).detail
        == "The bytes have the CRC-32 0x000000AB, but the header says 0x000000CD, at file offset 0x1C.")
    #expect(
      ImageError(.codeUnaligned, at: 12, found: 33, expected: 4).detail
        == "The code has 33 bytes, not a multiple of 4, at file offset 0xC.")
    #expect(ImageError(.duplicateValue, at: 200, found: 0x0102).detail.contains("1:2"))
    #expect(ImageError(.sectionOutOfBounds, at: 0, found: 5, expected: 9).detail.contains("before"))
    #expect(ImageError(.sectionOutOfBounds, at: 0, found: 9, expected: 5).detail.contains("past"))
    for reason in ImageError.Reason.allCases {
      let error = ImageError(reason, at: 0xFEDC_BA98, found: .max, expected: .max)
      #expect(error.detail.hasSuffix(", at file offset 0xFEDCBA98."))
    }
  }

  @Test("the wire's text names the version that is not supported, and else the word alone")
  func wireText() {
    #expect(ImageError(.unsupportedVersion, at: 4, found: 3, expected: 2).wireText == "unsupported_version:3")
    #expect(ImageError(.crcMismatch, at: 0x1C, found: 3, expected: 2).wireText == "crc_mismatch")
  }

  @Test("every bad golden image is refused with the code and the word that the list gives it")
  func bad() throws {
    let images = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Fixtures/vectors/images")
    let data = try Data(contentsOf: images.appending(path: "expected.json"))
    let expected = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    let bad = try #require(expected["bad"] as? [[String: String]])
    #expect(bad.count > 30)
    for entry in bad {
      let file = try #require(entry["file"])
      let bytes = Array(try Data(contentsOf: images.appending(path: file)))
      let found = try #require(refusal(of: bytes), "\(file)")
      #expect(found.code.wireName == entry["code"], "\(file)")
      #expect(found.reason.word == entry["reason"], "\(file)")
    }
  }

  private func refusal(of bytes: [UInt8]) -> ImageError? {
    do throws(ImageError) {
      _ = try ImageParser.parse(bytes.span, limits: .desktop, checksum: .fast)
      return nil
    } catch {
      return error
    }
  }
}
