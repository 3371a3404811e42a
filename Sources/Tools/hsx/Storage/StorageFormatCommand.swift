import ArgumentParser
import HSXExecutive
import HSXHAL
import HSXLinux
import HSXPersistence
import HSXProvisioning
import HSXTranslation

struct StorageFormatCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "format", abstract: "Make an empty store: a file, or in a device.",
    discussion: """
      A file that is missing is made; it gets its name only when it is whole. What is there already is formatted only if it \
      is blank, or with --force; then everything in it is lost, but for how often its pages were erased.

      A layout names the parts in the order in which they lie, each as often as said and of so many bytes: ring and log \
      in pages, trust, slots. Parts that are not named are left out.

      The file of a chip in sysfs does not tell whether it is FRAM, which is simply overwritten, or EEPROM. For EEPROM give \
      --erase-unit, a multiple of the chip's page: the store then never programs a unit twice, and passes by what a cut \
      left weak. The other commands take the units from the store.

      EXAMPLES
        hsx storage format node.store
        hsx storage format --size 8K fram.store
        hsx storage format --size 1M --layout ring=8x4K,log=4x4K,slots=6x128K node.store
        hsx storage format --force /dev/mtd0
        hsx storage format --erase-unit 256 /sys/bus/i2c/devices/0-0050/eeprom
      """)

  @Argument(help: "The storage file or device.")
  var file: String

  @Option(help: "Bytes of a new file: a number, with K or M behind it for KiB or MiB. 4M if not told.")
  var size: ByteCount?

  @Option(help: "Where everything lies; if not told, as fits the size.")
  var layout: LayoutPlan?

  @Option(help: "Only for EEPROM: a power of two, at least 64 and a multiple of the chip's page.")
  var eraseUnit: ByteCount?

  @Option(help: "Only for EEPROM with --erase-unit: bytes programmed together, 1 to 32; 1 if not told.")
  var writeUnit: ByteCount?

  @Flag(help: "Destroy what is there.")
  var force = false

  @Flag(help: "One JSON object: what `hsx storage dump --json` prints.")
  var json = false

  func validate() throws {
    let (write, erase) = (writeUnit?.bytes ?? 1, eraseUnit?.bytes ?? 64)
    guard erase >= 64, erase.nonzeroBitCount == 1 else {
      throw ValidationError("--erase-unit must be a power of two, at least 64.")
    }
    guard write <= 32, write.nonzeroBitCount == 1 else {
      throw ValidationError("--write-unit must be 1, 2, 4, 8, 16 or 32.")
    }
    guard writeUnit == nil || eraseUnit != nil else {
      throw ValidationError("--write-unit needs --erase-unit.")
    }
  }

  func run() throws {
    try reportingFailure(json: json) {
      try checkUnits()
      if let device = try open() { try format(device) } else { try create() }
      let survey = try StorageSurvey.read(file)
      if json { try printJSON(StorageReport(survey)) } else { try printLine(survey.headline) }
    }
  }

  /// Only a chip's file does not tell its own units.
  private func checkUnits() throws {
    guard eraseUnit != nil, (try? PathKind(at: file)) != .sysfsFile else { return }
    throw Failure(file, .notStorage, why: "It is no EEPROM's file in sysfs, which --erase-unit is for.")
  }

  /// What is at the path; nil if nothing is.
  private func open() throws -> StorageDevice? {
    do throws(StorageError) {
      guard let eraseUnit else { return try StorageDevice.open(path: file, access: .exclusive) }
      return .eeprom(
        try EEPROMMemory(
          opening: file, access: .exclusive, writeUnit: writeUnit?.bytes ?? 1, eraseUnit: eraseUnit.bytes))
    } catch {
      if error.operation == .inspect, case .system(let system) = error.cause, system.isMissing { return nil }
      throw Failure(file, error)
    }
  }

  private func create() throws {
    let size = size?.bytes ?? 4 << 20
    do throws(FileMemory.CreationError<StoreError>) {
      _ = try FileMemory.create(at: file, size: size) { (memory: inout FileMemory) throws(StoreError) in
        try layOut(&memory)
      }
    } catch {
      switch error {
      case .storage(let error): throw Failure(file, error)
      case .format(let error): throw failure(error)
      }
    }
  }

  private func format(_ device: consuming StorageDevice) throws {
    let found = device.geometry.size
    if let size, size.bytes != found {
      throw Failure(
        file, .storageExists, why: "It has \(grouped(found)) bytes; --size is for a file that is to be made.")
    }
    if !force, !device.isBlank {
      let isStore = (try? Layout.read(in: &device)) != nil
      throw Failure(
        file, .storageExists, why: isStore ? "It holds a store." : "It holds something that is no store.")
    }
    do throws(StoreError) {
      try layOut(&device)
    } catch {
      throw failure(error)
    }
  }

  private func layOut<Memory: NonvolatileMemory & ~Copyable>(_ memory: inout Memory) throws(StoreError) {
    let geometry = memory.geometry
    let start = 2 * SuperblockReport(copy: 1, in: &memory).offset
    let layout = layout.map { $0.layout(in: geometry, from: start) } ?? Layout.standard(for: geometry)
    guard let layout else {
      let least = geometry.eraseUnit == 0 ? 1024 : 7 * geometry.eraseUnit
      throw .layout(needed: self.layout.map { $0.end(from: start) } ?? least, available: geometry.size)
    }
    _ = try StateStore.format(layout, in: &memory)
  }

  private func failure(_ error: StoreError) -> Failure {
    var failure = Failure(file, .store(error))
    if layout != nil, case .layout(let needed, let available) = error, needed <= available {
      failure.why =
        "The parts fit, but are not of use: the ring needs at least 2 pages of 256 bytes (3 on flash), a log "
        + "2 pages of 128, a slot 512 bytes, all of them whole erase units or multiples of 32 bytes."
    }
    return failure
  }
}

extension StorageDevice {
  /// Whether each byte of it is erased, or zero as of a new chip or file.
  var isBlank: Bool {
    var bytes = [UInt8](repeating: 0, count: 1 << 16)
    var offset = 0
    var first: UInt8?
    while offset < geometry.size {
      let count = min(bytes.count, geometry.size - offset)
      var all = bytes.mutableSpan
      var span = all._mutatingExtracting(0..<count)
      do { try read(at: offset, into: &span) } catch { return false }
      let expected = first ?? bytes[0]
      guard expected == 0 || expected == 0xFF, bytes[..<count].allSatisfy({ $0 == expected }) else {
        return false
      }
      first = expected
      offset += count
    }
    return true
  }
}
