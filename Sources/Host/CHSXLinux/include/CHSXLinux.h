// What Swift does not import of Linux: requests of ioctl, which are macros with sizes in them and differ between
// architectures, and calls that Glibc's module leaves out.
#ifndef CHSXLINUX_H
#define CHSXLINUX_H

#include <stdint.h>

/// The shape of a memory technology device, as MEMGETINFO tells it.
typedef struct {
  uint8_t type;
  uint32_t flags;
  uint32_t size;
  uint32_t eraseSize;
  uint32_t writeSize;
  /// Regions with erase units of different sizes; 0 or 1 if all are equal.
  int32_t regions;
} hsx_mtd_shape;

/// 0, or the errno.
int hsx_mtd_inspect(int descriptor, hsx_mtd_shape *shape);
/// Erases `length` bytes from `start`. 0, or the errno.
int hsx_mtd_erase(int descriptor, uint32_t start, uint32_t length);
/// Renames `from` to `to` in `folder` unless `to` exists. 0, or the errno; EINVAL if the file system cannot do that.
int hsx_rename_new(int folder, const char *from, const char *to);
/// Stores in `type` the magic number of the file system that holds `path`. 0, or the errno.
int hsx_file_system(const char *path, int64_t *type);
/// The major number of a device.
unsigned int hsx_device_major(uint64_t device);
/// The minor number of a device.
unsigned int hsx_device_minor(uint64_t device);

#endif
