import Foundation
import HSXProtocol

extension EventRecord {
  /// It as a line for people.
  func line(on screen: Screen) -> String {
    let time = String(format: "%12.6f", ts)
    let number = column("#\(seq)", 8)
    let task = column(pid.map { "pid \($0)" } ?? "", 8)
    let (name, color) = (column(type, max(21, type.count)), self.color)
    let line =
      "\(screen.paint(time, .gray))  \(number)\(task)\(color.map { screen.paint(name, $0) } ?? name)  \(printable(sentence))"
    return String(line.reversed().drop { $0 == " " }.reversed())
  }

  private var color: Screen.Color? {
    switch type {
    case "provisioning.error", "provisioning.aborted", "slow_consumer_drop", "event_dropped": .red
    case "warning", "provisioning.rollback": .yellow
    case "provisioning.complete", "provisioning.persisted": .green
    case "stdout", "stderr": .cyan
    default: nil
    }
  }

  /// What happened, in words where there are some.
  private var sentence: String {
    switch type {
    case "task_state":
      let detail = data["details"].flatMap { $0 == .null ? nil : " \($0.text)" } ?? ""
      return "\(text("prev_state")) → \(text("new_state")) (\(text("reason"))\(detail))"
    case "scheduler": return "\(text("prev_pid")) → \(text("next_pid")) (\(text("reason")))"
    case "stdout", "stderr": return text("text").trimmingCharacters(in: .newlines)
    case "value_changed": return "\(object) \(text("old_value")) → \(text("new_value"))"
    case "value_stored": return "\(object) = \(text("value"))"
    case "value_registered": return "\(object) \(name)"
    case "cmd_invoked": return "\(object) by \(text("caller_pid"))"
    case "cmd_completed": return "\(object) status \(text("status")), result \(text("result"))"
    case "warning", "slow_consumer_drop", "event_dropped": return "\(text("message")) [\(text("reason"))]"
    case "provisioning.progress":
      let total = data["total_bytes"].flatMap { $0 == .null ? nil : " of \($0.text)" } ?? ""
      return "\(transfer): \(text("bytes_written"))\(total) bytes"
        + (data["stalled"] == .bool(true) ? ", stalled" : "")
    case "provisioning.started":
      let total = data["total_bytes"].flatMap { $0 == .null ? nil : ", \($0.text) bytes" } ?? ""
      return "\(transfer): from \(data["source"]?.sourceText ?? "–")\(total)"
    case "provisioning.state": return "\(transfer): \(text("prev_state")) → \(text("new_state"))"
    case "provisioning.complete":
      return "\(transfer): \(text("bytes_written")) bytes in \(text("duration_ms")) ms"
    case "provisioning.error":
      return "\(transfer): \(text("detail")) [\(text("code")) \(text("reason"))] at \(text("where"))"
    case "provisioning.aborted": return "\(transfer): \(text("reason")) after \(text("bytes_written")) bytes"
    default:
      return data.filter { $0.value != .null }.sorted { $0.key < $1.key }
        .map { "\($0.key)=\($0.value.text)" }.joined(separator: " ")
    }
  }

  private func text(_ member: String) -> String { data[member]?.text ?? "–" }

  private var object: String {
    "\(text("group_id")):\(data["value_id"]?.text ?? text("cmd_id"))"
  }

  private var name: String {
    [data["group_name"], data["name"]].compactMap { $0 == .null ? nil : $0?.text }.joined(separator: ":")
  }

  private var transfer: String {
    data["app_name"].flatMap { $0 == .null ? nil : $0.text } ?? "transfer \(text("handle"))"
  }
}
