/*
 * libfcgi does not report its version, so read that of its package. Up to
 * 2.4.4, lengths of names and values overflow (CVE-2025-23016); up to 2.4.0,
 * more than 1024 descriptors do (CVE-2012-6687).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/doctor/doctor_files.h"

#define MAX_MAPS (256 * 1024)

/* Debian's package list, and the names of libfcgi in it. */
#define PACKAGES "/var/lib/dpkg/status"
static const char *const names[] = {"libfcgi0ldbl", "libfcgi0t64"};

static bool
is_loaded(pid_t pid)
{
	char *maps = malloc(MAX_MAPS);
	bool loaded = maps != NULL &&
		      person_file(pid, "maps", maps, MAX_MAPS) &&
		      strstr(maps, "/libfcgi.so") != NULL;

	free(maps);
	return loaded;
}

static bool
is_name(const char *line)
{
	static const char title[] = "Package: ";

	if (strncmp(line, title, strlen(title)) != 0)
		return false;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(line + strlen(title), names[i]) == 0)
			return true;
	}
	return false;
}

/* False: the package is not installed here. */
static bool
find_version(char *out, size_t size)
{
	static const char title[] = "Version: ";
	FILE *f = fopen(PACKAGES, "re");
	bool ours = false, found = false;
	char line[1024];

	while (f != NULL && !found && fgets(line, sizeof(line), f) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		if (line[0] == '\0' || is_name(line))
			ours = line[0] != '\0';
		found = ours && strncmp(line, title, strlen(title)) == 0;
	}
	if (found)
		(void)snprintf(out, size, "%.100s", line + strlen(title));
	if (f != NULL)
		(void)fclose(f);
	return found;
}

/*
 * Fixed in 2.4.5, and in Debian's security updates of older versions:
 * 2.4.2-2+deb12u1.
 */
static bool
is_faulty(const char *version)
{
	return strverscmp(version, "2.4.5") < 0 &&
	       strstr(version, "+deb") == NULL;
}

void
doctor_libfcgi(struct doctor_report *r, pid_t pid)
{
	char version[128];

	if (!is_loaded(pid) || !find_version(version, sizeof(version)))
		return;
	if (is_faulty(version))
		doctor_found(r, DOCTOR_LIBFCGI, "libfcgi", NULL, DOCTOR_ANY,
		    "version %s: %s", version,
		    strverscmp(version, "2.4.1") < 0
			? "CVE-2025-23016, CVE-2012-6687"
			: "CVE-2025-23016");
}
