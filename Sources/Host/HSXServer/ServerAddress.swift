import Glibc

/// Names and addresses that a server may listen at.
public enum ServerAddress {
  /// Whether an IP address reaches this machine alone.
  public static func isLoopback(_ address: String) -> Bool {
    address.hasPrefix("127.") || address == "::1" || address.hasPrefix("::ffff:127.")
  }

  /// The host and the port of `HOST:PORT`, an IPv6 address in brackets; nil if it is anything else.
  public static func parse(_ text: String) -> (host: String, port: Int)? {
    guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
      return nil
    }
    var host = String(text[..<colon])
    if host.hasPrefix("["), host.hasSuffix("]") {
      host = String(host.dropFirst().dropLast())
    } else if host.contains(":") {
      return nil
    }
    return host.isEmpty ? nil : (host, Int(port))
  }

  /// All IP addresses of a host, in the resolver's order; nil if it has none.
  public static func resolve(_ host: String) -> [String]? {
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var list: UnsafeMutablePointer<addrinfo>?
    guard getaddrinfo(host, nil, &hints, &list) == 0 else { return nil }
    defer { freeaddrinfo(list) }
    var addresses: [String] = []
    var next = list
    while let entry = next?.pointee {
      var text = [CChar](repeating: 0, count: 256)
      if getnameinfo(entry.ai_addr, entry.ai_addrlen, &text, 256, nil, 0, NI_NUMERICHOST) == 0 {
        let end = text.firstIndex(of: 0) ?? text.endIndex
        addresses.append(String(decoding: text[..<end].map { UInt8(bitPattern: $0) }, as: UTF8.self))
      }
      next = entry.ai_next
    }
    return addresses.isEmpty ? nil : addresses
  }
}
