/*
 * A library to preload that simulates disk faults. BW_FAULT names a file with
 * two words: the fault, and the end of the names of the files that it affects
 * ("eio events.db-wal"; "*" is any file of a store). BW_FAULT_LOG names a log
 * of writes that contain "<id>", of completed syncs, and of answers, in order.
 * The faults:
 *
 *	eio		writes and syncs fail
 *	eio-sync	only syncs fail
 *	full		ENOSPC
 *	short		writes are partial
 *	torn		half of a write succeeds, the rest fails
 *	hold		syncs block until this fault ends
 *	hold-open	opening any file blocks until this fault ends
 *	shared		the file is on a network file system
 */
/* pwrite() and pwrite64() are both defined here, each under its own name. */
#undef _TIME_BITS
#undef _FILE_OFFSET_BITS

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

struct fault {
	char what[16];
	char where[64];
};

/* A function pointer: dlsym returns void *. Any thread may be the first. */
#define REAL(name) \
	static _Atomic(__typeof__(&name)) known; \
	__typeof__(&name) real = atomic_load(&known); \
	if (real == NULL) \
		*(void **)&real = dlsym(RTLD_NEXT, #name); \
	atomic_store(&known, real)

static ssize_t
real_write(int fd, const void *p, size_t n)
{
	REAL(write);
	return real(fd, p, n);
}

/* The name of an open file of a store, without its folder; NULL: not one. */
static const char *
name_of(int fd, char buf[256])
{
	char link[32];
	const char *name;
	ssize_t n;

	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, buf, 255);
	if (n <= 0)
		return NULL;
	buf[n] = '\0';
	name = strrchr(buf, '/');
	if (name == NULL || strncmp(name + 1, "events.db", 9) != 0)
		return NULL;
	return name + 1;
}

static void
log_line(const char *what, const char *name)
{
	const char *log = getenv("BW_FAULT_LOG");
	char line[128];
	int fd, n;

	if (log == NULL)
		return;
	fd = open(log, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	n = snprintf(line, sizeof(line), "%s %s\n", what, name);
	if (fd >= 0 && real_write(fd, line, (size_t)n) != n)
		abort();
	(void)close(fd);
}

/* Is the fault active for this file? */
static bool
is_on(const char *name, const char *what)
{
	const char *control = getenv("BW_FAULT");
	struct fault f = {"", ""};
	FILE *file;
	size_t n, end;

	file = control != NULL ? fopen(control, "re") : NULL;
	if (file == NULL)
		return false;
	if (fscanf(file, "%15s %63s", f.what, f.where) != 2)
		f.what[0] = '\0';
	(void)fclose(file);
	n = strlen(name);
	end = strlen(f.where);
	return strcmp(f.what, what) == 0 &&
	       (strcmp(f.where, "*") == 0 ||
		   (end <= n && strcmp(name + n - end, f.where) == 0));
}

static int
fail(int sys)
{
	errno = sys;
	return -1;
}

static void
wait_while(const char *name, const char *what)
{
	const struct timespec pause = {.tv_nsec = 5000000};

	while (is_on(name, what))
		(void)nanosleep(&pause, NULL);
}

static void
before_open(const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash != NULL ? slash + 1 : path;

	if (is_on(name, "hold-open"))
		log_line("hold-open", name);
	wait_while(name, "hold-open");
}

/* Only O_CREAT has a mode argument. */
#define MODE(flags) \
	mode_t mode = 0; \
	va_list ap; \
	va_start(ap, flags); \
	if (((flags)&O_CREAT) != 0) \
		mode = va_arg(ap, mode_t); \
	va_end(ap)

int
open(const char *path, int flags, ...)
{
	REAL(open);
	MODE(flags);

	before_open(path);
	return real(path, flags, mode);
}

int
open64(const char *path, int flags, ...)
{
	REAL(open64);
	MODE(flags);

	before_open(path);
	return real(path, flags, mode);
}

/* 0: call the real function. */
static int
before_sync(const char *name)
{
	wait_while(name, "hold");
	if (is_on(name, "eio") || is_on(name, "eio-sync"))
		return fail(EIO);
	return 0;
}

static int
sync_with(int fd, int (*real)(int))
{
	char buf[256];
	const char *name = name_of(fd, buf);
	int r;

	if (name != NULL && before_sync(name) != 0)
		return -1;
	r = real(fd);
	if (name != NULL)
		log_line("sync", name);
	return r;
}

int
fsync(int fd)
{
	REAL(fsync);
	return sync_with(fd, real);
}

int
fdatasync(int fd)
{
	REAL(fdatasync);
	return sync_with(fd, real);
}

static void
log_id(const char *name, const char *p, size_t n)
{
	const char *at = memmem(p, n, "<id>", 4);
	char id[64];
	size_t len = 0;

	if (at == NULL)
		return;
	at += 4;
	while (len < 63 && at + len < p + n && at[len] != '<')
		len++;
	memcpy(id, at, len);
	id[len] = '\0';
	log_line(id, name);
}

/* How many bytes to write; -1: fail with errno. */
static ssize_t
before_write(const char *name, size_t n)
{
	if (is_on(name, "eio"))
		return fail(EIO);
	if (is_on(name, "full"))
		return fail(ENOSPC);
	if (is_on(name, "short") || is_on(name, "torn"))
		return (ssize_t)(n + 1) / 2;
	return (ssize_t)n;
}

ssize_t
pwrite64(int fd, const void *p, size_t n, off64_t at)
{
	char buf[256];
	const char *name = name_of(fd, buf);
	ssize_t may = (ssize_t)n;
	REAL(pwrite64);

	if (name != NULL) {
		may = before_write(name, n);
		log_id(name, p, n);
	}
	if (may < 0)
		return -1;
	if (name != NULL && (size_t)may < n && is_on(name, "torn"))
		return real(fd, p, (size_t)may, at) < 0 ? -1 : fail(ENOSPC);
	return real(fd, p, (size_t)may, at);
}

ssize_t
pwrite(int fd, const void *p, size_t n, off_t at)
{
	return pwrite64(fd, p, n, at);
}

/* The FastCGI record of an answer, in one piece or with its header apart. */
static void
log_answer(const void *p, size_t n)
{
	if (memmem(p, n, "Status: 2", 9) != NULL)
		log_line("answer", "2xx");
}

ssize_t
sendmsg(int fd, const struct msghdr *m, int flags)
{
	REAL(sendmsg);

	for (size_t i = 0; i < m->msg_iovlen; i++)
		log_answer(m->msg_iov[i].iov_base, m->msg_iov[i].iov_len);
	return real(fd, m, flags);
}

/* The spool is written with this, and answers by libfcgi. */
ssize_t
write(int fd, const void *p, size_t n)
{
	char buf[256];
	const char *name = name_of(fd, buf);
	ssize_t may;

	if (name == NULL) {
		log_answer(p, n);
		return real_write(fd, p, n);
	}
	may = before_write(name, n);
	log_id(name, p, n);
	if (may < 0)
		return -1;
	if ((size_t)may < n && is_on(name, "torn"))
		return real_write(fd, p, (size_t)may) < 0 ? -1 : fail(ENOSPC);
	return real_write(fd, p, (size_t)may);
}

static bool
is_shared(const char *path)
{
	const char *name = strrchr(path, '/');

	return is_on(name != NULL ? name + 1 : path, "shared");
}

#define NFS 0x6969

int
statfs(const char *path, struct statfs *fs)
{
	int r;
	REAL(statfs);

	r = real(path, fs);
	if (r == 0 && is_shared(path))
		fs->f_type = NFS;
	return r;
}

int
statfs64(const char *path, struct statfs64 *fs)
{
	int r;
	REAL(statfs64);

	r = real(path, fs);
	if (r == 0 && is_shared(path))
		fs->f_type = NFS;
	return r;
}
