import HSXExecutive
import HSXHAL
import HSXSigning

/// The executive that is fuzzed: one without a store.
typealias Executive = HSXExecutive.Executive<NoMemory, HostCryptography>
