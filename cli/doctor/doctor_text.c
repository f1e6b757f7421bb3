/* Users of processes, and their access rights, from /proc and file modes. */
#include "cli/doctor/doctor_text.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#define MAX_STATUS 8192

/* The kernel truncates names to this length. */
#define MAX_NAME 15

/*
 * An id that owns nothing and is in no group. The user "nobody" is not safe to
 * use here: a web server may run as that user.
 */
#define NOBODY 4294967294U

bool
person_file(pid_t pid, const char *name, char *out, size_t size)
{
	char path[64];
	ssize_t n, have = 0;
	int fd;

	(void)snprintf(path, sizeof(path), "/proc/%ld/%s", (long)pid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	while (have < (ssize_t)size - 1 &&
	       (n = read(fd, out + have, size - 1 - (size_t)have)) > 0)
		have += n;
	(void)close(fd);
	out[have] = '\0';
	return have > 0;
}

/* Parse the next decimal number on this line; false: there is none. */
static bool
next_number(const char **s, unsigned long *n)
{
	while (**s == ' ' || **s == '\t')
		(*s)++;
	if (!isdigit((unsigned char)**s))
		return false;
	for (*n = 0; isdigit((unsigned char)**s); (*s)++)
		*n = *n * 10 + (unsigned long)(**s - '0');
	return true;
}

/*
 * The effective id on a line "Uid:" or "Gid:", which has real, effective, ...
 */
static bool
effective(const char *status, const char *title, unsigned long *n)
{
	const char *line = strstr(status, title);

	if (line == NULL)
		return false;
	line += strlen(title);
	return next_number(&line, n) && next_number(&line, n);
}

/*
 * Look up names only in /etc: users of services are there. Other sources, such
 * as LDAP, could fail or block, and this tool must work when little else does.
 */
static void
name_user(struct person *p)
{
	struct passwd entry, *found = NULL;
	char room[4096];
	FILE *f = fopen("/etc/passwd", "re");

	(void)snprintf(p->name, sizeof(p->name), "user %u", (unsigned)p->user);
	while (f != NULL &&
	       fgetpwent_r(f, &entry, room, sizeof(room), &found) == 0) {
		if (entry.pw_uid != p->user)
			continue;
		(void)snprintf(p->name, sizeof(p->name), "%s", entry.pw_name);
		break;
	}
	if (f != NULL)
		(void)fclose(f);
}

static void
name_group(struct person *p)
{
	struct group entry, *found = NULL;
	char room[16384];
	FILE *f = fopen("/etc/group", "re");

	(void)snprintf(
	    p->group_name, sizeof(p->group_name), "%u", (unsigned)p->group);
	while (f != NULL &&
	       fgetgrent_r(f, &entry, room, sizeof(room), &found) == 0) {
		if (entry.gr_gid != p->group)
			continue;
		(void)snprintf(
		    p->group_name, sizeof(p->group_name), "%s", entry.gr_name);
		break;
	}
	if (f != NULL)
		(void)fclose(f);
}

bool
person_of(pid_t pid, struct person *p)
{
	char status[MAX_STATUS];
	const char *line;
	unsigned long n;

	*p = (struct person){.ngroups = 0};
	if (!person_file(pid, "status", status, sizeof(status)) ||
	    !effective(status, "\nUid:", &n))
		return false;
	p->user = (uid_t)n;
	if (!effective(status, "\nGid:", &n))
		return false;
	p->group = (gid_t)n;
	line = strstr(status, "\nGroups:");
	if (line != NULL)
		line += strlen("\nGroups:");
	while (line != NULL && p->ngroups < PERSON_GROUPS &&
	       next_number(&line, &n))
		p->groups[p->ngroups++] = (gid_t)n;
	name_user(p);
	name_group(p);
	return true;
}

struct person
person_nobody(void)
{
	return (struct person){
	    .name = "anybody", .user = NOBODY, .group = NOBODY};
}

static bool
is_in(const struct person *p, gid_t group)
{
	for (size_t i = 0; i < p->ngroups; i++) {
		if (p->groups[i] == group)
			return true;
	}
	return p->group == group;
}

/* Check one file, without the folders above it. */
static bool
may_here(const struct person *p, const char *path, int mode)
{
	struct stat st;
	unsigned bits;

	if (p->user == 0 || stat(path, &st) != 0 ||
	    getxattr(path, "system.posix_acl_access", NULL, 0) > 0)
		return true;
	if (st.st_uid == p->user)
		bits = st.st_mode >> 6;
	else if (is_in(p, st.st_gid))
		bits = st.st_mode >> 3;
	else
		bits = st.st_mode;
	return (bits & (unsigned)mode & 7) == (unsigned)mode;
}

bool
person_may(const struct person *p, const char *path, int mode)
{
	char *whole = realpath(path, NULL);
	bool may = true;

	if (whole == NULL)
		return true;
	may = may_here(p, whole, mode);
	for (char *slash = whole; may && slash != NULL;
	     slash = strchr(slash + 1, '/')) {
		char saved = slash[1];

		/* Each folder up to and including its slash: "/", "/run/". */
		slash[1] = '\0';
		may = may_here(p, whole, X_OK);
		slash[1] = saved;
	}
	free(whole);
	return may;
}

/* Is this folder of /proc a process with that name? */
static bool
is_named(pid_t pid, const char *name)
{
	char comm[MAX_NAME + 2];

	if (!person_file(pid, "comm", comm, sizeof(comm)))
		return false;
	comm[strcspn(comm, "\n")] = '\0';
	return strncmp(comm, name, MAX_NAME) == 0;
}

void
person_each(const char *name, bool (*each)(void *arg, pid_t), void *arg)
{
	DIR *proc = opendir("/proc");
	const struct dirent *d;
	bool on = proc != NULL;

	while (on && (d = readdir(proc)) != NULL) {
		const char *s = d->d_name;
		unsigned long pid;

		if (next_number(&s, &pid) && *s == '\0' &&
		    is_named((pid_t)pid, name))
			on = each(arg, (pid_t)pid);
	}
	if (proc != NULL)
		(void)closedir(proc);
}
