public import NIOCore

/// Cuts a stream of bytes into lines, and says of each that is too long to be one.
///
/// A line that exceeds the limit is thrown away as it comes, so that a sender of endless lines costs no more memory than
/// one line; what follows its newline is read again.
public struct LineDecoder: ByteToMessageDecoder {
  /// A line without its newline, or the notice of one that was too long.
  public enum InboundOut: Sendable {
    case line(ByteBuffer)
    case tooLong
  }

  /// The most bytes of a line.
  public static let limit = 1 << 20
  /// The most objects and arrays within one another.
  public static let depthLimit = 64

  // Bytes in the buffer that are known to hold no newline.
  private var searched = 0
  private var isSkipping = false

  /// A decoder at the beginning of a line.
  public init() {}

  /// Takes one line out of the buffer.
  public mutating func decode(context: ChannelHandlerContext, buffer: inout ByteBuffer) -> DecodingState {
    let view = buffer.readableBytesView.dropFirst(searched)
    guard let newline = view.firstIndex(of: UInt8(ascii: "\n")) else {
      searched = buffer.readableBytes
      if searched > Self.limit {
        buffer.moveReaderIndex(forwardBy: searched)
        searched = 0
        if !isSkipping {
          isSkipping = true
          context.fireChannelRead(Self.wrapInboundOut(.tooLong))
        }
      }
      return .needMoreData
    }
    let length = newline - buffer.readerIndex
    searched = 0
    if isSkipping || length > Self.limit {
      buffer.moveReaderIndex(forwardBy: length + 1)
      if !isSkipping { context.fireChannelRead(Self.wrapInboundOut(.tooLong)) }
      isSkipping = false
      return .continue
    }
    guard var line = buffer.readSlice(length: length) else { return .needMoreData }
    buffer.moveReaderIndex(forwardBy: 1)
    // A carriage return belongs to the newline, as from a telnet client.
    if let last = line.readableBytesView.last, last == UInt8(ascii: "\r") {
      line.moveWriterIndex(to: line.writerIndex - 1)
    }
    context.fireChannelRead(Self.wrapInboundOut(.line(line)))
    return .continue
  }

  /// A half line at the end is nobody's request.
  public mutating func decodeLast(
    context: ChannelHandlerContext, buffer: inout ByteBuffer, seenEOF: Bool
  ) -> DecodingState {
    while case .continue = decode(context: context, buffer: &buffer) {}
    buffer.clear()
    return .needMoreData
  }

  /// Whether a line nests deeper than `depthLimit`. Brackets in strings do not count. Costs one look at each byte, and
  /// nearly nothing for a line with few brackets.
  public static func isTooDeep(_ line: Span<UInt8>) -> Bool {
    var brackets = 0
    // Both kinds of opening bracket differ in one bit, so that this loop has no branch.
    for index in line.indices where line[index] & 0xDF == 0x5B { brackets += 1 }
    guard brackets > depthLimit else { return false }
    var depth = 0
    var isInString = false
    var isEscaped = false
    for index in line.indices {
      let byte = line[index]
      if isInString {
        if isEscaped {
          isEscaped = false
        } else if byte == UInt8(ascii: "\\") {
          isEscaped = true
        } else if byte == UInt8(ascii: "\"") {
          isInString = false
        }
        continue
      }
      switch byte {
      case UInt8(ascii: "\""): isInString = true
      case UInt8(ascii: "["), UInt8(ascii: "{"):
        depth += 1
        if depth > depthLimit { return true }
      case UInt8(ascii: "]"), UInt8(ascii: "}"): depth -= 1
      default: break
      }
    }
    return false
  }
}
