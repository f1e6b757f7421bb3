#include <config.h>

#include "confine.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/*
 * Landlock's interface, from <linux/landlock.h>: the headers of an older kernel
 * lack parts of it, and the C library has no functions for it.
 */
#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_add_rule	    445
#define SYS_landlock_restrict_self  446
#endif

#define VERSION_FLAG 1U
#define PATH_BENEATH 1

struct ruleset {
	uint64_t handled;
};

struct beneath {
	uint64_t allowed;
	int32_t folder;
} __attribute__((packed));

/* Bits of the rights, and the version of the interface that has them. */
static const struct {
	int version;
	unsigned bit;
	bool in_folder; /* allowed in the folders */
	bool in_file;	/* exists for a file */
} rights[] = {
    {1, 0, false, true},   /* execute */
    {1, 1, true, true},	   /* write to a file */
    {1, 4, true, false},   /* remove a folder */
    {1, 5, true, false},   /* remove a file */
    {1, 6, false, false},  /* make a character device */
    {1, 7, true, false},   /* a folder */
    {1, 8, true, false},   /* a file */
    {1, 9, true, false},   /* a socket */
    {1, 10, true, false},  /* a FIFO */
    {1, 11, false, false}, /* a block device */
    {1, 12, true, false},  /* a symbolic link */
    {2, 13, true, false},  /* link or rename into another folder */
    {3, 14, true, true},   /* truncate a file */
};

static enum bw_err
failed(struct bw_error *e, const char *what)
{
	int sys = errno;

	return bw_error_set(e,
	    sys == ENOSYS || sys == EOPNOTSUPP ? BW_ERR_UNSUPPORTED : BW_ERR_IO,
	    sys, "--writable: %s: %s", what, strerror(sys));
}

static uint64_t
select_rights(int version, bool folder, bool file)
{
	uint64_t set = 0;

	for (size_t i = 0; i < sizeof(rights) / sizeof(rights[0]); i++) {
		if (rights[i].version <= version &&
		    (!folder || rights[i].in_folder) &&
		    (!file || rights[i].in_file))
			set |= UINT64_C(1) << rights[i].bit;
	}
	return set;
}

static enum bw_err
allow(int ruleset, const char *path, uint64_t set, struct bw_error *e)
{
	struct beneath rule = {.allowed = set};
	long rc = -1;

	rule.folder = open(path, O_PATH | O_CLOEXEC);
	if (rule.folder >= 0)
		rc = syscall(
		    SYS_landlock_add_rule, ruleset, PATH_BENEATH, &rule, 0);
	if (rc == 0) {
		close(rule.folder);
		return BW_OK;
	}
	(void)failed(e, path);
	if (rule.folder >= 0)
		close(rule.folder);
	return e->code;
}

enum bw_err
confine_files(const char *const *folders, size_t n, struct bw_error *e)
{
	long version =
	    syscall(SYS_landlock_create_ruleset, NULL, 0, VERSION_FLAG);
	struct ruleset attributes;
	enum bw_err err;
	long set;

	if (version < 1)
		return failed(e, "this kernel has no Landlock");
	attributes.handled = select_rights((int)version, false, false);
	set = syscall(
	    SYS_landlock_create_ruleset, &attributes, sizeof(attributes), 0);
	if (set < 0)
		return failed(e, "Landlock");
	/* Libraries open it to throw something away. */
	err = allow(
	    (int)set, "/dev/null", select_rights((int)version, true, true), e);
	for (size_t i = 0; i < n && err == BW_OK; i++)
		err = allow((int)set, folders[i],
		    select_rights((int)version, true, false), e);
	if (err == BW_OK && (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
				syscall(SYS_landlock_restrict_self, set, 0)))
		err = failed(e, "Landlock");
	close((int)set);
	return err;
}
