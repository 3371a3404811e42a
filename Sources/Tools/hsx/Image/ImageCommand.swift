import ArgumentParser

struct ImageCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "image", abstract: "Look at, check and build image files.",
    subcommands: [ImageInfoCommand.self, ImageVerifyCommand.self, ImageBuildCommand.self])
}
