import HXE

func nextToken(_ reader: inout JSONReader) -> JSONToken? {
  do throws(JSONError) { return try reader.next() } catch { return nil }
}

func nextError(_ reader: inout JSONReader) -> JSONError? {
  do throws(JSONError) {
    _ = try reader.next()
    return nil
  } catch {
    return error
  }
}

/// What is wrong with a text; nil if nothing is.
func jsonFault(_ text: [UInt8]) -> JSONError? {
  var reader = JSONReader(text.span)
  while let token = nextToken(&reader) {
    if token.kind == .end { return nil }
  }
  return nextError(&reader)
}
