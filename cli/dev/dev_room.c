#include "cli/dev/dev_room.h"
#include "cli/common/remove_folder.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <bwcallback/tools/passwd.h>

static enum bw_err
fail(struct bw_error *e, const char *what)
{
	return bw_error_set(
	    e, BW_ERR_IO, errno, "dev: %s: %s", what, strerror(errno));
}

/* Only the owner can read the folder. */
static const char overlay_text[] =
    "<callbacks>\n"
    "<credentials id=\"bwcallback-dev\" realm=\"bwcallback dev\" "
    "file=\"users\"/>\n"
    "<store url=\"sqlite:events.db\"/>\n"
    "<inspector path=\"/_inspector\" credentials=\"bwcallback-dev\" "
    "reveal=\"" DEV_USER "\" act=\"" DEV_USER "\"/>\n"
    "</callbacks>\n";

static enum bw_err
write_overlay(const struct dev_room *r, struct bw_error *e)
{
	FILE *f = fopen(r->overlay, "we");

	if (f == NULL)
		return fail(e, r->overlay);
	fputs(overlay_text, f);
	return fclose(f) == 0 ? BW_OK : fail(e, r->overlay);
}

static void
put_server(FILE *f, const struct dev_room *r)
{
	static const char *const params[][2] = {
	    {"REQUEST_METHOD", "$request_method"},
	    {"REQUEST_URI", "$request_uri"},
	    {"CONTENT_TYPE", "$content_type"},
	    {"CONTENT_LENGTH", "$content_length"},
	    {"REMOTE_ADDR", "$remote_addr"},
	};

	fprintf(f,
	    "\tserver {\n"
	    "\t\tlisten 127.0.0.1:%d;\n"
	    "\t\tclient_max_body_size 1m;\n"
	    "\t\tlocation / {\n"
	    "\t\t\tfastcgi_pass %s;\n",
	    r->port, r->listen);
	for (size_t i = 0; i < sizeof(params) / sizeof(params[0]); i++)
		fprintf(f, "\t\t\tfastcgi_param %s %s;\n", params[i][0],
		    params[i][1]);
	fputs("\t\t}\n\t}\n", f);
}

static enum bw_err
write_nginx(const struct dev_room *r, struct bw_error *e)
{
	static const char *const temporary[] = {
	    "client_body", "fastcgi", "proxy", "uwsgi", "scgi"};
	FILE *f = fopen(r->nginx, "we");

	if (f == NULL)
		return fail(e, r->nginx);
	if (geteuid() == 0) /* nginx's workers run as "nobody": no access */
		fputs("user root;\n", f);
	fprintf(f,
	    "daemon off;\nworker_processes 1;\n"
	    "pid %s;\nerror_log %s/nginx.log;\n"
	    "events {}\nhttp {\n\taccess_log off;\n",
	    r->nginx_pid, r->folder);
	for (size_t i = 0; i < sizeof(temporary) / sizeof(temporary[0]); i++)
		fprintf(f, "\t%s_temp_path %s/%s;\n", temporary[i], r->folder,
		    temporary[i]);
	put_server(f, r);
	fputs("}\n", f);
	return fclose(f) == 0 ? BW_OK : fail(e, r->nginx);
}

/* Bind a socket to a port of 127.0.0.1; 0: any free port. -1: errno says why.
 */
static int
bind_port(int port, struct sockaddr_in *a)
{
	int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	*a = (struct sockaddr_in){.sin_family = AF_INET,
	    .sin_port = htons((uint16_t)port),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	/* As nginx does: connections that have ended take no port. */
	if (fd >= 0 &&
	    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0 &&
	    bind(fd, (const struct sockaddr *)a, sizeof(*a)) == 0)
		return fd;
	if (fd >= 0)
		(void)close(fd);
	return -1;
}

enum bw_err
dev_room_choose_port(struct dev_room *r, struct bw_error *e)
{
	struct sockaddr_in a;
	socklen_t n = sizeof(a);
	int fd = bind_port(0, &a);

	if (fd < 0)
		return fail(e, "no free port");
	(void)getsockname(fd, (struct sockaddr *)&a, &n);
	r->port = ntohs(a.sin_port);
	(void)close(fd);
	return write_nginx(r, e);
}

bool
dev_room_port_taken(const struct dev_room *r)
{
	struct sockaddr_in a;
	int fd = bind_port(r->port, &a);

	if (fd >= 0)
		(void)close(fd);
	return fd < 0;
}

static enum bw_err
add_user(struct dev_room *r, struct bw_error *e)
{
	char file[DEV_PATH];
	enum bw_err err = bw_passwd_generate(r->password, DEV_PASSWORD, e);

	(void)snprintf(file, sizeof(file), "%s/users", r->folder);
	return err != BW_OK
		   ? err
		   : bw_passwd_set(file,
			 (struct bw_str){DEV_USER, strlen(DEV_USER)},
			 (struct bw_str){r->password, DEV_PASSWORD}, e);
}

enum bw_err
dev_room_make(struct dev_room *r, struct bw_error *e)
{
	static const char name[] = "/tmp/bwcallback-dev-XXXXXX";
	enum bw_err err;

	memcpy(r->folder, name, sizeof(name));
	if (mkdtemp(r->folder) == NULL) {
		err = fail(e, name);
		r->folder[0] = '\0';
		return err;
	}
	(void)snprintf(
	    r->overlay, sizeof(r->overlay), "%s/overlay.xml", r->folder);
	(void)snprintf(r->nginx, sizeof(r->nginx), "%s/nginx.conf", r->folder);
	(void)snprintf(
	    r->nginx_pid, sizeof(r->nginx_pid), "%s/nginx.pid", r->folder);
	(void)snprintf(r->log, sizeof(r->log), "%s/log", r->folder);
	(void)snprintf(
	    r->listen, sizeof(r->listen), "unix:%s/socket", r->folder);
	err = add_user(r, e);
	return err == BW_OK ? write_overlay(r, e) : err;
}

void
dev_room_remove(struct dev_room *r)
{
	if (r->folder[0] != '\0')
		remove_folder(r->folder);
	explicit_bzero(r->password, sizeof(r->password));
}
