@testable import HSXExecutive
import HSXHAL
import HSXMailbox
@testable import HSXProvisioning
import HSXRegistry
import HXE
import MiniVM
import Testing

@Suite("Names and budgets")
struct NamesAndBudgetsTests {
  private func names(_ executive: borrowing Executive) -> [String] {
    executive.taskList.map { task in
      String(decoding: (0..<task.name.count).map { task.name[$0] }, as: UTF8.self)
    }
  }

  private let program = ".text\n.entry main\nmain:\nJMP main\n"

  @Test("the first instance keeps the bare name, the others get the first free number")
  func instances() throws {
    var executive = Executive(policy: .desktop, platform: .host)
    let image = try assembled(program)
    for _ in 0..<3 { _ = try executive.load(image) }
    #expect(names(executive) == ["app", "app_#0", "app_#1"])
    try executive.kill(2, now: .zero)
    _ = try executive.load(image)
    #expect(names(executive) == ["app", "app_#1", "app_#0"])
    try executive.kill(1, now: .zero)
    _ = try executive.load(image)
    #expect(names(executive) == ["app_#1", "app_#0", "app_#2"])
  }

  @Test("an app that wants to be alone refuses a second, and is refused itself", arguments: [true, false])
  func alone(firstIsSingle: Bool) throws {
    var executive = Executive(policy: .desktop, platform: .host)
    _ = try executive.load(assembled(program, allowsMultiple: !firstIsSingle))
    let before = executive.fingerprint
    let second = try assembled(program, allowsMultiple: firstIsSingle)
    let error = refusal { () throws(ProvisioningError) in try executive.load(second) }
    #expect(error == .appExists(ShortName("app") ?? ShortName()))
    #expect(executive.fingerprint == before)
  }

  @Test("a taken name costs the header and not the file")
  func earlyRefusal() throws {
    var executive = Executive(policy: .desktop, platform: .host)
    let image = try assembled(program, allowsMultiple: false)
    _ = try executive.load(image)
    let key = try executive.begin()
    _ = try executive.write(key, 0, Array(image.prefix(95)))
    let error = refusal { () throws(ProvisioningError) in try executive.write(key, 1, [image[95]]) }
    #expect(error?.code == .exists)
  }

  @Test("names are cut to 31 bytes, the number included")
  func longNames() throws {
    var executive = Executive(policy: .desktop, platform: .host)
    let long = String(repeating: "n", count: 31)
    for _ in 0..<12 { _ = try executive.load(assembled(program, name: long)) }
    let found = names(executive)
    #expect(found[0] == long)
    #expect(found[1] == String(repeating: "n", count: 28) + "_#0")
    #expect(found[11] == String(repeating: "n", count: 27) + "_#10")
    #expect(found.allSatisfy { $0.utf8.count == 31 })
  }

  @Test("an image without a name gets the one given, or one made of its pid")
  func unnamed() throws {
    var executive = Executive(policy: .desktop, platform: .host)
    let image = try goldenImage("sum_v1")
    _ = try executive.load(image, fallbackName: "stem")
    _ = try executive.load(image, fallbackName: String(repeating: "f", count: 32))
    _ = try executive.load(image)
    #expect(names(executive) == ["stem", String(repeating: "f", count: 31), "task_3"])
  }

  @Test("capabilities that the target lacks are named")
  func capabilities() throws {
    var policy = Policy.desktop
    policy.capabilities = [.values]
    var executive = Executive(policy: policy, platform: .host)
    let image = try assembled(program, capabilities: [.values, .can, .mailboxes])
    let error = refusal { () throws(ProvisioningError) in try executive.load(image) }
    #expect(error == .missingCapabilities([.can, .mailboxes]))
    #expect(error?.code == .notSupported)
    #expect(executive.fingerprint == Executive(policy: policy, platform: .host).fingerprint)
  }

  @Test("each budget says which it is and how much is missing")
  func budgets() throws {
    let thermostat = try goldenImage("thermostat")
    let crc32 = try goldenImage("crc32")
    let bss = try goldenImage("sum_v1")
    func refused(_ image: [UInt8], _ change: (inout Budget) -> Void) -> ProvisioningError? {
      var policy = Policy.desktop
      change(&policy.budget)
      var executive = Executive(policy: policy, platform: .host)
      let before = executive.fingerprint
      let error = refusal { () throws(ProvisioningError) in try executive.load(image) }
      #expect(executive.fingerprint == before)
      return error
    }
    #expect(refused(crc32) { $0.codeBytes = 99 } == .budget(.code, needed: 100, available: 99))
    #expect(refused(crc32) { $0.rodataBytes = 1000 } == .budget(.rodata, needed: 1024, available: 1000))
    #expect(refused(bss) { $0.bssBytes = 63 } == .budget(.bss, needed: 64, available: 63))
    #expect(refused(bss) { $0.tasks = 0 } == .budget(.tasks, needed: 1, available: 0))
    #expect(refused(bss) { $0.transfers = 0 } == .budget(.transfers, needed: 1, available: 0))
    #expect(refused(thermostat) { $0.registry.values = 2 } == .budget(.values, needed: 3, available: 2))
    #expect(refused(thermostat) { $0.registry.commands = 1 } == .budget(.commands, needed: 2, available: 1))
    let strings = refused(thermostat) { $0.registry.stringBytes = 10 }
    if case .budget(.stringBytes, _, available: 10) = strings {
    } else {
      Issue.record("\(String(describing: strings))")
    }
    #expect(
      refused(thermostat) { $0.mailboxes.descriptors = 5 } == .budget(.mailboxes, needed: 6, available: 5))
    let bytes = refused(thermostat) { $0.mailboxes.bytes = 300 }
    #expect(bytes?.code == .noSpace)
    let handles = refused(thermostat) { $0.mailboxes.handlesPerTask = 2 }
    #expect(handles == .budget(.mailboxHandles, needed: 3, available: 2))
  }

  @Test("transfers and tasks under way count, and a freed place can be taken")
  func places() throws {
    var policy = Policy.desktop
    policy.budget.tasks = 2
    policy.budget.transfers = 1
    var executive = Executive(policy: policy, platform: .host)
    let image = try goldenImage("sum")
    _ = try executive.load(image)
    let key = try executive.begin()
    let second = refusal { () throws(ProvisioningError) in try executive.begin() }
    #expect(second == .budget(.transfers, needed: 1, available: 0))
    _ = try executive.loadAbort(key, by: .admin, now: .zero)
    _ = try executive.load(image)
    let third = refusal { () throws(ProvisioningError) in try executive.load(image) }
    #expect(third == .budget(.tasks, needed: 3, available: 2))
    try executive.kill(1, now: .zero)
    #expect(try executive.load(image) > 2)
  }
}
