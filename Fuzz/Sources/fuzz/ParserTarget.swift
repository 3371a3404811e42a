import HXE

/// What a parser makes of bytes, and of the parts as they came.
private enum Verdict: Equatable {
  case image(Header, Metadata, code: [UInt8], rodata: [UInt8])
  case refused(ImageError)
  /// The parts came in no order, or none came.
  case senseless
}

/// An image has one verdict: whole or in chunks, with either CRC, and whether its length is told or not if it is
/// good. An error points into the file, a parser that has thrown throws the same again, and metadata lies within
/// its limits.
func fuzzParser(_ corpus: Corpus, _ random: inout Random, _ isReplay: Bool) -> (String?, Bool) {
  let bytes = mutatedImage(corpus, &random)
  let limits = random.below(3) == 0 ? ImageLimits.embedded : .desktop
  let cuts = random.cuts(of: bytes.count, limit: bytes.count)
  let length = UInt32(clamping: bytes.count)
  let (whole, isSteady) = verdict(bytes, [bytes.count], total: length, limits, .fast)
  if isReplay { print("\(bytes.count) bytes in \(cuts.count) pieces: \(told(whole))") }
  let isTaken = if case .image = whole { true } else { false }
  guard isSteady else { return ("another error when asked again, after: \(told(whole))", isTaken) }
  let (pieces, _) = verdict(bytes, cuts, total: length, limits, .compact)
  guard pieces == whole else { return ("whole \(told(whole)), in pieces \(told(pieces))", isTaken) }
  let (untold, _) = verdict(bytes, cuts, total: nil, limits, .fast)
  switch whole {
  case .senseless: return (told(whole), isTaken)
  case .refused(let error):
    if case .image = untold { return ("\(told(whole)), but without its length it is good", isTaken) }
    if error.offset > length { return ("the error \(error) is behind the end, \(length)", isTaken) }
  case .image(let header, let metadata, let code, let rodata):
    guard untold == whole else { return ("good, but without its length \(told(untold))", isTaken) }
    let start = Int(header.byteCount)
    let middle = start + Int(header.codeLength)
    guard code == Array(bytes[start..<middle]),
      rodata == Array(bytes[middle..<middle + Int(header.rodataLength)])
    else { return ("the parts are not the file's", isTaken) }
    if let fault = fault(of: metadata, limits) { return (fault, isTaken) }
  }
  return (nil, isTaken)
}

private func told(_ verdict: Verdict) -> String {
  switch verdict {
  case .image(let header, _, _, _): "taken, \(header)"
  case .refused(let error): "refused, \(error)"
  case .senseless: "parts out of order"
  }
}

/// The verdict on `bytes` cut into pieces of these lengths, and whether it stays when asked again.
private func verdict(
  _ bytes: [UInt8], _ cuts: [Int], total: UInt32?, _ limits: ImageLimits, _ checksum: CRC32.Algorithm
) -> (Verdict, Bool) {
  var parser = ImageParser(totalBytes: total, limits: limits, checksum: checksum)
  var code: [UInt8] = []
  var rodata: [UInt8] = []
  var start = 0
  do throws(ImageError) {
    for cut in cuts {
      let chunk = bytes.span.extracting(start..<start + cut)
      var position = 0
      while let part = try parser.next(in: chunk, at: &position) {
        switch part {
        case .header: break
        case .code(let range, let offset):
          guard Int(offset) == code.count else { return (.senseless, false) }
          code += bytes[start + range.lowerBound..<start + range.upperBound]
        case .rodata(let range, let offset):
          guard Int(offset) == rodata.count else { return (.senseless, false) }
          rodata += bytes[start + range.lowerBound..<start + range.upperBound]
        }
      }
      start += cut
    }
    try parser.finish()
  } catch {
    return (.refused(error), finishError(&parser) == error)
  }
  guard let header = parser.header else { return (.senseless, false) }
  return (.image(header, parser.metadata, code: code, rodata: rodata), finishError(&parser) == nil)
}

private func finishError(_ parser: inout ImageParser) -> ImageError? {
  do throws(ImageError) {
    try parser.finish()
    return nil
  } catch {
    return error
  }
}

/// What is wrong with the metadata of an image that was taken.
private func fault(of metadata: Metadata, _ limits: ImageLimits) -> String? {
  for value in metadata.values {
    for range in [value.name, value.unit, value.groupName] {
      guard let range else { continue }
      guard UInt64(range.start) + UInt64(range.count) <= UInt64(metadata.text.count) else {
        return "a text lies outside: \(range)"
      }
    }
  }
  let objects = metadata.values.count + metadata.commands.count
  guard objects <= Int(limits.objects), metadata.text.count <= Int(limits.textBytes),
    metadata.mailboxes.count <= Int(limits.mailboxes), metadata.sections.count <= Int(limits.sections)
  else { return "metadata over its limits" }
  return nil
}
