"""What the guest is made of: Debian's kernel and busybox, fetched by apt; QEMU; and the folder that it boots from."""

import gzip
import lzma
import os
import shutil
import subprocess
import sys
from pathlib import Path


# What sysexits.h calls EX_UNAVAILABLE: this machine cannot run the guest.
UNAVAILABLE = 69


def fail(message, status=1):
    print(f"guest-storage: {message}", file=sys.stderr)
    sys.exit(status)


def call(*command, folder=None):
    """Runs a command; says what it said if it fails."""
    try:
        result = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    except FileNotFoundError:
        fail(f"there is no {command[0]}; the guest runs Debian's own kernel, fetched by apt", UNAVAILABLE)
    if result.returncode != 0:
        fail(f"{' '.join(command)} failed; is Debian's archive reachable?\n{result.stdout.strip()[-2000:]}", UNAVAILABLE)
    return result.stdout


def as_root(*command):
    return command if os.geteuid() == 0 else ("sudo", "-n", *command)


def qemu():
    """The emulator, installed if it is not there."""
    if not shutil.which("qemu-system-x86_64"):
        call(*as_root("apt-get", "update", "-qq"))
        call(*as_root("apt-get", "install", "-y", "-qq", "--no-install-recommends", "qemu-system-x86"))
    return "qemu-system-x86_64"


def kernel(cache):
    """Debian's kernel and busybox, unpacked under `cache` and not installed. The folder is only there when it is whole."""
    place = cache / "debian"
    if not place.exists():
        if not shutil.which("apt-cache"):
            fail("there is no apt; the guest runs Debian's own kernel", UNAVAILABLE)
        work = cache / "debian.unfinished"
        shutil.rmtree(work, ignore_errors=True)
        (work / "root").mkdir(parents=True)
        image = kernel_package()
        if not image:
            call(*as_root("apt-get", "update", "-qq"))
            image = kernel_package() or fail("apt knows no linux-image-amd64", UNAVAILABLE)
        call("apt-get", "download", "-qq", image, "busybox-static", folder=work)
        for package in sorted(work.glob("*.deb")):
            call("dpkg-deb", "-x", str(package), str(work / "root"))
            package.unlink()
        work.rename(place)
    return place / "root"


def kernel_package():
    """The package of the kernel that linux-image-amd64 stands for; None if apt has no lists yet."""
    result = subprocess.run(["apt-cache", "depends", "linux-image-amd64"], capture_output=True, text=True)
    words = [line.split()[-1] for line in result.stdout.splitlines() if "Depends: linux-image-" in line]
    return words[0] if words else None


def module(root, name):
    """The bytes of a kernel module; None if it is built in or missing."""
    for path in sorted((root / "lib/modules").rglob(f"{name}.ko*")):
        data = path.read_bytes()
        return lzma.decompress(data) if path.suffix == ".xz" else data
    return None


def modules(root, names):
    """The modules of these names and what they need, in the order in which they can be loaded."""
    found = {}

    def add(name):
        if name in found:
            return
        data = module(root, name) or module(root, name.replace("_", "-"))
        if data is None:
            return
        start = data.find(b"depends=") + len(b"depends=")
        for needed in data[start : data.index(b"\0", start)].decode().split(","):
            if needed:
                add(needed)
        found[name] = data

    for name in names:
        add(name)
    return found


def archive(entries):
    """A newc cpio of (path, mode, bytes): what a kernel unpacks as its first folder."""
    out = bytearray()
    for number, (path, mode, data) in enumerate([*entries, ("TRAILER!!!", 0, b"")]):
        name = path.encode() + b"\0"
        fields = [number, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name), 0]
        out += b"070701" + b"".join(b"%08X" % field for field in fields) + name
        out += b"\0" * (-len(out) % 4) + data
        out += b"\0" * (-len(out) % 4)
    return gzip.compress(bytes(out), 1)


def initramfs(root, probe, loads):
    """The folder that the guest boots from. `loads` are module names with their parameters, in order."""
    chosen = modules(root, [load.split()[0] for load in loads])
    parameters = {load.split()[0]: load.split()[1:] for load in loads}
    lines = ["#!/bin/busybox sh", "/bin/busybox mount -t proc proc /proc", "/bin/busybox mount -t sysfs sysfs /sys",
             "/bin/busybox mount -t devtmpfs devtmpfs /dev",
             # Nothing shall reach the disk but by a sync that somebody asked for; 0 would let some through at once.
             "echo 360000 > /proc/sys/vm/dirty_writeback_centisecs"]
    for name in chosen:
        lines.append(" ".join(["/bin/busybox insmod", f"/lib/{name}.ko", *parameters.get(name, [])]))
    lines += ["[ -z \"$HSX_FOLDER\" ] || { /bin/busybox mkdir $HSX_FOLDER; /bin/busybox mount -t ext4 /dev/vda $HSX_FOLDER || { echo 'probe failed mount @0'; /bin/busybox dmesg | /bin/busybox tail -n 5; }; }",
              "[ -z \"$HSX_EEPROM\" ] || echo 24c02 0x50 > /sys/bus/i2c/devices/i2c-0/new_device",
              "exec /probe"]
    folders = [(name, 0o040755, b"") for name in ["bin", "dev", "lib", "proc", "sys"]]
    files = [("bin/busybox", 0o100755, (next(root.rglob("bin/busybox"))).read_bytes()),
             ("init", 0o100755, ("\n".join(lines) + "\n").encode()),
             ("probe", 0o100755, probe)]
    files += [(f"lib/{name}.ko", 0o100644, data) for name, data in chosen.items()]
    return archive(folders + files)


def file_system(path, size):
    """The bytes of an empty ext4."""
    with open(path, "wb") as file:
        file.truncate(size)
    if not shutil.which("mke2fs", path="/sbin:/usr/sbin:/bin:/usr/bin"):
        call(*as_root("apt-get", "install", "-y", "-qq", "e2fsprogs"))
    call("/sbin/mke2fs", "-q", "-t", "ext4", "-b", "4096", "-E", "lazy_itable_init=0,lazy_journal_init=0", str(path))
    return bytearray(Path(path).read_bytes())


def probe(repository):
    """The program of the guest, built static and stripped."""
    scratch = repository / ".build-guest/swift"
    # SwiftPM does not notice new files of a package beside it; without this file it plans anew.
    (scratch / "release.yaml").unlink(missing_ok=True)
    command = ["swift", "build", "-q", "-c", "release", "--package-path", "Guest", "--scratch-path", str(scratch),
               "--static-swift-stdlib", "-Xswiftc", "-static-executable", "--product", "probe"]
    result = subprocess.run(command, cwd=repository, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if result.returncode != 0:
        fail(f"the probe does not build\n{result.stdout.strip()[-4000:]}")
    stripped = Path(scratch) / "probe.stripped"
    call("strip", "-o", str(stripped), str(scratch / "release/probe"))
    return stripped.read_bytes()
