import HXE

/// Asks the loader's own checks about a part of an image, before the rest of it is known.
enum Probe {
  /// Why a loader refuses an image that has nothing but these parts; nil if it takes it.
  ///
  /// How much a target has room for is its own affair and no reason here.
  static func refusal(
    mailboxes: [ImageBuilder.Mailbox] = [], manifest: [UInt8]? = nil
  ) throws(ImageBuildError) -> ImageError? {
    var builder = ImageBuilder()
    builder.code = [0, 0, 0, 0]
    builder.mailboxes = mailboxes
    builder.manifest = manifest
    let image = try builder.build()
    let limits = ImageLimits(
      sectionBytes: .max, manifestBytes: .max, sections: .max, objects: .max, mailboxes: .max,
      textBytes: .max)
    do throws(ImageError) {
      _ = try ImageParser.parse(image.span, limits: limits, checksum: .fast)
      return nil
    } catch {
      return error.reason == .metadataBudgetExceeded ? nil : error
    }
  }
}
