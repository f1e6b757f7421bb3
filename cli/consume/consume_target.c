/*
 * Checks the program or URL before the consumer starts. Otherwise a mistake
 * would only show at the first event.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <curl/curl.h>

#include "cli/consume/consume.h"

/* The path that posix_spawnp() searches when PATH is not set. */
#define USUAL_PATH "/bin:/usr/bin"

/* Maximum length of a "#!" line that Linux reads. */
#define MAX_LINE 256

static enum bw_err
refuse(const char *program, int sys, struct bw_error *e)
{
	const char *what = "not found; give a path or install it";

	if (sys == EACCES)
		what = "not executable; run chmod +x on it";
	else if (sys == EISDIR)
		what = "is a folder; name a program in it";
	else if (sys != ENOENT && sys != ENOTDIR)
		what = strerror(sys);
	return bw_error_set(e, BW_ERR_NOFILE, sys,
	    "consume: program %.200s: %s", program, what);
}

/* Returns 0 if the file can be executed, else the error number. */
static int
try_file(const char *path)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return errno;
	if (S_ISDIR(st.st_mode))
		return EISDIR;
	if (!S_ISREG(st.st_mode) || access(path, X_OK) != 0)
		return EACCES;
	return 0;
}

/*
 * Search PATH as posix_spawnp() does; out gets the path found. Returns 0 or the
 * error number.
 */
static int
search(const char *name, char *out, size_t size)
{
	const char *folder = getenv("PATH");
	int sys = ENOENT;

	if (folder == NULL)
		folder = USUAL_PATH;
	while (folder != NULL) {
		size_t n = strcspn(folder, ":");
		int now;

		(void)snprintf(out, size, "%.*s%s%s", (int)n, folder,
		    n > 0 ? "/" : "", name);
		now = try_file(out);
		if (now == 0)
			return 0;
		if (now == EACCES)
			sys = EACCES;
		folder = folder[n] == ':' ? folder + n + 1 : NULL;
	}
	return sys;
}

/* A script whose interpreter is missing cannot be started either. */
static enum bw_err
check_interpreter(const char *path, struct bw_error *e)
{
	char line[MAX_LINE + 1] = "", *name;
	int fd = open(path, O_RDONLY | O_CLOEXEC), sys;
	ssize_t n;

	if (fd < 0)
		return BW_OK;
	n = read(fd, line, MAX_LINE);
	(void)close(fd);
	if (n < 2 || strncmp(line, "#!", 2) != 0)
		return BW_OK;
	line[n] = '\0';
	name = line + 2 + strspn(line + 2, " \t");
	name[strcspn(name, " \t\n")] = '\0';
	sys = *name != '\0' ? try_file(name) : ENOENT;
	if (sys == 0)
		return BW_OK;
	if (strchr(name, '\r') != NULL)
		return bw_error_set(e, BW_ERR_NOFILE, sys,
		    "consume: program %.100s: its first line ends with a "
		    "carriage return, a line end of Windows: remove it",
		    path);
	return bw_error_set(e, BW_ERR_NOFILE, sys,
	    "consume: program %.100s: its first line names %.100s: %s; correct "
	    "the line or install it",
	    path, name, strerror(sys));
}

static enum bw_err
check_program(const char *name, struct bw_error *e)
{
	char path[4096];
	int sys;

	(void)snprintf(path, sizeof(path), "%s", name);
	sys = strchr(name, '/') != NULL ? try_file(name)
	      : *name == '\0'		? ENOENT
					: search(name, path, sizeof(path));
	return sys == 0 ? check_interpreter(path, e) : refuse(name, sys, e);
}

/* libcurl adds "http://" where there is no scheme, as it does when it posts. */
static enum bw_err
check_url(const char *text, struct bw_error *e)
{
	CURLU *u = curl_url();
	char *scheme = NULL;
	CURLUcode code;
	bool good;

	if (u == NULL)
		return bw_error_set(
		    e, BW_ERR_NOMEM, 0, "consume: out of memory");
	code = curl_url_set(u, CURLUPART_URL, text, CURLU_GUESS_SCHEME);
	if (code == CURLUE_OK)
		code = curl_url_get(u, CURLUPART_SCHEME, &scheme, 0);
	good = code == CURLUE_OK &&
	       (strcmp(scheme, "http") == 0 || strcmp(scheme, "https") == 0);
	curl_free(scheme);
	curl_url_cleanup(u);
	/* bw_error_set() removes passwords from URLs. */
	return good ? BW_OK
		    : bw_error_set(e, BW_ERR_USAGE, 0,
			  "consume: --url: \"%.200s\" is no URL of http or "
			  "https; write http://HOST:PORT/PATH",
			  text);
}

enum bw_err
consume_check_target(const struct consume_options *o, struct bw_error *e)
{
	if (o->program != NULL)
		return check_program(o->program[0], e);
	return o->url != NULL ? check_url(o->url, e) : BW_OK;
}
