/* bwcallback simulate telephone: what the process may use. */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cli/simulate/telephone.h"

#define MEGABYTES (1024ul * 1024)
#define MEMORY	  (128 * MEGABYTES)
#define SECONDS	  60 /* of a processor */
#define NICER	  10

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAS_SANITIZER
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define HAS_SANITIZER
#endif

static enum bw_err
fail(struct bw_error *e, const char *what)
{
	return bw_error_set(
	    e, BW_ERR_IO, errno, "telephone: %s: %s", what, strerror(errno));
}

static enum bw_err
limit_memory(struct bw_error *e)
{
#ifdef HAS_SANITIZER /* its shadow memory counts */
	(void)e;
	return BW_OK;
#else
	const struct rlimit l = {MEMORY, MEMORY};

	return setrlimit(RLIMIT_DATA, &l) == 0 ? BW_OK : fail(e, "memory");
#endif
}

static enum bw_err
limit_time(struct bw_error *e)
{
	const struct rlimit l = {SECONDS, SECONDS};

	errno = 0;
	if (nice(NICER) == -1 && errno != 0)
		return fail(e, "priority");
	return setrlimit(RLIMIT_CPU, &l) == 0 ? BW_OK : fail(e, "time");
}

#define DENY(call) \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 1), \
	    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM)

/*
 * The filter compares numbers of system calls of the architecture that this was
 * compiled for. It guards against a mistake of ours, not against machine code
 * from outside.
 */
static enum bw_err
deny_calls(struct bw_error *e)
{
	struct sock_filter filter[] = {
	    BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
		(unsigned)offsetof(struct seccomp_data, nr)),
	    DENY(SYS_socket),
	    DENY(SYS_execve),
	    DENY(SYS_execveat),
	    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {
	    sizeof(filter) / sizeof(filter[0]), filter};

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
		return fail(e, "seccomp");
	return BW_OK;
}

enum bw_err
telephone_confine(bool programs, struct bw_error *e)
{
	enum bw_err err = limit_memory(e);

	if (err == BW_OK)
		err = limit_time(e);
	if (err == BW_OK && !programs)
		err = deny_calls(e);
	return err;
}
