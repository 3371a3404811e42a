// The manifest: a length and a JSON object behind the last section.
extension ImageParser {
  /// Goes on to the manifest, or to what follows the last part if there is none.
  mutating func beginManifest() throws(ImageError) {
    guard header?.hasManifest == true else {
      stage = .rest
      return
    }
    try judgeManifestExtent(end: bound)
    stage = .manifestLength
  }

  /// Takes the length in, and refuses one that the file or the limits have no room for.
  mutating func judgeManifestLength(_ length: UInt32) throws(ImageError) {
    manifestLength = length
    try judgeManifestExtent(end: bound)
    try judgeLimit(length, limits.manifestBytes, at: manifestOffset)
  }

  /// Refuses a manifest that does not end by `end`, as far as its length is known.
  func judgeManifestExtent(end: UInt32) throws(ImageError) {
    guard header?.hasManifest == true else { return }
    let needed = UInt64(manifestOffset) + 4 + UInt64(manifestLength ?? 0)
    guard needed <= UInt64(end) else {
      throw ImageError(.manifestTruncated, at: manifestOffset, found: end, expected: UInt32(clamping: needed))
    }
  }

  /// Reads the manifest that fills the buffer.
  mutating func readManifest() throws(ImageError) {
    var manifest = Manifest()
    manifest.json = buffer
    buffer = []
    let text = manifest.json
    var document = ImageDocument(text.span, base: manifestOffset &+ 4, reason: .manifestInvalid)
    let token = try document.next()
    guard token.kind == .beginObject else { throw document.fault(token) }
    while let name = try document.member() { try manifest.readMember(name, &document) }
    _ = try document.next()
    metadata.manifest = manifest
  }
}

extension Manifest {
  /// Reads the value of the member `name`. A null is as good as none, and a later one of the same name counts.
  fileprivate mutating func readMember(
    _ name: JSONString, _ document: inout ImageDocument
  ) throws(ImageError) {
    if document.json.matches(name, "image_name") {
      imageName = try readText(&document)
    } else if document.json.matches(name, "version") {
      version = try readText(&document)
    } else if document.json.matches(name, "security_counter") {
      securityCounter = try document.number(upTo: .max)
    } else if document.json.matches(name, "pid") {
      preferredPID = try document.number(upTo: .max)
    } else if document.json.matches(name, "required_caps") {
      requiredCapabilities = try document.number(upTo: .max).map { Capabilities(rawValue: $0) }
    } else if document.json.matches(name, "stack_size") {
      stackSize = try document.number(upTo: .max)
    } else if document.json.matches(name, "heap_size") {
      heapSize = try document.number(upTo: .max)
    } else if document.json.matches(name, "fram_keys") {
      try readStorageKeys(&document)
    } else {
      try document.skipValue()
    }
  }

  private func readText(_ document: inout ImageDocument) throws(ImageError) -> [UInt8]? {
    guard let text = try document.string() else { return nil }
    return document.json.decode(text)
  }

  private mutating func readStorageKeys(_ document: inout ImageDocument) throws(ImageError) {
    storageKeys = []
    guard try document.beginArray() else { return }
    while let start = try document.beginElement() {
      var key: UInt32?
      // A key is loaded and saved, as the two bytes of a value, unless the manifest says otherwise.
      var mode = StorageKey.Mode.loadAndSave
      var length: UInt32 = 2
      while let name = try document.member() {
        if document.json.matches(name, "key") {
          key = try document.number(upTo: 0xFFFF)
        } else if document.json.matches(name, "mode") {
          mode = try readMode(&document)
        } else if document.json.matches(name, "length") {
          length = try document.number(upTo: .max) ?? 2
        } else {
          try document.skipValue()
        }
      }
      guard let key else { throw document.fault(start) }
      storageKeys.append(StorageKey(key: UInt16(truncatingIfNeeded: key), mode: mode, length: length))
    }
  }

  private func readMode(_ document: inout ImageDocument) throws(ImageError) -> StorageKey.Mode {
    let token = try document.next()
    switch token.kind {
    case .null: return .loadAndSave
    case .string(let text):
      if document.json.matches(text, "load") { return .load }
      if document.json.matches(text, "save") { return .save }
      if document.json.matches(text, "loadsave") { return .loadAndSave }
      throw document.fault(token)
    default: throw document.fault(token)
    }
  }
}
