/* Lies between SQLite (and Python) and the system: the Nth change of a file under one folder fails,
 * or the power goes: what was not brought to the disk by then is lost, and the process ends.
 * Loaded with LD_PRELOAD; the test arms it through io_faults_arm. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { OFF, FAIL, POWER };
enum { MOST = 4096 };

static int mode, countdown, fired, error_number;
static char folder[PATH_MAX];

/* What a file held before each change since it was last brought to the disk, newest last. */
struct undo { dev_t dev; ino_t ino; char path[PATH_MAX]; off_t at, size; size_t length; char *before; };
static struct undo *undos[MOST];
static int count;

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static int ours(int fd, char *path) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, PATH_MAX - 1);
    if (n < 0) return 0;
    path[n] = 0;
    return folder[0] && strncmp(path, folder, strlen(folder)) == 0;
}

static void remember(int fd, const char *path, off_t at, size_t length) {
    struct stat st;
    if (mode != POWER || count >= MOST || fstat(fd, &st)) return;
    struct undo *u = calloc(1, sizeof *u);
    u->dev = st.st_dev, u->ino = st.st_ino, u->at = at, u->size = st.st_size;
    snprintf(u->path, sizeof u->path, "%s", path);
    u->before = malloc(length ? length : 1);
    int again = REAL(open64)(path, O_RDONLY);
    ssize_t n = again < 0 ? 0 : pread64(again, u->before, length, at);
    if (again >= 0) REAL(close)(again);
    u->length = n > 0 ? n : 0;
    undos[count++] = u;
}

static void synced(int fd) {
    struct stat st;
    if (fstat(fd, &st)) return;
    int kept = 0;
    for (int i = 0; i < count; i++)
        if (undos[i]->dev == st.st_dev && undos[i]->ino == st.st_ino) free(undos[i]->before), free(undos[i]);
        else undos[kept++] = undos[i];
    count = kept;
}

static void power_off(void) {
    for (int i = count - 1; i >= 0; i--) {
        struct undo *u = undos[i];
        int fd = REAL(open64)(u->path, O_RDWR);
        if (fd < 0) continue;
        if (u->length) REAL(pwrite64)(fd, u->before, u->length, u->at);
        REAL(ftruncate64)(fd, u->size);
        REAL(close)(fd);
    }
    _exit(86);
}

/* Whether this change is the one; the power is gone then. */
static int hit(void) {
    if (mode == OFF || countdown-- != 0) return 0;
    fired = 1;
    if (mode == POWER) power_off();
    errno = error_number;
    return 1;
}

void io_faults_arm(int how, int after, int number, const char *where) {
    mode = how, countdown = after, fired = 0, error_number = number;
    snprintf(folder, sizeof folder, "%s", where);
}

int io_faults_disarm(void) {
    mode = OFF;
    return fired;
}

ssize_t pwrite64(int fd, const void *data, size_t n, off64_t at) {
    char path[PATH_MAX];
    if (mode && ours(fd, path)) { if (hit()) return -1; remember(fd, path, at, n); }
    return REAL(pwrite64)(fd, data, n, at);
}
ssize_t pwrite(int fd, const void *data, size_t n, off_t at) { return pwrite64(fd, data, n, at); }

ssize_t write(int fd, const void *data, size_t n) {
    char path[PATH_MAX];
    if (mode && ours(fd, path)) { if (hit()) return -1; remember(fd, path, lseek(fd, 0, SEEK_CUR), n); }
    return REAL(write)(fd, data, n);
}

int ftruncate64(int fd, off64_t size) {
    char path[PATH_MAX];
    struct stat st;
    if (mode && ours(fd, path)) {
        if (hit()) return -1;
        if (!fstat(fd, &st) && st.st_size > size) remember(fd, path, size, st.st_size - size);
    }
    return REAL(ftruncate64)(fd, size);
}
int ftruncate(int fd, off_t size) { return ftruncate64(fd, size); }

static int sync_with(int (*really)(int), int fd) {
    char path[PATH_MAX];
    if (mode && ours(fd, path)) { if (hit()) return -1; int r = really(fd); if (!r) synced(fd); return r; }
    return really(fd);
}
int fsync(int fd) { return sync_with(REAL(fsync), fd); }
int fdatasync(int fd) { return sync_with(REAL(fdatasync), fd); }

static int named(const char *path) { return mode && folder[0] && strncmp(path, folder, strlen(folder)) == 0; }
int unlink(const char *path) { return named(path) && hit() ? -1 : REAL(unlink)(path); }
int rename(const char *a, const char *b) { return named(a) && hit() ? -1 : REAL(rename)(a, b); }
