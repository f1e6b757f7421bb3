/*
 * Replaces what the C library loads from the machine at run time: a static
 * program must not run code of another C library. So host names are not
 * resolved, groups come from /etc/group only, modules are not loaded, and only
 * libxml2's built-in character sets are supported.
 */
#include <config.h>

#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <grp.h>
#include <iconv.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

void *
dlopen(const char *file, int mode)
{
	(void)file;
	(void)mode;
	return NULL;
}

void *
dlsym(void *handle, const char *name)
{
	(void)handle;
	(void)name;
	return NULL;
}

int
dlclose(void *handle)
{
	(void)handle;
	return -1;
}

char *
dlerror(void)
{
	static char why[] = "this static program cannot load modules; build "
			    "one for the machine";

	return why;
}

iconv_t
iconv_open(const char *to, const char *from)
{
	(void)to;
	(void)from;
	errno = EINVAL;
	return (iconv_t)-1;
}

size_t
iconv(iconv_t cd, char **in, size_t *in_n, char **out, size_t *out_n)
{
	(void)cd;
	(void)in;
	(void)in_n;
	(void)out;
	(void)out_n;
	errno = EBADF;
	return (size_t)-1;
}

int
iconv_close(iconv_t cd)
{
	(void)cd;
	return 0;
}

struct group *
getgrnam(const char *name)
{
	static struct group group;
	static char room[16384];
	struct group *found = NULL;
	FILE *f = fopen("/etc/group", "re");

	if (f == NULL)
		return NULL;
	while (fgetgrent_r(f, &group, room, sizeof(room), &found) == 0 &&
	       strcmp(group.gr_name, name) != 0)
		found = NULL;
	(void)fclose(f);
	return found;
}

/* Parse a numeric address and a port. */
static int
parse_address(const char *host, const char *port, struct sockaddr_storage *sa,
    socklen_t *n)
{
	struct sockaddr_in in = {.sin_family = AF_INET};
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};
	unsigned v = 0;

	for (; *port >= '0' && *port <= '9' && v <= 65535; port++)
		v = v * 10 + (unsigned)(*port - '0');
	if (*port != '\0' || v > 65535)
		return EAI_SERVICE;
	if (inet_pton(AF_INET, host, &in.sin_addr) == 1) {
		in.sin_port = htons((uint16_t)v);
		*n = sizeof(in);
		memcpy(sa, &in, sizeof(in));
	} else if (inet_pton(AF_INET6, host, &in6.sin6_addr) == 1) {
		in6.sin6_port = htons((uint16_t)v);
		*n = sizeof(in6);
		memcpy(sa, &in6, sizeof(in6));
	} else {
		return EAI_NONAME;
	}
	return 0;
}

int
getaddrinfo(const char *host, const char *port, const struct addrinfo *hints,
    struct addrinfo **out)
{
	struct {
		struct addrinfo ai;
		struct sockaddr_storage sa;
	} *found = calloc(1, sizeof(*found));
	int rc = EAI_MEMORY;

	if (found != NULL && host != NULL && port != NULL)
		rc = parse_address(
		    host, port, &found->sa, &found->ai.ai_addrlen);
	if (rc != 0) {
		free(found);
		return rc;
	}
	found->ai.ai_family = found->sa.ss_family;
	found->ai.ai_socktype = hints != NULL ? hints->ai_socktype : 0;
	found->ai.ai_addr = (struct sockaddr *)&found->sa;
	*out = &found->ai;
	return 0;
}

void
freeaddrinfo(struct addrinfo *ai)
{
	free(ai); /* ai is the first member of the allocated struct */
}

const char *
gai_strerror(int code)
{
	switch (code) {
	case EAI_NONAME:
		return "this static program cannot resolve names: write an "
		       "address, like 127.0.0.1";
	case EAI_MEMORY:
		return "out of memory";
	default:
		return "not a port";
	}
}

/* libfcgi refers to it in a function that is not used. */
struct hostent *
gethostbyname(const char *name)
{
	(void)name;
	return NULL;
}
