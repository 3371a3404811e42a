import HSXProtocol
import Testing

/// Every name of the table of commands, in replies that came over a socket.
@Suite("The shapes of replies") struct ShapeTests {
  static let clock =
    """
    clock.state:s clock.running:b clock.mode:s clock.throttled:b clock.throttle_reason:s? clock.step_size:i
    clock.rate_hz:n clock.last_wait_s:n clock.auto_steps:i clock.auto_total_steps:i clock.manual_steps:i
    clock.manual_total_steps:i
    """
  static let result =
    """
    result.executed:i result.running:b result.pc:i result.steps:i result.sleep_pending:b result.paused:b
    result.current_pid:i? result.next_pid:i? result.events:a
    """
  static let info =
    """
    info.program:s? info.loaded:b info.running:b info.paused:b info.attached:b info.pc:i info.sleep_pending:b
    info.current_pid:i? info.active_context:o? info.clock:o info.tasks:a
    """
  static func task(_ path: String) -> String {
    """
    P.pid:i P.state:s P.app_name:s P.app_name_base:s P.program:s P.priority:i P.quantum:i P.pc:i P.sleep_pending:b
    P.accounted_steps:i P.trace:b P.exit_status:i? P.reg_base:i P.stack_base:i P.stack_limit:i P.stack_size:i
    P.metadata:o P.source:o
    """.replacing("P.", with: path + ".")
  }
  static let image =
    """
    image.pid:i image.entry:i image.code_len:i image.ro_len:i image.bss:i image.version:i image.flags:i
    image.req_caps:i image.app_name:s image.app_name_base:s image.allow_multiple_instances:b image.meta_count:i
    image.manifest_present:b image.metadata.sections:i image.metadata.values:i image.metadata.commands:i
    image.metadata.mailboxes:i image.source.kind:s
    """
  static let registers =
    """
    registers.pc:i registers.sp:i registers.sp_effective:i registers.flags:i registers.PSW:i registers.regs.0:i
    registers.R0:i registers.R7:i registers.R15:i registers.running:b registers.steps:i registers.reg_base:i
    registers.stack_base:i registers.stack_limit:i registers.stack_size:i registers.context.state:s
    registers.context.priority:i registers.context.quantum:i registers.context.pc:i registers.context.sp:i
    registers.context.accounted_steps:i
    """
  static let session =
    """
    session.id:s session.client:s session.heartbeat_s:i session.features:a session.max_events:i session.pid_lock:i?
    session.role:s session.created_at:n session.last_seen:n session.warnings:a
    """

  private func check(
    _ client: LineClient, _ members: String, _ shape: String, at location: SourceLocation = #_sourceLocation
  ) throws {
    let faults = Shape(shape).faults(of: try client.ask(members))
    #expect(faults.isEmpty, "\(members)", sourceLocation: location)
  }

  @Test("tasks and the machine are told with every name of the table")
  func tasks() async throws {
    try await Daemon.with { daemon in
      let client = try daemon.client()
      try check(client, #""cmd":"ping""#, "reply:s")
      try check(client, #""cmd":"info""#, Self.info)
      try check(client, #""cmd":"ps""#, "tasks.tasks:a tasks.current_pid:i?")
      let path = Vector.path("thermostat")
      try check(client, #""cmd":"load","path":"\#(path)""#, Self.image)
      try check(client, #""cmd":"attach""#, Self.info)
      try check(client, #""cmd":"detach""#, Self.info)
      try check(client, #""cmd":"ps""#, "tasks.current_pid:i " + Self.task("tasks.tasks.0"))
      try check(
        client, #""cmd":"info","pid":1"#,
        Self.info + " info.selected_pid:i info.selected_registers.pc:i info.active_context.quantum:i")
      try check(client, #""cmd":"info","pid":77"#, "info.selected_pid:i info.selected_error:s")
      try check(client, #""cmd":"clock""#, Self.clock)
      try check(client, #""cmd":"clock","op":"step","steps":3"#, Self.clock + " " + Self.result)
      try check(client, #""cmd":"step","pid":1"#, Self.result + " " + Self.clock)
      try check(client, #""cmd":"clock","op":"rate","rate":1000.5"#, Self.clock)
      try check(client, #""cmd":"pause","pid":1"#, Self.task("task"))
      try check(client, #""cmd":"resume""#, Self.task("task"))
      try check(client, #""cmd":"sched","pid":1,"priority":3,"quantum":99"#, Self.task("task"))
      try check(
        client, #""cmd":"sched""#,
        "scheduler.counters.1.steps:i scheduler.totals.tasks:i scheduler.totals.ready:i scheduler.trace:a")
      try check(client, #""cmd":"dumpregs""#, Self.registers)
      try check(client, #""cmd":"vm_reg_set","reg":"R3","value":77"#, "pid:i reg:i value:i")
      try check(client, #""cmd":"vm_reg_get","reg":3"#, "pid:i reg:i value:i")
      try check(client, #""cmd":"peek","addr":0"#, "data:s")
      try check(client, #""cmd":"poke","addr":0,"data":"00ff""#, "data:s")
      try check(
        client, #""cmd":"reload","pid":1"#,
        "reload.old_pid:i reload.new_pid:i reload.program:s reload.image:o " + Self.task("reload.task"))
      try check(client, #""cmd":"start_auto""#, Self.clock)
      try check(client, #""cmd":"stop_auto""#, Self.clock)
      try check(client, #""cmd":"kill""#, "task.pid:i task.state:s")
      try check(
        client, #""cmd":"dmesg""#,
        "logs.0.seq:i logs.0.ts:n logs.0.level:s logs.0.message:s "
          + "logs.0.clock_steps:i logs.0.session_id:s?")
      try check(client, #""cmd":"restart""#, "restart.targets:a")
    }
  }

  @Test("values and commands are told with every name of the table")
  func objects() async throws {
    try await Daemon.with { daemon in
      let client = try daemon.client()
      _ = try client.load("thermostat")
      try check(
        client, #""cmd":"val.list""#,
        """
        values.0.oid:i values.0.group_id:i values.0.value_id:i values.0.owner_pid:i values.0.flags:i
        values.0.auth_level:i values.0.name:s values.0.group_name:s values.0.unit:s? values.0.last_value:n
        values.0.last_f16:i values.0.min:n? values.0.max:n? values.0.epsilon:n values.0.rate_ms:i
        values.0.debounce_ms:i values.0.persist_key:i
        """)
      try check(
        client, #""cmd":"val.get","oid":257"#, "value.status:i value.value:n value.f16:i value.pid:i?")
      try check(
        client, #""cmd":"val.set","oid":257,"value":20"#,
        "value.status:i value.value:n value.f16:i value.pid:i?")
      let strings =
        """
        stats.strings.used_bytes:i stats.strings.total_bytes:i stats.strings.usage_pct:i
        stats.strings.high_water_bytes:i stats.strings.high_water_pct:i stats.strings.warning:b
        """
      let table = "T.count:i T.capacity:i T.usage_pct:i T.high_water:i T.high_water_pct:i T.warning:b "
      try check(client, #""cmd":"val.stats""#, table.replacing("T.", with: "stats.values.") + strings)
      try check(client, #""cmd":"cmd.stats""#, table.replacing("T.", with: "stats.commands.") + strings)
      try check(
        client, #""cmd":"cmd.list""#,
        """
        commands.0.oid:i commands.0.group_id:i commands.0.cmd_id:i commands.0.owner_pid:i commands.0.flags:i
        commands.0.auth_level:i commands.0.name:s commands.0.group_name:s commands.0.help:s
        """)
      try check(client, #""cmd":"cmd.call","oid":273"#, "command.status:i command.result:i command.pid:i")
    }
  }

  @Test("mailboxes are told with every name of the table")
  func mailboxes() async throws {
    try await Daemon.with { daemon in
      let client = try daemon.client()
      _ = try client.load("thermostat")
      try check(
        client, #""cmd":"list","pid":1"#,
        """
        channels.pid:i channels.channels.0.descriptor_id:i channels.channels.0.target:s channels.channels.0.name:s
        channels.channels.0.namespace:i channels.channels.0.mode_mask:i channels.channels.0.capacity:i
        channels.channels.0.bytes_used:i channels.channels.0.queue_depth:i channels.channels.0.subscriber_count:i
        """)
      try check(
        client, #""cmd":"mailbox_snapshot""#,
        """
        descriptors.0.descriptor_id:i descriptors.0.namespace:i descriptors.0.name:s descriptors.0.owner_pid:i?
        descriptors.0.capacity:i descriptors.0.bytes_used:i descriptors.0.queue_depth:i descriptors.0.mode_mask:i
        descriptors.0.head_seq:i descriptors.0.next_seq:i descriptors.0.waiters:i descriptors.0.taps:i
        stats.max_descriptors:i stats.active_descriptors:i stats.free_descriptors:i stats.bytes_used:i
        stats.bytes_available:i stats.queue_depth:i stats.handles_total:i stats.handles_per_pid:o
        stats.handle_limit_per_pid:i stats.tap_count:i stats.tap_queue_depth:i stats.waiter_count:i
        stats.fanout_descriptors:i
        """)
      try check(
        client, #""cmd":"mailbox_open","target":"app:x""#, "mbx_status:i handle:i descriptor:i target:s")
      try check(
        client, #""cmd":"mailbox_bind","target":"app:x","capacity":99,"mode":"drop""#,
        "mbx_status:i descriptor:i")
      try check(client, #""cmd":"mailbox_send","handle":1,"data":"hi""#, "mbx_status:i length:i")
      try check(client, #""cmd":"mailbox_peek","handle":1"#, "mbx_status:i depth:i bytes_used:i next_len:i")
      try check(
        client, #""cmd":"mailbox_recv","handle":1"#,
        """
        mbx_status:i length:i message.target:s message.text:s message.data_hex:s message.flags:i message.channel:i
        message.length:i message.src_pid:i
        """)
      try check(client, #""cmd":"mailbox_tap","handle":1"#, "mbx_status:i")
      try check(client, #""cmd":"mailbox_close","handle":1"#, "mbx_status:i")
      try check(
        client, #""cmd":"stdio_fanout","pid":"default""#,
        """
        config.scope:s config.streams.0.stream:s config.streams.0.mode:s config.streams.0.mode_mask:i config.default:a
        config.tasks:a config.mode:s config.mode_mask:i config.applied:a
        """)
      try check(client, #""cmd":"send","pid":1,"data":"x""#, "mbx_status:i length:i descriptor:i target:s")
      try check(client, #""cmd":"listen","pid":1"#, "messages:a")
    }
  }

  @Test("sessions, events and transfers are told with every name of the table")
  func sessions() async throws {
    try await Daemon.with { daemon in
      let client = try daemon.client()
      try check(client, #""cmd":"session.open","client":"me""#, Self.session)
      let session = try client.session()
      try check(client, #""cmd":"session.keepalive",\#(session)"#, Self.session)
      try check(client, #""cmd":"session.current",\#(session)"#, Self.session)
      try check(
        client, #""cmd":"session.list""#,
        """
        sessions.0.id:s sessions.0.client:s sessions.0.heartbeat_s:i sessions.0.features:a sessions.0.max_events:i
        sessions.0.pid_lock:i? sessions.0.pid_locks:a sessions.0.created_at:n sessions.0.last_seen:n
        sessions.0.age_s:n sessions.0.warnings:a
        """)
      try check(
        client, #""cmd":"events.subscribe",\#(session)"#,
        """
        events.token:s events.max:i events.retention_ms:i events.cursor:i events.pending:i events.high_water:i
        events.drops:i
        """)
      try check(
        client, #""cmd":"events.ack","seq":0,\#(session)"#,
        "events.pending:i events.high_water:i events.drops:i events.last_ack:i")
      try check(client, #""cmd":"events.unsubscribe",\#(session)"#, "unsubscribed:b")
      try check(client, #""cmd":"vm_load_begin""#, "handle:i pid:i max_chunk:i next_seq:i offset:i")
      let status =
        "pid:i state:s bytes_written:i total_bytes:i? percent:i? next_seq:i crc32:i last_error:o? source:o"
      try check(client, #""cmd":"provision.status","pid":1"#, status)
      try check(client, #""cmd":"provision.status""#, "transfers.0.state:s")
      let handle = try client.yes(#""cmd":"provision.status""#)["transfers"][0]["handle"].integer ?? 0
      try check(
        client, #""cmd":"vm_load_write","handle":\#(handle),"seq":0,"data_hex":"48535845""#,
        "next_seq:i bytes_written:i")
      try check(client, #""cmd":"vm_load_abort","handle":\#(handle)"#, "bytes_written:i")
      let other = try client.yes(#""cmd":"session.open""#)["session"]["id"].text ?? ""
      try check(client, #""cmd":"session.terminate","target":"\#(other)""#, "closed.id:s closed.reason:s")
      try check(client, #""cmd":"session.close",\#(session)"#, Self.session)
    }
  }
}
