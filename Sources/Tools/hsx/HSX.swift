import ArgumentParser

@main
struct HSX: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "hsx",
    abstract: "Load, run, inspect and build HSX images.",
    discussion: """
      An image (HXE) is a small application for the HSX register machine. These commands work on image files, \
      and run them in an executive inside this process.

      EXAMPLES
        hsx run thermostat.hxe
        hsx image verify *.hxe
        hsx image build blink.mvasm -o blink.hxe
        hsx persist --store node.store thermostat.hxe
        hsx storage check node.store
      """,
    version: "hsx 0.1.0",
    subcommands: [
      RunCommand.self, ImageCommand.self, PersistCommand.self, SlotsCommand.self, ActivateCommand.self,
      RollbackCommand.self, HistoryCommand.self, StorageCommand.self, CANCommand.self,
      MachineCommand.self, ExplainCommand.self,
    ])
}
