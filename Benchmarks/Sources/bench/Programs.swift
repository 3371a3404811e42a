import Foundation

/// A failure that ends the benchmark.
struct BenchmarkError: Error, CustomStringConvertible { var description: String }

/// Runs a program to its end; gives its output and its error output.
func run(_ arguments: [String]) throws -> (output: String, errors: String) {
  let process = Process()
  process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
  process.arguments = arguments
  let output = Pipe()
  let errors = Pipe()
  process.standardOutput = output
  process.standardError = errors
  try process.run()
  let outputData = output.fileHandleForReading.readDataToEndOfFile()
  let errorData = errors.fileHandleForReading.readDataToEndOfFile()
  process.waitUntilExit()
  let errorText = String(decoding: errorData, as: UTF8.self)
  guard process.terminationStatus == 0 else {
    throw BenchmarkError(description: "\(arguments.joined(separator: " ")): \(errorText)")
  }
  return (String(decoding: outputData, as: UTF8.self), errorText)
}

/// Benchmarks/lua/kernels.lua.
let luaScript = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  .deletingLastPathComponent().appendingPathComponent("lua/kernels.lua").path

/// One run of a kernel in its own Lua process: the seconds of the kernel alone.
func runLua(_ kernel: Kernel, rounds: Int) throws -> Double {
  let fields = try run(["lua5.4", luaScript, kernel.rawValue, String(rounds)]).output.split(
    whereSeparator: \.isWhitespace)
  guard fields.count == 2, UInt32(fields[0]) == kernel.expected(rounds: rounds),
    let seconds = Double(fields[1])
  else { throw BenchmarkError(description: "Lua's \(kernel.rawValue) gives \(fields)") }
  return seconds
}
