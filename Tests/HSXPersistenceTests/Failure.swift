import HSXPersistence

/// The error that `body` throws, nil if none.
func failure(_ body: () throws -> Void) -> StoreError? {
  do { try body() } catch { return error as? StoreError }
  return nil
}
