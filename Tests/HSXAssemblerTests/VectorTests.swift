import HSXAssembler
import HXE
import Testing

struct VectorTests {
  @Test(
    "every source becomes the reference toolchain's image, byte for byte",
    arguments: [
      "calls", "crc32", "fault", "forever", "half", "hello", "large", "mailbox_ping", "odometer", "sum",
      "thermostat",
    ])
  func vector(_ name: String) throws {
    let path = "/somewhere/\(name).mvasm"
    let image = try Assembler.assemble(
      Fixtures.source(name), options: AssemblyOptions(appName: AssemblyOptions.appName(forPath: path)))
    #expect(try image == Fixtures.image(name))
  }

  @Test("a single-instance image with capabilities is the reference's")
  func single() throws {
    let options = AssemblyOptions(
      appName: "solo", allowsMultipleInstances: false, requiredCapabilities: [.mailboxes, .values])
    #expect(try Assembler.assemble(Fixtures.source("sum"), options: options) == Fixtures.image("solo"))
  }

  @Test("an image with a manifest is the reference's")
  func manifest() throws {
    let json =
      #"{"image_name":"sum","version":"1.2.0","pid":7,"required_caps":0,"#
      + #""fram_keys":[{"key":4660,"mode":"loadsave","length":2}]}"#
    let options = AssemblyOptions(appName: "sum", manifest: Array(json.utf8))
    #expect(try Assembler.assemble(Fixtures.source("sum"), options: options) == Fixtures.image("manifest"))
  }
}
