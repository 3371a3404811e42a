#define _GNU_SOURCE
#include "CHSXLinux.h"

#include <errno.h>
#include <mtd/mtd-user.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>

static int request(int descriptor, unsigned long number, void *argument) {
  for (;;) {
    if (ioctl(descriptor, number, argument) == 0) return 0;
    if (errno != EINTR) return errno;
  }
}

int hsx_mtd_inspect(int descriptor, hsx_mtd_shape *shape) {
  struct mtd_info_user info = {0};
  int failure = request(descriptor, MEMGETINFO, &info);
  if (failure != 0) return failure;
  int regions = 0;
  failure = request(descriptor, MEMGETREGIONCOUNT, &regions);
  if (failure != 0) return failure;
  shape->type = info.type;
  shape->flags = info.flags;
  shape->size = info.size;
  shape->eraseSize = info.erasesize;
  shape->writeSize = info.writesize;
  shape->regions = regions;
  return 0;
}

int hsx_mtd_erase(int descriptor, uint32_t start, uint32_t length) {
  struct erase_info_user range = {.start = start, .length = length};
  return request(descriptor, MEMERASE, &range);
}

int hsx_rename_new(int folder, const char *from, const char *to) {
  return renameat2(folder, from, folder, to, RENAME_NOREPLACE) == 0 ? 0 : errno;
}

int hsx_file_system(const char *path, int64_t *type) {
  struct statfs system;
  if (statfs(path, &system) != 0) return errno;
  *type = (int64_t)system.f_type;
  return 0;
}

unsigned int hsx_device_major(uint64_t device) { return major(device); }
unsigned int hsx_device_minor(uint64_t device) { return minor(device); }
