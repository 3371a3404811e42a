"""What the probe must say of the devices of the guest, and of what reaches the disk: beginnings of lines."""

EEPROM = "/sys/bus/i2c/devices/0-0050/eeprom"

DEVICES = [
    "opened /dev/mtd0 exclusive mtd Geometry(size: 262144, writeUnit: 1, eraseUnit: 4096, erasedValue: 255",
    "opened /dev/mtd0 readOnly mtd",
    # The node for reading only; 13 is EACCES.
    "refused /dev/mtd0ro exclusive system(HSXLinux.SystemCallError(code: 13))",
    "opened /dev/mtd0ro readOnly mtd",
    "opened /dev/mtd1 exclusive mtd Geometry(size: 262144, writeUnit: 1, eraseUnit: 4096, erasedValue: 255",
    # NAND.
    "refused /dev/mtd2 exclusive unsupported(HSXLinux.MTDMemory.Medium(type: 4,",
    "refused /dev/mtd2 readOnly unsupported(HSXLinux.MTDMemory.Medium(type: 4,",
    f"opened {EEPROM} exclusive eeprom Geometry(size: 256, writeUnit: 1, eraseUnit: 0, erasedValue: 255",
    f"opened {EEPROM} readOnly eeprom",
    "refused /dev/vda exclusive kind(HSXLinux.PathKind.blockDevice)",
    "refused /dev/console exclusive kind(HSXLinux.PathKind.characterDevice)",
    "sectors 64 wrong 0",
    "bytes 256 wrong 0",
    "ring 100",
]

MEASURES = [
    "measured nothing errno 0 writes 0 flushes 0",
    # EINVAL.
    "measured fsync errno 22 writes 0 flushes 0",
    "measured close errno 0 writes 1 flushes 0",
    "measured sync(2) errno 0 writes 1 flushes 0",
    "measured device errno 0 writes 2 flushes 1",
]


def missing(expected, said):
    """What was expected and not said."""
    return [beginning for beginning in expected if not any(line.startswith(beginning) for line in said)]
