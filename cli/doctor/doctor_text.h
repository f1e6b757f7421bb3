#ifndef BWC_DOCTOR_TEXT_H
#define BWC_DOCTOR_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Processes belong to at most 65536 groups; nobody's server does to so many. */
#define PERSON_GROUPS 64

/* Whom a process acts as. */
struct person {
	char name[64];	     /* of the user, or its number */
	char group_name[64]; /* the same of the group */
	uid_t user;
	gid_t group;
	gid_t groups[PERSON_GROUPS];
	size_t ngroups;
};

/* False: there is no such process, or nothing is told of it. */
bool person_of(pid_t, struct person *);
/* Somebody with no rights but everybody's. */
struct person person_nobody(void);
/*
 * May the person do what mode says (R_OK, W_OK, X_OK of access(2)) with a
 * file, and search the folders it is in? By owner, group and mode; where an
 * access list says more, or the file cannot be seen, the answer is yes.
 */
bool person_may(const struct person *, const char *path, int mode);

/* Call with every process of a name, as the kernel knows it; false: stop. */
void person_each(const char *name, bool (*each)(void *arg, pid_t), void *arg);

/* A file of /proc/PID, at most size - 1 bytes, terminated; false: none. */
bool person_file(pid_t, const char *name, char *out, size_t size);

#endif
