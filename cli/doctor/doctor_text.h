#ifndef BWC_DOCTOR_TEXT_H
#define BWC_DOCTOR_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Linux allows 65536 groups for each process; no server has this many. */
#define PERSON_GROUPS 64

/* User and groups of a process. */
struct person {
	char name[64];	     /* name of the user, or its number */
	char group_name[64]; /* name of the group, or its number */
	uid_t user;
	gid_t group;
	gid_t groups[PERSON_GROUPS];
	size_t ngroups;
};

/* False: no such process, or its status cannot be read. */
bool person_of(pid_t, struct person *);
/* A user with no rights but those of "other". */
struct person person_nobody(void);
/*
 * May this user access a file with mode (R_OK, W_OK, X_OK of access(2)), and
 * search the folders above it? Decided by owner, group and mode. If an access
 * list exists, or the file cannot be examined, the answer is yes.
 */
bool person_may(const struct person *, const char *path, int mode);

/*
 * Call each() for every process of that name, as the kernel knows it, until
 * each() returns false.
 */
void person_each(const char *name, bool (*each)(void *arg, pid_t), void *arg);

/*
 * Read a file of /proc/PID: at most size - 1 bytes, terminated. False: failed.
 */
bool person_file(pid_t, const char *name, char *out, size_t size);

#endif
