/*
 * Finds the responder for a configuration. Several may run, with different
 * users and configurations.
 */
#include "cli/doctor/doctor_process.h"

#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/common/input.h"
#include "cli/doctor/doctor_text.h"

/* Size limit of a command line or an environment. */
#define MAX_STRINGS (4 * 1024 * 1024)

struct search {
	struct stat config;
	bool any;
	pid_t pid;
};

/* Read all NUL-terminated strings of a file of /proc/PID. */
static bool
read_strings(pid_t pid, const char *name, struct bw_buf *b)
{
	struct bw_error e = {0};
	char path[64];

	bw_buf_init(b, MAX_STRINGS);
	(void)snprintf(path, sizeof(path), "/proc/%ld/%s", (long)pid, name);
	if (input_read(path, b, &e) != BW_OK)
		return false;
	bw_buf_putc(b, '\0');
	return b->err == BW_OK;
}

static const char *
next_string(const struct bw_buf *b, const char *s)
{
	s = s == NULL ? b->p : s + strlen(s) + 1;
	return s < b->p + b->n ? s : NULL;
}

/* Translate a path of the process to one that we can open. */
static bool
see(pid_t pid, const char *path, char *out, size_t size)
{
	int n = snprintf(out, size, "/proc/%ld/%s%s", (long)pid,
	    path[0] == '/' ? "root" : "cwd/", path);

	return n > 0 && (size_t)n < size;
}

static bool
config_from_argument(pid_t pid, char *out, size_t size)
{
	struct bw_buf b;
	bool found = false;

	if (read_strings(pid, "cmdline", &b)) {
		for (const char *s = next_string(&b, NULL); s != NULL && !found;
		     s = next_string(&b, s)) {
			const char *value = next_string(&b, s);

			if (strcmp(s, "--config") == 0 && value != NULL)
				found = see(pid, value, out, size);
		}
	}
	bw_buf_free(&b);
	return found;
}

static bool
config_from_environment(pid_t pid, char *out, size_t size)
{
	static const char name[] = "BWCALLBACK_CONFIG=";
	struct bw_buf b;
	bool found = false;

	if (read_strings(pid, "environ", &b)) {
		for (const char *s = next_string(&b, NULL); s != NULL && !found;
		     s = next_string(&b, s)) {
			if (strncmp(s, name, strlen(name)) == 0)
				found = see(pid, s + strlen(name), out, size);
		}
	}
	bw_buf_free(&b);
	return found;
}

static bool
beside_program(pid_t pid, char *out, size_t size)
{
	char path[64], program[PATH_MAX], config[PATH_MAX];
	ssize_t n;
	int m;

	(void)snprintf(path, sizeof(path), "/proc/%ld/exe", (long)pid);
	n = readlink(path, program, sizeof(program) - 1);
	if (n <= 0)
		return false;
	program[n] = '\0';
	m = snprintf(
	    config, sizeof(config), "%s/callbacks.xml", dirname(program));
	return m > 0 && (size_t)m < sizeof(config) &&
	       see(pid, config, out, size);
}

/* bwcallback.fcgi(8) documents the locations and their order. */
static bool
is_its_own(pid_t pid, const struct stat *config)
{
	char path[PATH_MAX];
	struct stat st;

	return (config_from_argument(pid, path, sizeof(path)) ||
		   config_from_environment(pid, path, sizeof(path)) ||
		   beside_program(pid, path, sizeof(path))) &&
	       stat(path, &st) == 0 && st.st_dev == config->st_dev &&
	       st.st_ino == config->st_ino;
}

static bool
look(void *arg, pid_t pid)
{
	struct search *s = arg;

	if (!s->any && !is_its_own(pid, &s->config))
		return true;
	s->pid = pid;
	return false;
}

pid_t
process_responder(const char *config)
{
	struct search s = {.any = config == NULL};

	if (config != NULL && stat(config, &s.config) != 0)
		return 0;
	person_each(RESPONDER, look, &s);
	return s.pid;
}
