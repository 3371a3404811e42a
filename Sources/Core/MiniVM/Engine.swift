/// How instructions are carried out. Both engines do exactly the same; a program that names only one links
/// only one.
public struct Engine {
  let run: (inout TaskContext, UInt32) -> StepResult
  let prepare: (inout TaskContext) -> Void

  /// One loop over the image's own words: the smaller one, for microcontrollers. A task takes 64 KiB and its
  /// code.
  public static var exact: Engine { Engine(run: ExactLoop.run, prepare: { _ in }) }

  /// A loop over decoded words: the faster one, for hosts. A task takes 64 KiB and 3.5 times its code.
  public static var predecoded: Engine {
    Engine(run: FastLoop.run, prepare: { $0.decoded = DecodedCode($0.code) })
  }
}
