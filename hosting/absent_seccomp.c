/*
 * Replaces the filter of system calls: the single-file program mostly answers
 * one request of CGI, and then ends.
 */
#include <config.h>

#ifdef HAVE_LIBSECCOMP
#include <errno.h>
#include <seccomp.h>
#include <stddef.h>

scmp_filter_ctx
seccomp_init(uint32_t otherwise)
{
	(void)otherwise;
	return NULL;
}

/* Not called without a filter. */
void
seccomp_release(scmp_filter_ctx filter)
{
	(void)filter;
}

int
seccomp_load(const scmp_filter_ctx filter)
{
	(void)filter;
	return -ENOSYS;
}

int
seccomp_attr_set(
    scmp_filter_ctx filter, enum scmp_filter_attr name, uint32_t value)
{
	(void)filter;
	(void)name;
	(void)value;
	return -ENOSYS;
}

int
seccomp_rule_add_array(scmp_filter_ctx filter, uint32_t action, int number,
    unsigned n, const struct scmp_arg_cmp *arguments)
{
	(void)filter;
	(void)action;
	(void)number;
	(void)n;
	(void)arguments;
	return -ENOSYS;
}

int
seccomp_rule_add(
    scmp_filter_ctx filter, uint32_t action, int number, unsigned n, ...)
{
	(void)filter;
	(void)action;
	(void)number;
	(void)n;
	return -ENOSYS;
}

int
seccomp_syscall_resolve_name(const char *name)
{
	(void)name;
	return __NR_SCMP_ERROR;
}

char *
seccomp_syscall_resolve_num_arch(uint32_t arch, int number)
{
	(void)arch;
	(void)number;
	return NULL;
}
#endif
