#include <config.h>

#include "confine.h"

#ifdef HAVE_LIBSECCOMP

#include <errno.h>
#include <linux/netlink.h>
#include <sched.h>
#include <seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

/*
 * Numbers of system calls above the last that libseccomp knows: they get
 * ENOSYS, so that a newer C library falls back to an older call.
 */
#define NUMBER_END 600

/* Requests of ioctl() are unsigned int; some C libraries extend the sign. */
#define REQUEST_MASK 0xffffffffU

/* Not in the headers of Debian 12; glibc names anonymous memory with it. */
#ifndef PR_SET_VMA
#define PR_SET_VMA 0x53564d41
#endif

static const char *const always[] = {
#define CALL(name) #name,
#include "confine_calls.def"
#undef CALL
};

/* A call that is allowed when one argument, masked, has one of some values. */
struct condition {
	const char *call;
	unsigned argument;
	uint64_t mask;
	uint64_t values[8];
	size_t n;
};

static const struct condition conditions[] = {
    /* Threads, not processes. */
    {"clone", 0, CLONE_THREAD, {CLONE_THREAD}, 1},
    {"socket", 0, REQUEST_MASK, {AF_UNIX, AF_INET, AF_INET6}, 3},
    {"socketpair", 0, REQUEST_MASK, {AF_UNIX}, 1},
    /* isatty(), and what libpq and the resolver ask sockets. */
    {"ioctl", 1, REQUEST_MASK, {TCGETS, FIONREAD, FIONBIO, FIOCLEX}, 4},
    {"prctl", 0, REQUEST_MASK,
	{PR_SET_NAME, PR_GET_NAME, PR_GET_DUMPABLE, PR_SET_VMA}, 4},
    {"prlimit64", 0, REQUEST_MASK, {0}, 1},
    /* abort() and pthread_kill() of this process, set below. */
    {"tgkill", 0, REQUEST_MASK, {0}, 1},
};

/*
 * Does this machine have the call? Small negative numbers are those of calls
 * that are made through another one, such as socketcall.
 */
static bool
exists(int number)
{
	return number != __NR_SCMP_ERROR && number > -1000;
}

static int
allow(scmp_filter_ctx *filter, const char *name, unsigned n,
    const struct scmp_arg_cmp *arguments)
{
	int number = seccomp_syscall_resolve_name(name);

	if (!exists(number))
		return 0;
	return seccomp_rule_add_array(
	    filter, SCMP_ACT_ALLOW, number, n, arguments);
}

static int
allow_if(scmp_filter_ctx *filter, const struct condition *c)
{
	int rc = 0;

	for (size_t i = 0; i < c->n && rc == 0; i++) {
		uint64_t value = strcmp(c->call, "tgkill") == 0
				     ? (uint64_t)getpid()
				     : c->values[i];
		const struct scmp_arg_cmp is = {
		    c->argument, SCMP_CMP_MASKED_EQ, c->mask, value};

		rc = allow(filter, c->call, 1, &is);
	}
	return rc;
}

/* The C library asks the kernel for interfaces before it sorts addresses. */
static int
allow_netlink(scmp_filter_ctx *filter)
{
	const struct scmp_arg_cmp is[] = {
	    {0, SCMP_CMP_EQ, AF_NETLINK, 0},
	    {2, SCMP_CMP_EQ, NETLINK_ROUTE, 0},
	};

	return allow(filter, "socket", 2, is);
}

static int
add_newer(scmp_filter_ctx *filter, uint32_t action)
{
	int last = 0, rc;

	for (int i = 0; i < NUMBER_END; i++) {
		char *name =
		    seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, i);

		if (name != NULL)
			last = i;
		free(name);
	}
	rc = seccomp_rule_add(filter, action, SCMP_SYS(clone3), 0);
	for (int i = last + 1; i < NUMBER_END && rc == 0; i++)
		rc = seccomp_rule_add(filter, action, i, 0);
	return rc;
}

/* Errors of these only cost the log, or time. */
static void
set_usual(scmp_filter_ctx *filter, bool logs)
{
	(void)seccomp_attr_set(filter, SCMP_FLTATR_CTL_LOG, logs);
	(void)seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
}

static int
load(scmp_filter_ctx *filter, int rc)
{
	if (rc == 0)
		rc = seccomp_load(filter);
	seccomp_release(filter);
	return rc;
}

/*
 * Without these the C library takes older calls. The flags of clone3 are in
 * memory, where a filter cannot read them. It is called for each thread: a
 * filter of its own keeps that out of the kernel's log.
 */
static int
hide_newer(void)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);

	if (filter == NULL)
		return -ENOMEM;
	set_usual(filter, false);
	return load(filter, add_newer(filter, SCMP_ACT_ERRNO(ENOSYS)));
}

static int
allow_calls(scmp_filter_ctx *filter)
{
	/* Calls of another architecture, such as int 0x80. */
	int rc = seccomp_attr_set(
	    filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_ERRNO(ENOSYS));

	/* The kernel's audit log names refused calls, where it has one. */
	set_usual(filter, true);
	for (size_t i = 0; i < sizeof(always) / sizeof(always[0]) && rc == 0;
	     i++)
		rc = allow(filter, always[i], 0, NULL);
	for (size_t i = 0;
	     i < sizeof(conditions) / sizeof(conditions[0]) && rc == 0; i++)
		rc = allow_if(filter, &conditions[i]);
	if (rc == 0)
		rc = allow_netlink(filter);
	return rc == 0 ? add_newer(filter, SCMP_ACT_ALLOW) : rc;
}

static unsigned
count_calls(void)
{
	unsigned n = 0;

	for (size_t i = 0; i < sizeof(always) / sizeof(always[0]); i++)
		n += exists(seccomp_syscall_resolve_name(always[i]));
	for (size_t i = 0; i < sizeof(conditions) / sizeof(conditions[0]); i++)
		n += exists(seccomp_syscall_resolve_name(conditions[i].call));
	return n;
}

enum bw_err
confine_calls(unsigned *allowed, struct bw_error *e)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	int rc;

	if (filter == NULL)
		return bw_error_set(
		    e, BW_ERR_UNSUPPORTED, 0, "this program has no libseccomp");
	rc = hide_newer();
	if (rc == 0)
		rc = load(filter, allow_calls(filter));
	else
		seccomp_release(filter);
	*allowed = count_calls();
	if (rc == 0)
		return BW_OK;
	return bw_error_set(e, BW_ERR_INTERNAL, -rc,
	    "the filter of system calls: %s", strerror(-rc));
}

#else

enum bw_err
confine_calls(unsigned *allowed, struct bw_error *e)
{
	*allowed = 0;
	return bw_error_set(e, BW_ERR_UNSUPPORTED, 0,
	    "this program was built without libseccomp");
}

#endif
