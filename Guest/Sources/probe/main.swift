import Glibc

// The first and only program of the guest. Its orders are in the environment, where the kernel puts what stands in
// its command line; what it says, a line each, is for Scripts/guest-storage to judge.
let mode = Settings.text("HSX_MODE") ?? "cuts"
do {
  switch mode {
  case "format": try Writing.format()
  case "cuts": try Writing.run()
  case "measure": try Measurement.run()
  case "devices": try DeviceCheck.run()
  default: Console.say("failed mode \(mode)")
  }
} catch {
  Console.say("failed \(error)")
}
// The first process must not end.
while true { pause() }
