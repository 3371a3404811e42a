import HSXExecutive
import HSXHAL
import HSXSigning

/// The executive that is compared with `ExecutiveModel`: one without a store.
typealias Executive = HSXExecutive.Executive<NoMemory, HostCryptography>
