public import HXE

extension ErrorCode {
  /// The code's name on the wire and in messages.
  public var wireName: String {
    switch self {
    case .badMessage: "EBADMSG"
    case .noSpace: "ENOSPC"
    case .notFound: "ESRCH"
    case .busy: "EBUSY"
    case .exists: "EEXIST"
    case .invalid: "EINVAL"
    case .notPermitted: "EPERM"
    case .keyRejected: "EKEYREJECTED"
    case .notSupported: "ENOTSUP"
    case .timedOut: "ETIMEDOUT"
    case .inputOutput: "EIO"
    case .cancelled: "ECANCELED"
    }
  }

  /// The code of this name, in any case; nil if there is none.
  public init?(wireName: String) {
    let name = wireName.uppercased()
    guard let code = Self.allCases.first(where: { $0.wireName == name }) else { return nil }
    self = code
  }

  /// What the code means, in a sentence.
  public var cause: String {
    switch self {
    case .badMessage: "The bytes are not a valid image, or a chunk contradicts an earlier one."
    case .noSpace: "Memory, a table or storage is full, or a budget does not allow so much."
    case .notFound: "There is no such pid, handle, app, slot or revision."
    case .busy: "It is in the wrong state for this, or another transfer or a lock holds it."
    case .exists: "The name or number is taken."
    case .invalid: "A field is missing or out of range, or a chunk leaves a gap."
    case .notPermitted: "This caller is not allowed to do that."
    case .keyRejected:
      "The signature is missing, wrong, or by an unknown or revoked key, or its security counter is too low."
    case .notSupported: "The target lacks something that the image or the request needs."
    case .timedOut: "A timer ran out before the next step came."
    case .inputOutput: "A device failed."
    case .cancelled: "It was aborted by the user."
    }
  }

  /// What to do about it, in a sentence.
  public var remedy: String {
    switch self {
    case .badMessage: "Check the file with `hsx image verify`, then send it again from its start."
    case .noSpace:
      "Make room (`hsx ps`, `hsx kill`, `hsx slots`), make the image smaller, or raise the budget."
    case .notFound: "Look up what there is with `hsx ps`, `hsx status` or `hsx slots`."
    case .busy: "Wait for what is under way, or end it with `hsx abort`; `hsx status` shows it."
    case .exists: "Choose another name, stop the other app, or load with `--replace`."
    case .invalid: "Correct the field that the message names; `--help` lists what is taken."
    case .notPermitted: "Open the session with a token of a sufficient role (HSX_TOKEN)."
    case .keyRejected: "Sign the image with a key the target trusts: `hsx image sign`, `hsx image keys`."
    case .notSupported: "Use a target that has what the message names, or an image that does without it."
    case .timedOut: "Check the link and try again; a transfer goes on from where it stopped."
    case .inputOutput: "Check the device, its cable and its free space, then try again."
    case .cancelled: "Nothing is left over; start again when you wish."
    }
  }
}
