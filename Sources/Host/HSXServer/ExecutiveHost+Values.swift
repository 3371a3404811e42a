import HSXExecutive
import HSXProtocol
import HSXProvisioning
import HSXRegistry
import HXE

/// Values over the protocol. What the registry refuses is a status in the answer; only a request without sense is refused.
extension ExecutiveHost {
  func listValues(_ request: ValueRequest, _ requester: Requester) throws(Refusal) -> ValuesAnswer {
    let caller = try caller(requester, actingAs: nil, token: nil)
    var only: ObjectID?
    if request.object != nil || request.name != nil {
      guard case .object(let id) = try match(request.object, request.name, value(named:)) else {
        return ValuesAnswer(values: [])
      }
      only = id
    }
    return ValuesAnswer(
      values: executive.objects.values.all.filter { value in
        (only == nil || value.id == only) && (request.pid == nil || value.owner == request.pid)
          && isIn(request.group, value.id, text(value.groupName))
      }.map { record(of: $0, for: caller) })
  }

  func getValue(_ request: ValueRequest, _ requester: Requester) throws(Refusal) -> ValueAnswer {
    let caller = try caller(requester, actingAs: request.pid, token: request.token)
    switch try match(request.object, request.name, value(named:)) {
    case .unknown: return answer(.notFound, nil, request, caller)
    case .ambiguous: return answer(.invalid, nil, request, caller)
    case .object(let id):
      return answer(executive.objects.values.get(id, caller: caller).status, id, request, caller)
    }
  }

  func setValue(_ request: ValueRequest, _ requester: Requester) throws(Refusal) -> ValueAnswer {
    let bits = try bits(of: request)
    let caller = try caller(requester, actingAs: request.pid, token: request.token)
    switch try match(request.object, request.name, value(named:)) {
    case .unknown: return answer(.notFound, nil, request, caller)
    case .ambiguous: return answer(.invalid, nil, request, caller)
    case .object(let id):
      guard let bits else { return answer(.invalid, id, request, caller) }
      return answer(executive.setValue(id, to: bits, caller: caller, now: now), id, request, caller)
    }
  }

  /// The binary16 bits to set; nil for a number that binary16 has no room for.
  private func bits(of request: ValueRequest) throws(Refusal) -> UInt16? {
    if let bits = request.bits { return bits }
    let text = try require(request.value, "value").lowercased().filter { $0 != " " }
    switch text {
    case "true", "on": return Float16(1).bitPattern
    case "false", "off": return 0
    default: break
    }
    let integer = Loose<Int64>.number(text).map { Double($0) }
    guard let number = integer ?? Double(text) else { throw Refusal(invalid: "value", expected: "a number") }
    let half = Float16(number)
    // Too large is out of any range; it must not become an infinity that nobody has asked for.
    return number.isFinite && !half.isFinite ? nil : half.bitPattern
  }

  /// The status, with the number as it is now if the caller may know it.
  private func answer(
    _ status: ValueStatus, _ id: ObjectID?, _ request: ValueRequest, _ caller: Caller
  ) -> ValueAnswer {
    var bits: UInt16?
    if let id {
      let found = executive.objects.values.get(id, caller: caller)
      if found.status == .ok { bits = found.bits }
    }
    return ValueAnswer(
      value: ValueState(
        status: status.rawValue, value: bits.map { .binary16($0) } ?? .null, bits: bits,
        pid: request.pid ?? caller.pid, oid: id?.rawValue))
  }

  private func record(of value: Value, for caller: Caller) -> ValueRecord {
    let found = executive.objects.values.get(value.id, caller: caller)
    let isKnown = found.status == .ok
    return ValueRecord(
      oid: value.id.rawValue, groupID: value.id.group, valueID: value.id.member, ownerPID: value.owner,
      flags: value.flags.rawValue, authLevel: value.authLevel, name: text(value.name),
      groupName: text(value.groupName), unit: text(value.unit),
      lastValue: isKnown ? .binary16(found.bits) : .null, lastBits: isKnown ? found.bits : nil,
      minimum: value.hasRange ? .binary16(value.minimum) : .null,
      maximum: value.hasRange ? .binary16(value.maximum) : .null, epsilon: .binary16(value.epsilon),
      rate: value.rateMilliseconds, debounce: value.debounceMilliseconds, persistKey: value.persistKey)
  }
}
