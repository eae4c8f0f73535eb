/* Lets the disk fail: the n-th write or sync of a file whose path holds a pattern, and so many after it.
   Preloaded into the victim; asleep until mneme_shim_fail is called. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static char pattern[512];
static long left = -1, times = 0;
static int number = 0, on_sync = 0;
static long failed = 0;

void mneme_shim_fail(const char *path, long after, long count, int error, int sync)
{
    strncpy(pattern, path, sizeof pattern - 1);
    times = count;
    number = error;
    on_sync = sync;
    __atomic_store_n(&left, after, __ATOMIC_SEQ_CST);
}

void mneme_shim_stop(void) { __atomic_store_n(&left, -1, __ATOMIC_SEQ_CST); times = 0; }
long mneme_shim_failed(void) { return failed; }

static int fails(int fd, int sync)
{
    char link[64], path[4096];
    ssize_t length;
    long now;
    if (times <= 0 || sync != on_sync) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    length = readlink(link, path, sizeof path - 1);
    if (length <= 0) return 0;
    path[length] = 0;
    if (!strstr(path, pattern)) return 0;
    now = __atomic_fetch_sub(&left, 1, __ATOMIC_SEQ_CST);
    if (now > 0) return 0;
    if (__atomic_fetch_sub(&times, 1, __ATOMIC_SEQ_CST) <= 0) return 0;
    __atomic_fetch_add(&failed, 1, __ATOMIC_SEQ_CST);
    errno = number;
    return 1;
}

#define NEXT(name) \
    static __typeof__(&name) next; \
    if (!next) next = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

ssize_t write(int fd, const void *data, size_t size) { NEXT(write); return fails(fd, 0) ? -1 : next(fd, data, size); }
ssize_t writev(int fd, const struct iovec *data, int count) { NEXT(writev); return fails(fd, 0) ? -1 : next(fd, data, count); }
ssize_t pwrite(int fd, const void *data, size_t size, off_t at) { NEXT(pwrite); return fails(fd, 0) ? -1 : next(fd, data, size, at); }
ssize_t pwrite64(int fd, const void *data, size_t size, off64_t at) { NEXT(pwrite64); return fails(fd, 0) ? -1 : next(fd, data, size, at); }
int ftruncate(int fd, off_t size) { NEXT(ftruncate); return fails(fd, 0) ? -1 : next(fd, size); }
int ftruncate64(int fd, off64_t size) { NEXT(ftruncate64); return fails(fd, 0) ? -1 : next(fd, size); }
int fsync(int fd) { NEXT(fsync); return fails(fd, 1) ? -1 : next(fd); }
int fdatasync(int fd) { NEXT(fdatasync); return fails(fd, 1) ? -1 : next(fd); }
