"""A disk with a volatile cache, made after the fact: QEMU's blklogwrites notes each write and each flush in the format of
dm-log-writes; here it is decided what of them a power cut would have left."""

import struct

SECTOR = 512
MAGIC = 0x6A736677736872
FLUSH, FUA, DISCARD = 1, 2, 4


class Entry:
    def __init__(self, sector, flags, data):
        self.sector, self.flags, self.data = sector, flags, data


def entries(path):
    """What was asked of the disk, in order, to the last that was noted before QEMU was killed."""
    found = []
    with open(path, "rb") as log:
        head = log.read(SECTOR)
        # QEMU was killed before it began.
        if not any(head):
            return found
        magic, version, _, size = struct.unpack_from("<QQQI", head)
        if magic != MAGIC or version != 1 or size != SECTOR:
            raise ValueError("not a log of writes")
        while True:
            head = log.read(SECTOR)
            if len(head) < SECTOR:
                return found
            sector, count, flags, _ = struct.unpack_from("<QQQQ", head)
            if count == 0 and flags == 0:
                return found
            data = b"" if flags & DISCARD else log.read(count * SECTOR)
            found.append(Entry(sector, flags, data))


def choose(done, random):
    """Where in the log the power is cut: how many entries came before. Half of the cuts fall where QEMU was killed."""
    return len(done) if random.random() < 0.5 else random.randint(0, len(done))


def flushes(done):
    return sum(1 for entry in done if entry.flags & FLUSH)


def cut(disk, done, random, unit):
    """Applies to the bytes of `disk` what survives of the entries: all that was flushed; of every `unit` bytes written since
    then, the new or the old, as `random` has it. Returns how many sectors were in doubt, and how many of them were lost."""
    last = max((index for index, entry in enumerate(done) if entry.flags & FLUSH), default=-1)
    # Half of the cuts lose by unit; the others lose all or nothing, which chance alone would hardly ever do.
    fate = random.choice(["units", "units", "all", "none"])
    doubtful = lost = 0
    for index, entry in enumerate(done):
        is_lost = fate == "all"
        for offset in range(0, len(entry.data), SECTOR):
            start = entry.sector * SECTOR + offset
            if index > last and not entry.flags & FUA:
                if fate == "units" and (offset == 0 or start % unit == 0):
                    is_lost = random.random() < 0.5
                doubtful += 1
                lost += is_lost
                if is_lost:
                    continue
            disk[start : start + SECTOR] = entry.data[offset : offset + SECTOR]
    return doubtful, lost
