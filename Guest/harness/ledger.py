"""What may be true of the values, from what the probe has said."""


class Broken(Exception):
    """A promise was not kept."""


class Ledger:
    # Keys that are written together; the last is the revision of the active image.
    TWINS = {102: 101, 202: 201}

    def __init__(self):
        # The least and the greatest value that each key may have.
        self.least, self.greatest = {}, {}
        self.seen = {}
        self.is_formatted = False
        self.stored = 0
        self.kept_in_flight = 0

    def begin(self):
        """A new boot."""
        self.seen = {}
        self.has_written = False

    def find(self, line):
        """Takes a line about what was found, and raises `Broken` if it cannot be."""
        word, *rest = line.split()
        if word == "failed":
            raise Broken(line)
        if word == "missing" and self.is_formatted:
            raise Broken("the store that was made is gone")
        if word == "read":
            self.read(*map(int, rest))

    def hear(self, line):
        """Takes a line about what is written, if it was said before the power was cut."""
        word, *rest = line.split()
        self.is_formatted |= word == "formatted"
        if word not in ("try", "stored"):
            return
        numbers = [int(number) for number in rest]
        pairs = list(zip(numbers[::2], numbers[1::2]))
        if word == "stored":
            self.store(pairs)
            return
        for key, value in pairs:
            self.greatest[key] = max(self.greatest.get(key, 0), value)

    def read(self, key, value):
        least, greatest = self.least.get(key, 0), self.greatest.get(key, 0)
        if not least <= value <= greatest:
            raise Broken(f"key {key} reads {value}, but {least} was stored and {greatest} the last that was tried")
        if value > least:
            self.kept_in_flight += 1
        self.seen[key] = value
        twin = self.TWINS.get(key)
        if twin and self.seen.get(twin) != value:
            raise Broken(f"{twin} and {key}, written together, read {self.seen.get(twin)} and {value}")

    def store(self, pairs):
        if not self.has_written:
            # With the first write of a boot, all that was read holds for good.
            self.has_written = True
            self.least.update(self.seen)
            self.greatest.update(self.seen)
        for key, value in pairs:
            self.least[key] = self.greatest[key] = value
        self.stored += 1
