import ArgumentParser
import Configuration

/// The flags. What is not given here may come from the environment or the file.
struct DaemonOptions: ParsableArguments {
  @Option(help: "A JSON file of values; the environment (HSX_…) and flags come before it.")
  var config: String?

  @Option(help: ArgumentHelp("Wait at TCP (default: 127.0.0.1:9998).", valueName: "host:port"))
  var listen: String?

  @Flag(help: "Wait at the Unix socket alone.")
  var noTcp = false

  @Option(help: ArgumentHelp("Wait at a Unix socket too, of mode 0600.", valueName: "path"))
  var socket: String?

  @Option(help: ArgumentHelp("Keep images and values here; made if it is missing.", valueName: "file"))
  var store: String?

  @Option(help: ArgumentHelp("A folder in which each app has one for its files.", valueName: "dir"))
  var files: String?

  @Option(help: ArgumentHelp("A folder that images may be loaded from; repeatable.", valueName: "dir"))
  var images: [String] = []

  @Flag(help: "Let tasks run from the start.")
  var run = false

  @Option(help: "trace, debug, info, notice, warning, error or critical (default: info).")
  var logLevel: String?

  @Option(help: "text or json (default: text).")
  var logFormat: String?

  @Option(help: ArgumentHelp("Give metrics to Prometheus at a loopback address.", valueName: "host:port"))
  var metrics: String?

  @Option(help: ArgumentHelp("Speak TLS at TCP: the certificate chain.", valueName: "pem"))
  var tlsCert: String?

  @Option(help: ArgumentHelp("The certificate's private key.", valueName: "pem"))
  var tlsKey: String?

  /// The values that were given.
  var values: [AbsoluteConfigKey: ConfigValue] {
    var values: [AbsoluteConfigKey: ConfigValue] = [:]
    let texts = [
      "listen": listen, "socket": socket, "store": store, "files": files, "log_level": logLevel,
      "log_format": logFormat, "tls_cert": tlsCert, "tls_key": tlsKey, "metrics": metrics,
      "no_tcp": noTcp ? "true" : nil, "run": run ? "true" : nil,
    ]
    for (key, text) in texts {
      if let text { values[AbsoluteConfigKey([key])] = ConfigValue(.string(text), isSecret: false) }
    }
    if !images.isEmpty {
      values[AbsoluteConfigKey(["images"])] = ConfigValue(.stringArray(images), isSecret: false)
    }
    return values
  }
}
