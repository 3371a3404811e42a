/// The commands there are, with the name each has on the wire.
///
/// This is the table of `Docs/executive_protocol.md`: who may use a command, and whether it changes anything.
public enum CommandName: String, CaseIterable, Sendable {
  case ping, info, attach, detach, load, exec, ps, clock, step
  case startAuto = "start_auto"
  case stopAuto = "stop_auto"
  case pause, resume, kill, reload, sched
  case dumpRegisters = "dumpregs"
  case registerGet = "vm_reg_get"
  case registerSet = "vm_reg_set"
  case peek, poke
  case valueList = "val.list"
  case valueGet = "val.get"
  case valueSet = "val.set"
  case valueStatistics = "val.stats"
  case commandList = "cmd.list"
  case commandCall = "cmd.call"
  case commandStatistics = "cmd.stats"
  case list
  case mailboxSnapshot = "mailbox_snapshot"
  case mailboxOpen = "mailbox_open"
  case mailboxClose = "mailbox_close"
  case mailboxBind = "mailbox_bind"
  case mailboxSend = "mailbox_send"
  case mailboxReceive = "mailbox_recv"
  case mailboxPeek = "mailbox_peek"
  case mailboxTap = "mailbox_tap"
  case stdioFanout = "stdio_fanout"
  case listen, send, dmesg
  case sessionOpen = "session.open"
  case sessionKeepalive = "session.keepalive"
  case sessionClose = "session.close"
  case sessionCurrent = "session.current"
  case sessionList = "session.list"
  case sessionTerminate = "session.terminate"
  case eventsSubscribe = "events.subscribe"
  case eventsAcknowledge = "events.ack"
  case eventsUnsubscribe = "events.unsubscribe"
  case loadBegin = "vm_load_begin"
  case loadWrite = "vm_load_write"
  case loadEnd = "vm_load_end"
  case loadAbort = "vm_load_abort"
  case provisionLoad = "provision.load"
  case provisionStatus = "provision.status"
  case provisionPersist = "provision.persist"
  case provisionActivate = "provision.activate"
  case provisionRollback = "provision.rollback"
  case provisionRelease = "provision.release"
  case provisionSlots = "provision.slots"
  case provisionHistory = "provision.history"
  case restart, shutdown

  /// The role that a caller needs at least; nil if anybody may ask, even before a session is open.
  public var role: Role? {
    switch self {
    case .ping, .sessionOpen: nil
    case .info, .attach, .detach, .ps, .dumpRegisters, .registerGet, .peek, .valueList, .valueGet,
      .valueStatistics, .commandList, .commandStatistics, .list, .mailboxSnapshot, .mailboxPeek, .dmesg,
      .sessionKeepalive, .sessionClose, .sessionCurrent, .sessionList, .eventsSubscribe, .eventsAcknowledge,
      .eventsUnsubscribe, .clock, .sched, .stdioFanout, .provisionStatus, .provisionSlots, .provisionHistory:
      .observer
    case .step, .startAuto, .stopAuto, .pause, .resume, .registerSet, .poke, .valueSet,
      .commandCall, .mailboxOpen, .mailboxClose, .mailboxBind, .mailboxSend, .mailboxReceive, .mailboxTap,
      .listen, .send:
      .operator
    case .load, .exec, .kill, .reload, .loadBegin, .loadWrite, .loadEnd, .loadAbort, .provisionLoad,
      .provisionPersist, .provisionActivate, .provisionRollback, .provisionRelease:
      .provisioner
    case .sessionTerminate, .restart, .shutdown: .admin
    }
  }

  /// The role that a caller needs to change something with a command that can also just look; nil for all others.
  public var roleToChange: Role? {
    switch self {
    case .clock, .sched, .stdioFanout: .operator
    default: nil
    }
  }

  /// Families of commands that belong to a debugger and are not here: a name that is one of these, or begins with one
  /// and a dot or an underscore.
  public static let debuggerFamilies: Set<String> = [
    "bp", "break", "breakpoint", "breakpoints", "watch", "watches", "stack", "sym", "symbol", "symbols",
    "disasm", "disassemble", "trace", "memory", "dbg", "debug",
  ]

  /// Whether a name that is not in the table is a debugger's.
  public static func isDebuggers(_ name: String) -> Bool {
    let family = name.prefix { $0 != "." && $0 != "_" }
    return debuggerFamilies.contains(String(family))
  }
}
