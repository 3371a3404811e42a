/// The codes of the error model, one set for the whole system.
///
/// They stand in this module because it is the lowest one that refuses with them. Their names on the wire
/// (`EBADMSG`, …) are given at the edge.
public enum ErrorCode: UInt8, CaseIterable, Equatable, Sendable {
  /// EBADMSG: the bytes are not a valid image, or a chunk contradicts an earlier one.
  case badMessage
  /// ENOSPC: memory, a registry, a descriptor pool or storage is full, or the budget says no.
  case noSpace
  /// ESRCH: no such pid, handle, app, slot or revision.
  case notFound
  /// EBUSY: the wrong state, or something else holds it.
  case busy
  /// EEXIST: the name is taken.
  case exists
  /// EINVAL: a field is missing or out of range, or a chunk leaves a gap.
  case invalid
  /// EPERM: not allowed to this caller.
  case notPermitted
  /// EKEYREJECTED: the signature is missing, wrong, or by an unknown or revoked key.
  case keyRejected
  /// ENOTSUP: the target lacks a capability that the image needs.
  case notSupported
  /// ETIMEDOUT: a timer ran out.
  case timedOut
  /// EIO: a device failed.
  case inputOutput
  /// ECANCELED: aborted by the user.
  case cancelled
}
