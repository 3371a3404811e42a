import HSXExecutive
import HSXHAL
import HSXSigning

/// The executive that is measured: one without a store.
typealias Executive = HSXExecutive.Executive<NoMemory, HostCryptography>
