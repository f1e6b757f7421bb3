/* bwcallback doctor --local: socket, process, system. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/doctor/doctor_files.h"
#include "cli/doctor/doctor_local.h"
#include "cli/doctor/doctor_process.h"
#include "cli/doctor/doctor_socket.h"
#include "cli/doctor/doctor_text.h"
#include "options/option.h"

#include <bwcallback/tools/config.h>

/* The socket of the units in systemd/. */
#define USUAL "/run/bwcallback/bwcallback.sock"

/* The listen queue that nginx uses for its own sockets. */
#define QUEUE 511

/* Each web server worker may have hundreds of connections. */
#define DESCRIPTORS 1024

/* Most different users of web servers. */
#define PEOPLE 16

struct people {
	struct person all[PEOPLE];
	size_t n;
};

#define report(d, id, location, ...) \
	doctor_found(&(d)->report, DOCTOR_##id, location, NULL, DOCTOR_ANY, \
	    __VA_ARGS__)

static bool
take_person(void *arg, pid_t pid)
{
	struct people *all = arg;
	struct person *p = &all->all[all->n];

	/* Skip the master process, which runs as root: it does not connect. */
	if (!person_of(pid, p) || p->user == 0)
		return true;
	for (size_t i = 0; i < all->n; i++) {
		if (all->all[i].user == p->user &&
		    all->all[i].group == p->group)
			return true;
	}
	all->n++;
	return all->n < PEOPLE;
}

/* Find the users of the web servers that run here. */
static void
find_people(struct people *all)
{
	static const char *const servers[] = {
	    "nginx", "apache2", "httpd", "lighttpd", "caddy", "haproxy"};

	all->n = 0;
	for (size_t i = 0;
	     i < sizeof(servers) / sizeof(servers[0]) && all->n < PEOPLE; i++)
		person_each(servers[i], take_person, all);
}

/* "www-data (group www-data), haproxy (group haproxy)" */
static void
put_people(const struct people *all, char *out, size_t size)
{
	size_t n = 0;

	out[0] = '\0';
	for (size_t i = 0; i < all->n && n < size; i++) {
		int more = snprintf(out + n, size - n, "%s%s (group %s)",
		    i > 0 ? ", " : "", all->all[i].name,
		    all->all[i].group_name);

		n += more > 0 ? (size_t)more : 0;
	}
}

/*
 * If several web servers run here, it is unknown which one serves Bandwidth, so
 * it is enough that one of them may connect.
 */
static void
check_rights(struct doctor *d, const char *path)
{
	const struct person nobody = person_nobody();
	struct people all;
	char names[300];
	struct stat st;
	bool may = false;

	find_people(&all);
	if (stat(path, &st) != 0)
		return;
	for (size_t i = 0; i < all.n; i++)
		may = may || person_may(&all.all[i], path, W_OK);
	put_people(&all, names, sizeof(names));
	if (all.n > 0 && !may)
		report(d, SOCKET_MODE, path,
		    "mode %04o, owner %u, group %u; web servers here run as %s",
		    (unsigned)st.st_mode & 07777, (unsigned)st.st_uid,
		    (unsigned)st.st_gid, names);
	if (person_may(&nobody, path, W_OK))
		report(d, SOCKET_OPEN, path, "mode %04o",
		    (unsigned)st.st_mode & 07777);
}

/* Choose a path of the configuration, so that the answer is a 401. */
static void
choose_path(const struct doctor *d, char *out, size_t size)
{
	struct bw_section s;
	size_t i = 0;

	(void)snprintf(out, size, "/");
	while (
	    d->config != NULL && bw_config_section(d->config, i, &s) && s.page)
		i++;
	if (d->config != NULL && bw_config_section(d->config, i, &s))
		(void)snprintf(out, size, "%.*s%.*s", (int)s.mount.n,
		    s.mount.p != NULL ? s.mount.p : "", (int)s.path.n,
		    s.path.p);
}

static pid_t
check_answer(struct doctor *d, const char *address)
{
	char path[2048], why[128] = "";
	pid_t pid;

	choose_path(d, path, sizeof(path));
	switch (doctor_socket_ask(address, path, &pid, why, sizeof(why))) {
	case SOCKET_ANSWERS:
	case SOCKET_IS_NOT_OURS:
		break;
	case SOCKET_IS_SILENT:
		report(d, SOCKET_SILENT, address, "%s", why);
		break;
	case SOCKET_IS_FULL:
		report(d, SOCKET_FULL, address, "%s", why);
		break;
	case SOCKET_IS_DEAD:
		report(d, SOCKET_DEAD, address, "%s", why);
		break;
	}
	return pid;
}

static pid_t
check_socket(struct doctor *d)
{
	const char *address = d->socket != NULL ? d->socket : USUAL;
	bool host = address[0] != '/' && strchr(address, ':') != NULL;
	struct stat st;

	doctor_step(address, "socket");
	if (host)
		return check_answer(d, address);
	if (stat(address, &st) != 0 || !S_ISSOCK(st.st_mode)) {
		report(d, SOCKET_NONE, address,
		    "no socket is there; --socket says where it is (a program "
		    "that runs as CGI has none)");
		return 0;
	}
	check_rights(d, address);
	return check_answer(d, address);
}

/*
 * The responder is the process that listens, unless systemd holds the socket.
 */
static pid_t
find_responder(pid_t listener, const char *config)
{
	char name[32] = "";

	if (listener > 0 && person_file(listener, "comm", name, sizeof(name)) &&
	    strncmp(name, RESPONDER, strlen(RESPONDER)) == 0)
		return listener;
	return process_responder(config);
}

static void
check_limits(struct doctor *d, pid_t pid)
{
	static const char title[] = "Max open files";
	char limits[4096], number[24];
	const char *line;
	int64_t n;

	if (!person_file(pid, "limits", limits, sizeof(limits)))
		return;
	line = strstr(limits, title);
	if (line == NULL)
		return;
	line += strlen(title);
	line += strspn(line, " ");
	(void)snprintf(
	    number, sizeof(number), "%.*s", (int)strcspn(line, " \n"), line);
	if (option_count.parse(number, &n) && n < DESCRIPTORS)
		report(d, NOFILE, RESPONDER, "process %ld: %s files at most",
		    (long)pid, number);
}

static void
check_queue(struct doctor *d)
{
	static const char file[] = "/proc/sys/net/core/somaxconn";
	char number[24] = "";
	FILE *f = fopen(file, "re");
	int64_t n;

	if (f == NULL)
		return;
	if (fgets(number, sizeof(number), f) != NULL) {
		number[strcspn(number, "\n")] = '\0';
		if (option_count.parse(number, &n) && n < QUEUE)
			report(d, SOMAXCONN, file, "%s", number);
	}
	(void)fclose(f);
}

static enum bw_err
check_stores(
    struct doctor *d, const struct person *responder, struct bw_error *e)
{
	struct bw_config_store s;
	enum bw_err err = BW_OK;

	if (d->config == NULL)
		return BW_OK;
	for (size_t i = 0; err == BW_OK && bw_config_store_of(d->config, i, &s);
	     i++) {
		doctor_step(s.url, "store");
		err = doctor_store(&d->report, &s, responder, e);
	}
	return err;
}

enum bw_err
doctor_local(struct doctor *d, struct bw_error *e)
{
	struct person responder;
	pid_t pid = find_responder(check_socket(d), d->config_file);
	bool known = pid > 0 && person_of(pid, &responder);

	d->report.config = d->config_file;
	if (known)
		(void)snprintf(d->report.user, sizeof(d->report.user), "%s",
		    responder.name);
	if (pid > 0) {
		check_limits(d, pid);
		doctor_libfcgi(&d->report, pid);
	}
	check_queue(d);
	if (d->config_file != NULL)
		doctor_files(&d->report, d->config_file, d->config,
		    known ? &responder : NULL);
	return check_stores(d, known ? &responder : NULL, e);
}
