/// The room that an image's metadata may take while it is read.
public struct ImageLimits: Equatable, Sendable {
  /// Bytes of one metadata section.
  public var sectionBytes: UInt32
  /// Bytes of the manifest.
  public var manifestBytes: UInt32
  /// Entries of the section table.
  public var sections: UInt32
  /// Values, and as many commands, in one image.
  public var objects: UInt32
  /// Mailboxes in one image.
  public var mailboxes: UInt32
  /// Bytes of strings kept.
  public var textBytes: UInt32
  /// Bindings of all mailboxes of one image.
  public var bindings: UInt32

  /// Limits with these numbers; without `bindings`, as many as mailboxes.
  public init(
    sectionBytes: UInt32, manifestBytes: UInt32, sections: UInt32, objects: UInt32, mailboxes: UInt32,
    textBytes: UInt32, bindings: UInt32? = nil
  ) {
    self.sectionBytes = sectionBytes
    self.manifestBytes = manifestBytes
    self.sections = sections
    self.objects = objects
    self.mailboxes = mailboxes
    self.textBytes = textBytes
    self.bindings = bindings ?? mailboxes
  }

  /// The limits of a gateway or a workstation.
  public static var desktop: ImageLimits {
    ImageLimits(
      sectionBytes: 0x1_0000, manifestBytes: 0x4000, sections: 64, objects: 256, mailboxes: 256,
      textBytes: 0x1_0000, bindings: 1024)
  }

  /// The limits of a microcontroller.
  public static var embedded: ImageLimits {
    ImageLimits(
      sectionBytes: 4096, manifestBytes: 512, sections: 16, objects: 64, mailboxes: 16, textBytes: 2048,
      bindings: 32)
  }
}
