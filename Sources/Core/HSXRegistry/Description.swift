import HXE

/// What a registration says about a value, from an image or from memory. Absent parts are nil.
struct ValueDescription {
  var id: ObjectID
  var flags: ValueFlags
  var authLevel: UInt8
  var chain: DescriptorChain

  init(id: ObjectID, flags: ValueFlags, authLevel: UInt8, chain: DescriptorChain) {
    self.id = id
    self.flags = flags
    self.authLevel = authLevel
    self.chain = chain
  }

  init(_ descriptor: ValueDescriptor) {
    id = ObjectID(descriptor.objectID)
    flags = descriptor.flags
    authLevel = descriptor.authLevel
    chain = DescriptorChain()
    chain.name = descriptor.name
    chain.groupName = descriptor.groupName
    chain.unit = descriptor.unit
    chain.epsilon = descriptor.epsilon
    chain.minimum = descriptor.minimum
    chain.maximum = descriptor.maximum
    chain.persistKey = descriptor.persistKey
  }
}

/// What a registration says about a command.
struct CommandDescription {
  var id: ObjectID
  var flags: CommandFlags
  var authLevel: UInt8
  var handler: UInt32
  var name: TextRange?
  var groupName: TextRange?
  var help: TextRange?

  init(
    id: ObjectID, flags: CommandFlags, authLevel: UInt8, handler: UInt32, chain: DescriptorChain
  ) {
    self.id = id
    self.flags = flags
    self.authLevel = authLevel
    self.handler = handler
    name = chain.name
    groupName = chain.groupName
    help = chain.help
  }

  init(_ descriptor: CommandDescriptor) {
    id = ObjectID(descriptor.objectID)
    flags = descriptor.flags
    authLevel = descriptor.authLevel
    handler = descriptor.handler
    name = descriptor.name
    groupName = descriptor.groupName
    help = descriptor.help
  }
}

/// The strings of one object, interned together or not at all.
struct InternedTexts {
  var first: StringID?
  var second: StringID?
  var third: StringID?
}

extension StringTable {
  /// Interns up to three strings that lie in `text`. An absent or empty one gives nil. If one does not fit or
  /// lies outside, none is counted.
  mutating func intern(
    _ first: TextRange?, _ second: TextRange?, _ third: TextRange?, in text: Span<UInt8>
  ) throws(RegistryError) -> InternedTexts {
    var texts = InternedTexts()
    do throws(RegistryError) {
      texts.first = try intern(first, in: text)
      texts.second = try intern(second, in: text)
      texts.third = try intern(third, in: text)
    } catch {
      release(texts.first)
      release(texts.second)
      throw error
    }
    return texts
  }

  private mutating func intern(
    _ range: TextRange?, in text: Span<UInt8>
  ) throws(RegistryError) -> StringID? {
    guard let range, range.count > 0 else { return nil }
    guard UInt64(range.start) + UInt64(range.count) <= UInt64(text.count) else {
      throw .invalidDescriptor(.outOfBounds(address: range.start))
    }
    let start = Int(range.start)
    let count = Int(range.count)
    guard let id = intern(text.extracting(start..<(start + count))) else {
      throw .noSpace(.strings, needed: count, available: capacity - usedBytes)
    }
    return id
  }
}
