import Foundation

/// Bytes as text.
enum Base64 {
  static func encode(_ bytes: ArraySlice<UInt8>) -> String { Data(bytes).base64EncodedString() }
}
