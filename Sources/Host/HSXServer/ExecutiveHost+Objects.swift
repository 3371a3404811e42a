import MiniVM
import HSXProtocol
import HSXProvisioning
import HSXRegistry

/// Values and commands over the protocol.
extension ExecutiveHost {
  /// The task whose value a request would change; nil if there is no such value.
  func owner(ofValue request: ValueRequest) -> PID? { nil }

  /// The task whose command a request would call; nil if there is no such command.
  func owner(ofCommand request: CommandRequest) -> PID? { nil }
}
