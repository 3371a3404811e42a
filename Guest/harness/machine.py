"""One run of the guest: QEMU without KVM, killed when it is time, and never left behind."""

import ctypes
import os
import select
import signal
import subprocess
import time


class Silence(Exception):
    """The guest said nothing for too long, or ended by itself; with what it had said."""

    def __init__(self, said):
        super().__init__("\n".join(said[-20:]))
        # Before the probe has begun, nothing can have been written.
        self.is_early = not any(line.startswith("probe ") for line in said)


class Machine:
    def __init__(self, emulator, kernel, initrd, environment, disk, log):
        with open(log, "wb") as file:
            file.truncate(128 << 20)
        settings = " ".join(f"{name}={value}" for name, value in environment.items())
        drive = [
            "-blockdev", f"driver=file,node-name=data,filename={disk}",
            "-blockdev", f"driver=file,node-name=record,filename={log}",
            "-blockdev", "driver=blklogwrites,node-name=noted,file=data,log=record,log-sector-size=512",
            "-device", "virtio-blk-pci,drive=noted",
        ]
        command = [
            emulator, "-M", "q35,accel=tcg", "-cpu", "max", "-m", "256", "-nodefaults", "-no-reboot", "-display", "none",
            "-serial", "stdio", "-kernel", kernel, "-initrd", initrd, *drive,
            # On a busy host the kernel's test of its timer can fail under emulation.
            "-append", f"console=ttyS0 quiet panic=-1 no_timer_check {settings}",
        ]
        library = ctypes.CDLL(None)
        # If this script is killed, so is the guest.
        self.process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            preexec_fn=lambda: library.prctl(1, signal.SIGKILL))
        self.pending = b""
        self.said = []
        self.flushes = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()

    def line(self, seconds):
        """The next line of the probe, without its marks; the disk's flushes until then are in `flushes`. None when the guest
        has ended."""
        deadline = time.monotonic() + seconds
        output = self.process.stdout.fileno()
        while True:
            head, found, rest = self.pending.partition(b"\n")
            if found:
                self.pending = rest
                text = head.decode(errors="replace").strip()
                self.said.append(text)
                if text.startswith("probe ") and " @" in text:
                    said, _, flushes = text.removeprefix("probe ").rpartition(" @")
                    self.flushes = int(flushes)
                    return said
                continue
            left = deadline - time.monotonic()
            if left <= 0:
                raise Silence(self.said)
            if select.select([output], [], [], left)[0]:
                got = os.read(output, 65536)
                if not got:
                    return None
                self.pending += got

    def kill(self):
        """The power is cut. Returns what had been said before and was not read, each line with the flushes until then."""
        self.process.kill()
        lines = []
        try:
            while (line := self.line(10)) is not None:
                lines.append((line, self.flushes))
        finally:
            self.process.wait()
            self.process.stdout.close()
            self.kill = lambda: []
        return lines
