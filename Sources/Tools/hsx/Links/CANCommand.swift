import ArgumentParser

struct CANCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "can", abstract: "Broadcast images over CAN.", subcommands: [CANSimulateCommand.self])
}
