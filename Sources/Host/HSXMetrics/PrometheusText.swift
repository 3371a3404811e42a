/// The grammar of Prometheus' text format 0.0.4.
enum PrometheusText {
  /// A metric's name: what may not stand in one becomes `_`.
  static func name(_ text: String) -> String {
    var name = String(text.unicodeScalars.map { isAllowed($0) ? Character($0) : "_" })
    if name.isEmpty || name.first?.isNumber == true { name = "_" + name }
    return name
  }

  /// Labels in the order of their names, without braces: `a="x",b="y"`.
  static func labels(_ dimensions: [(String, String)]) -> String {
    var seen: Set<String> = []
    return dimensions.map { (name($0.0).replacing(":", with: "_"), escaped($0.1)) }
      .sorted { $0.0 < $1.0 }
      .filter { seen.insert($0.0).inserted }
      .map { "\($0.0)=\"\($0.1)\"" }
      .joined(separator: ",")
  }

  /// A line of a sample.
  static func sample(_ name: String, _ labels: [String], _ value: String) -> String {
    let shown = labels.filter { !$0.isEmpty }.joined(separator: ",")
    return shown.isEmpty ? "\(name) \(value)\n" : "\(name){\(shown)} \(value)\n"
  }

  static func number(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
    return "\(value)"
  }

  private static func escaped(_ text: String) -> String {
    text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
  }

  private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "a"..."z", "A"..."Z", "0"..."9", "_", ":": true
    default: false
    }
  }
}
