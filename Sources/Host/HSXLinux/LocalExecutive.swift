public import HSXExecutive
public import HSXHAL
public import HSXSigning

/// The executive of a Linux host.
public typealias LocalExecutive = Executive<NoMemory, HostCryptography>
