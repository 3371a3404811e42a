import Configuration
import Foundation
import HSXServer
import Logging
import NIOSSL

/// All that the daemon is told, checked: from the file, the environment and the flags, later ones first.
struct DaemonConfiguration {
  var server = ServerConfiguration()
  var addresses: [ListeningAddress] = []
  var tls: NIOSSLContext?
  var store: String?
  /// Where metrics are given; nil for nowhere.
  var metrics: (host: String, port: Int)?
  var logLevel = Logger.Level.info
  var logFormat = LineLog.Format.text

  init(_ options: DaemonOptions, environment: [String: String]) throws {
    let variables = EnvironmentVariablesProvider(environmentVariables: environment)
    let path = options.config ?? environment["HSX_CONFIG"]
    let file = try path.map { try ConfigurationFile(path: $0) } ?? ConfigurationFile()
    let reader = ConfigReader(providers: [
      InMemoryProvider(name: "flags", values: options.values), variables.prefixKeys(with: "hsx"),
      InMemoryProvider(name: "file", values: file.values),
    ])
    server.tokens = file.tokens
    server.startsClock = try Self.flag("run", reader)
    server.filesFolder = try Self.folder(reader.string(forKey: "files"), "files")
    if let folders = reader.stringArray(forKey: "images") {
      server.imageFolders = try folders.compactMap { try Self.folder($0, "images") }
    }
    store = reader.string(forKey: "store")
    logLevel = try Self.word("log_level", reader) ?? .info
    logFormat = try Self.word("log_format", reader) ?? .text
    tls = try Self.tls(reader)
    try findAddresses(reader)
    metrics = try Self.metrics(reader)
  }

  // MARK: Addresses

  private mutating func findAddresses(_ reader: ConfigReader) throws {
    if try !Self.flag("no_tcp", reader) {
      let text = reader.string(forKey: "listen", default: "127.0.0.1:9998")
      let (resolved, first, port) = try Self.address("listen", text)
      // Each of them: which one a name means is the resolver's choice, and may be another tomorrow.
      if !resolved.allSatisfy(ServerAddress.isLoopback), server.tokens.isEmpty || tls == nil {
        throw StartRefusal(
          configuration: text, "It is reached from the network, and there are no tokens or no TLS.",
          reason: "open_to_network",
          remedy: "Give tokens (--config) and a certificate (--tls-cert, --tls-key), or listen at 127.0.0.1.")
      }
      addresses.append(.tcp(host: first, port: port))
    }
    if let path = reader.string(forKey: "socket") {
      guard (1...107).contains(path.utf8.count) else {
        throw Self.invalid("socket", path, "a path of at most 107 bytes")
      }
      addresses.append(.unix(path: path))
    }
    if addresses.isEmpty {
      throw StartRefusal(
        configuration: "no_tcp", "There is nowhere to listen.", reason: "config_value",
        remedy: "Give a Unix socket with --socket, or take --no-tcp away.")
    }
  }

  private static func metrics(_ reader: ConfigReader) throws -> (host: String, port: Int)? {
    guard let text = reader.string(forKey: "metrics") else { return nil }
    let (resolved, first, port) = try address("metrics", text)
    guard resolved.allSatisfy(ServerAddress.isLoopback) else {
      throw StartRefusal(
        configuration: text, "Metrics would be given to the network, and they ask for no token.",
        reason: "open_to_network",
        remedy: "Give them at 127.0.0.1, and let an agent or a proxy of this machine pass them on.")
    }
    return (first, port)
  }

  /// All addresses of the host of `HOST:PORT`, the first of them, and the port.
  private static func address(
    _ key: String, _ text: String
  ) throws -> (all: [String], first: String, port: Int) {
    guard let (host, port) = ServerAddress.parse(text) else {
      throw invalid(key, text, "HOST:PORT, an IPv6 address in brackets")
    }
    guard let resolved = ServerAddress.resolve(host), let first = resolved.first else {
      throw invalid(key, text, "a host that has an address")
    }
    return (resolved, first, port)
  }

  // MARK: TLS

  private static func tls(_ reader: ConfigReader) throws -> NIOSSLContext? {
    let (certificate, key) = (reader.string(forKey: "tls_cert"), reader.string(forKey: "tls_key"))
    guard certificate != nil || key != nil else { return nil }
    guard let certificate, let key else {
      throw StartRefusal(
        configuration: "tls_cert, tls_key", "Only one of them is given.", reason: "config_value",
        remedy: "Give both, or neither.")
    }
    func refusal(_ path: String, _ what: String) -> StartRefusal {
      StartRefusal(
        configuration: path, "It is no readable \(what).", reason: "tls_file",
        remedy: "Give PEM files that this user may read; the key goes with the first certificate.")
    }
    let chain: [NIOSSLCertificate]
    do { chain = try NIOSSLCertificate.fromPEMFile(certificate) } catch {
      throw refusal(certificate, "certificate")
    }
    guard !chain.isEmpty else { throw refusal(certificate, "certificate") }
    do {
      let key = try NIOSSLPrivateKey(file: key, format: .pem)
      var configuration = TLSConfiguration.makeServerConfiguration(
        certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
      configuration.minimumTLSVersion = .tlsv12
      return try NIOSSLContext(configuration: configuration)
    } catch {
      throw refusal(key, "private key of that certificate")
    }
  }

  // MARK: Values

  private static func flag(_ key: ConfigKey, _ reader: ConfigReader) throws -> Bool {
    guard let text = reader.string(forKey: key) else { return false }
    switch text.lowercased() {
    case "true", "yes", "on", "1": return true
    case "false", "no", "off", "0", "": return false
    default: throw invalid("\(key)", text, "true or false")
    }
  }

  private static func word<Word: RawRepresentable & CaseIterable>(
    _ key: ConfigKey, _ reader: ConfigReader
  ) throws -> Word? where Word.RawValue == String {
    guard let text = reader.string(forKey: key) else { return nil }
    guard let word = Word(rawValue: text.lowercased()) else {
      throw invalid("\(key)", text, "one of " + Word.allCases.map(\.rawValue).joined(separator: ", "))
    }
    return word
  }

  /// A folder's path without symbolic links, as the daemon compares it.
  private static func folder(_ path: String?, _ key: String) throws -> String? {
    guard let path else { return nil }
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue,
      let real = realpath(path, nil)
    else { throw invalid(key, path, "a folder that is there") }
    defer { free(real) }
    return String(cString: real)
  }

  private static func invalid(_ key: String, _ value: String, _ expected: String) -> StartRefusal {
    StartRefusal(
      configuration: key, "\"\(value)\" is not \(expected).", reason: "config_value",
      remedy: "Correct it in the flags, the environment or the file; `hsxd --help` shows what there is.")
  }
}
