import ArgumentParser
import HSXClient
import HSXProtocol

// What a shell offers when the tab key is pressed; a daemon that does not answer at once offers nothing.
extension CompletionKind {
  /// Names and pids of tasks.
  static var tasks: CompletionKind {
    .custom { arguments, _, _ in
      let answer = await completionAnswer(arguments, .ps, as: TasksAnswer.self)
      return answer?.tasks.tasks.flatMap { [$0.appName, "\($0.pid)"] } ?? []
    }
  }

  /// Names of values, numbers of those that have none.
  static var values: CompletionKind {
    .custom { arguments, _, _ in
      await completionAnswer(arguments, .valueList(ValueRequest()), as: ValuesAnswer.self)?.values.map(
        \.title) ?? []
    }
  }

  /// Names of commands, numbers of those that have none.
  static var commands: CompletionKind {
    .custom { arguments, _, _ in
      await completionAnswer(arguments, .commandList(CommandRequest()), as: CommandsAnswer.self)?
        .commands.map(\.title) ?? []
    }
  }

  /// Targets of mailboxes.
  static var mailboxes: CompletionKind {
    .custom { arguments, _, _ in
      await completionAnswer(arguments, .mailboxSnapshot, as: SnapshotAnswer.self)?.descriptors.map(\.target)
        ?? []
    }
  }

  /// Names of apps that are stored.
  static var apps: CompletionKind {
    .custom { arguments, _, _ in
      let slots = await completionAnswer(arguments, .provisionSlots, as: SlotsAnswer.self)?.slots ?? []
      return Array(Set(slots.compactMap(\.appName))).sorted()
    }
  }

  static var images: CompletionKind { .file(extensions: ["hxe"]) }
}

/// What the daemon that the half-typed command names answers, within half a second.
private func completionAnswer<Answer: Decodable & Sendable>(
  _ arguments: [String], _ command: ProtocolCommand, as type: Answer.Type
) async -> Answer? {
  let words = arguments.flatMap { word -> [String] in
    guard word.hasPrefix("--"), let equals = word.firstIndex(of: "=") else { return [word] }
    return [String(word[..<equals]), String(word[equals...].dropFirst())]
  }
  var options: [String] = []
  for (index, word) in words.enumerated() {
    if word == "--tls" { options.append(word) }
    guard ["--host", "--port", "--socket", "--tls-ca", "--tls-name"].contains(word), index + 1 < words.count
    else { continue }
    options += [word, words[index + 1]]
  }
  guard let client = try? ClientOptions.parse(options),
    let connection = try? await client.connect(timeout: .milliseconds(500))
  else { return nil }
  let answer = try? await connection.call(command, as: type, timeout: .milliseconds(500))
  await Daemon(connection: connection).leave()
  return answer
}
