/// What an application's operator may rely on, at one moment.
struct ImageState: Hashable, Sendable {
  /// The image that boots; 0 for none.
  var active = 0
  /// Whether it is confirmed; else it is on trial.
  var isConfirmed = false
  /// Attempts left, or failed boots.
  var tally = 0
  /// The image that takes over.
  var fallback = 0
  /// The image that is complete and waits.
  var verified = 0
  /// The values of the active image.
  var values: [UInt16?] = [nil, nil]
  /// The values that the fallback had when it was replaced.
  var fallbackValues: [UInt16?] = [nil, nil]
}

/// What is done to images.
enum ImageOperation: Equatable, Sendable {
  /// Sends an image whole, or what is missing of it, and seals it.
  case stage(Int)
  /// Swaps to it, its values migrated in the same batch.
  case activate(Int, attempts: Int)
  /// A boot takes an attempt.
  case takeAttempts
  /// The active image stores a value.
  case setValue(Int, UInt16)
  /// The active image is good.
  case confirm
  /// The active image is bad.
  case reject
  /// A boot of the confirmed image failed; two in a row are too many.
  case fail
  /// The rejected and the retired slots are freed.
  case release

  /// What holds after it.
  func applied(to state: ImageState) -> ImageState {
    var state = state
    switch self {
    case .stage(let image): state.verified = image
    case .activate(let image, let attempts):
      if state.active != 0 {
        state.fallback = state.active
        state.fallbackValues = state.values
      }
      state.active = image
      state.isConfirmed = false
      state.tally = attempts
      state.verified = 0
      state.values = migrated(state.values, image)
    case .takeAttempts:
      guard state.active != 0, !state.isConfirmed else { return state }
      if state.tally == 0 { return rolledBack(state) }
      state.tally -= 1
    case .setValue(let key, let value):
      if state.active != 0 { state.values[key] = value }
    case .confirm:
      if state.active != 0 {
        state.isConfirmed = true
        state.tally = 0
      }
    case .reject:
      if state.active != 0 { return rolledBack(state) }
    case .fail:
      guard state.active != 0 else { return state }
      if !state.isConfirmed { return state.tally == 0 ? rolledBack(state) : state }
      if state.tally == 1 { return rolledBack(state) }
      state.tally += 1
    case .release: break
    }
    return state
  }

  private func rolledBack(_ state: ImageState) -> ImageState {
    var next = ImageState()
    next.verified = state.verified
    guard state.fallback != 0 else { return next }
    next.active = state.fallback
    next.isConfirmed = true
    next.values = state.fallbackValues
    return next
  }

  /// What the values of the image before become in a new one: the first is kept, the second begins anew.
  private func migrated(_ values: [UInt16?], _ image: Int) -> [UInt16?] { [values[0], UInt16(image)] }
}
