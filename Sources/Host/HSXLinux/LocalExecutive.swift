public import HSXExecutive
public import HSXSigning

/// The executive of a Linux host.
public typealias LocalExecutive = Executive<StorageDevice, HostCryptography>
