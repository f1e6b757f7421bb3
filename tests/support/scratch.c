#include "scratch.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/bw-test.XXXXXX";

/* No recursion: no test creates folders in it. */
static void
scratch_leave(void)
{
	DIR *d = opendir(".");
	const struct dirent *e;

	while (d != NULL && (e = readdir(d)) != NULL) {
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			(void)unlink(e->d_name);
	}
	if (d != NULL)
		closedir(d);
	if (chdir("/") == 0)
		(void)rmdir(folder);
}

void
scratch_enter(void)
{
	if (mkdtemp(folder) == NULL || chdir(folder) != 0) {
		perror(folder);
		exit(1);
	}
	atexit(scratch_leave);
}

void
scratch_write_bytes(const char *name, const char *p, size_t n)
{
	FILE *f = fopen(name, "wb");

	if (f == NULL || fwrite(p, 1, n, f) != n || fclose(f) != 0) {
		perror(name);
		exit(1);
	}
}

void
scratch_write(const char *name, const char *text)
{
	scratch_write_bytes(name, text, strlen(text));
}

void
scratch_write_program(const char *name, const char *text)
{
	scratch_write(name, text);
	if (chmod(name, 0755) != 0) {
		perror(name);
		exit(1);
	}
}
