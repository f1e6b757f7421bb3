/*
 * libfcgi does not report its version, so read that of its package. Up to
 * 2.4.4, lengths of names and values overflow (CVE-2025-23016); up to 2.4.0,
 * more than 1024 descriptors do (CVE-2012-6687).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <bwcallback/buf.h>
#include <bwcallback/tools/clock.h>
#include <bwcallback/tools/process.h>

#include "cli/doctor/doctor_files.h"

#define MAX_MAPS (256 * 1024)

/* Limits for what dpkg-query prints, and for its run. */
#define MAX_VERSION 100
#define SECONDS	    INT64_C(10)

/* Debian's names of the package. */
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

/* The version of a package; an error or empty: it is not installed here. */
static enum bw_err
ask_version(const char *package, struct bw_buf *out)
{
	const char *const argv[] = {
	    "dpkg-query", "-W", "-f", "${Version}", package, NULL};
	struct bw_process p = {.argv = argv,
	    .search = true,
	    .deadline = bw_monotonic_ns() + SECONDS * 1000000000,
	    .out = out};

	return bw_process_run(&p, NULL, NULL);
}

static bool
find_version(char *out, size_t size)
{
	struct bw_buf b;
	bool found = false;

	bw_buf_init(&b, MAX_VERSION);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		bw_buf_reset(&b);
		found = ask_version(names[i], &b) == BW_OK && b.n > 0;
		if (found)
			break;
	}
	if (found)
		(void)snprintf(out, size, "%.*s", (int)b.n, b.p);
	bw_buf_free(&b);
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
