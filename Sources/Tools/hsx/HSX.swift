import ArgumentParser
import Foundation

@main
struct HSX: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "hsx",
    abstract: "Load, run, inspect and build HSX images, on this machine and on nodes.",
    discussion: """
      An image (HXE) is a small application for the HSX register machine. `run`, `image`, `machine` and `storage` work on \
      files; the others talk to a daemon, hsxd, that runs images. Where it is: --host, --port, --socket; else HSX_SOCKET; \
      else $XDG_RUNTIME_DIR/hsxd.sock or /run/hsxd.sock, if there; else 127.0.0.1:9998. HSX_TOKEN says who you are.

      Completion for your shell: hsx --generate-completion-script bash (or zsh, fish).

      EXAMPLES
        hsx run thermostat.hxe
        hsx image verify *.hxe
        hsx image build blink.mvasm -o blink.hxe
        hsx load thermostat.hxe --stream --replace
        hsx val set heat:setpoint 21.5
        hsx events --follow --category provisioning
        hsx storage check node.store
      """,
    version: "hsx 0.1.0",
    groupedSubcommands: [
      CommandGroup(
        name: "Images", subcommands: [RunCommand.self, ImageCommand.self, MachineCommand.self]),
      CommandGroup(
        name: "Tasks",
        subcommands: [
          LoadCommand.self, PsCommand.self, InfoCommand.self, KillCommand.self, PauseCommand.self,
          ResumeCommand.self, ReloadCommand.self, StepCommand.self, ClockCommand.self,
        ]),
      CommandGroup(
        name: "What tasks offer",
        subcommands: [ValueCommand.self, CallCommand.self, MailboxCommand.self, EventsCommand.self]),
      CommandGroup(name: "Transfers", subcommands: [StatusCommand.self, AbortCommand.self]),
      CommandGroup(
        name: "Stored images",
        subcommands: [
          PersistCommand.self, SlotsCommand.self, ActivateCommand.self, RollbackCommand.self,
          HistoryCommand.self, StorageCommand.self,
        ]),
      CommandGroup(name: "Links", subcommands: [CANCommand.self]),
      CommandGroup(name: "Help", subcommands: [ExplainCommand.self]),
    ])
  /// Runs what the command line says. A command line that says nothing sensible ends with 2, as is usual.
  static func main() async {
    do {
      var command = try await asyncParseAsRoot()
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
    } catch {
      guard exitCode(for: error) == .validationFailure else { exit(withError: error) }
      printError(fullMessage(for: error))
      Foundation.exit(2)
    }
  }
}
