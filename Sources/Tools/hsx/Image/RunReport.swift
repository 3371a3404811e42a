import HSXExecutive
import HSXLinux
import HSXMailbox
import HSXProvisioning
import HSXRegistry
import HSXProtocol
import HSXTranslation
import HXE
import MiniVM

/// What happened in a run, as far as `--json` shows it.
struct RunRecord {
  /// Events that are kept; of a longer run the first ones are.
  static let eventLimit = 10_000
  /// Bytes of text that those events may carry.
  static let eventTextLimit = 1 << 20
  /// Bytes of text that are kept, likewise.
  static let textLimit = 8 << 20

  var events: [EventRecord] = []
  var omittedEvents = 0
  var standardOutput: [UInt8] = []
  var omittedBytes = 0
  private var eventText = 0
  /// The first line that could not be written.
  private(set) var outputFailure: Failure?

  mutating func keep(_ event: Event) {
    if case .output(_, let bytes) = event.body { eventText += bytes.count }
    if events.count < Self.eventLimit, eventText <= Self.eventTextLimit {
      events.append(EventRecord(event))
    } else {
      omittedEvents += 1
    }
  }

  mutating func noteFailure(_ body: () throws -> Void) {
    guard outputFailure == nil else { return }
    do {
      try body()
    } catch {
      outputFailure = error as? Failure
    }
  }

  mutating func keep(_ text: [UInt8]) {
    let kept = text.prefix(Self.textLimit - standardOutput.count)
    standardOutput += kept
    omittedBytes += text.count - kept.count
  }
}

/// What `hsx run --json` prints.
struct RunReport: Encodable {
  struct Value: Encodable {
    var oid: UInt16
    var group_id: UInt8
    var value_id: UInt8
    @Nullable var name: String?
    @Nullable var group_name: String?
    @Nullable var unit: String?
    var last_f16: UInt16
    var last_value: JSONTree
    var persist_key: UInt16
  }

  struct Command: Encodable {
    var oid: UInt16
    var group_id: UInt8
    var cmd_id: UInt8
    @Nullable var name: String?
    @Nullable var group_name: String?
  }

  var appName: String
  var pid: PID
  var state: String
  @Nullable var exitStatus: UInt32?
  @Nullable var fault: String?
  var retired: UInt64
  var pc: UInt32
  var registers: [UInt32]
  var stdout: String
  var values: [Value]
  var commands: [Command]
  var mailboxes: [String]
  var events: [EventRecord]
  /// What a long run had more than is shown.
  var eventsOmitted: Int
  var stdoutBytesOmitted: Int

  enum CodingKeys: String, CodingKey {
    case pid, state, fault, retired, pc, registers, stdout, values, commands, mailboxes, events
    case appName = "app_name"
    case exitStatus = "exit_status"
    case eventsOmitted = "events_omitted"
    case stdoutBytesOmitted = "stdout_bytes_omitted"
  }

  init(
    _ activation: Activation, _ outcome: LocalDriver.Outcome, _ executive: borrowing LocalExecutive,
    _ record: RunRecord
  ) throws(ProvisioningError) {
    let task = try executive.task(activation.pid)
    let processor = try executive.processor(of: activation.pid)
    appName = Self.text(task.name.span)
    pid = task.pid
    _exitStatus = Nullable(wrappedValue: task.exitStatus)
    _fault = Nullable(wrappedValue: nil)
    switch task.ending {
    case .returned: state = "returned"
    case .exited: state = "exited"
    case .faulted(let fault):
      state = "fault"
      _fault = Nullable(wrappedValue: fault.word)
    case nil:
      state =
        switch outcome {
        case .breakpoint: "break"
        case .waiting: "waiting"
        case .budget, .ended, .faulted: "budget"
        }
    }
    retired = processor.retired
    pc = processor.programCounter
    registers = processor.registers
    stdout = String(decoding: record.standardOutput, as: UTF8.self)
    events = record.events
    eventsOmitted = record.omittedEvents
    stdoutBytesOmitted = record.omittedBytes
    let objects = executive.objects
    values = objects.values.all.map { value in
      Value(
        oid: value.id.rawValue, group_id: value.id.group, value_id: value.id.member,
        name: Self.optional(objects.text(value.name)),
        group_name: Self.optional(objects.text(value.groupName)),
        unit: Self.optional(objects.text(value.unit)), last_f16: value.bits,
        last_value: .binary16(value.bits), persist_key: value.persistKey)
    }
    commands = objects.commands.all.map { command in
      Command(
        oid: command.id.rawValue, group_id: command.id.group, cmd_id: command.id.member,
        name: Self.optional(objects.text(command.name)),
        group_name: Self.optional(objects.text(command.groupName)))
    }
    mailboxes = executive.mailboxes.snapshots.map { String(decoding: $0.target.text, as: UTF8.self) }
  }

  private static func text(_ span: Span<UInt8>) -> String {
    var bytes: [UInt8] = []
    for index in span.indices { bytes.append(span[index]) }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func optional(_ span: Span<UInt8>) -> String? {
    span.count == 0 ? nil : text(span)
  }
}

/// The name that an image's path gives an app that has none of its own.
enum AppName {
  /// The file's name without its extension, cut to 31 bytes at a character.
  static func stem(ofPath path: String) -> String {
    var name = path == "-" ? "" : String(path.split(separator: "/").last ?? "")
    if let dot = name.lastIndex(of: "."), dot > name.startIndex { name = String(name[..<dot]) }
    while name.utf8.count > 31 { name.removeLast() }
    return name
  }
}
