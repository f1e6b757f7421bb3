/* Recognises the web server that answers. */
#include <string.h>

#include "cli/doctor/doctor_server.h"

static const char *const headers[] = {
#define SERVER(NAME, header, label) [DOCTOR_##NAME] = (header),
#include "cli/doctor/doctor.def"
};

/* Other servers, which are configured like a known one. */
static const struct {
	const char *header;
	enum doctor_server server;
} kin[] = {
    {"openresty", DOCTOR_NGINX},
    {"LiteSpeed", DOCTOR_APACHE},
};

enum doctor_server
doctor_recognise(const struct doctor_answer *a)
{
	for (int i = 0; i < DOCTOR_SERVER__MAX; i++) {
		if (headers[i] != NULL &&
		    strncasecmp(a->server, headers[i], strlen(headers[i])) == 0)
			return (enum doctor_server)i;
	}
	for (size_t i = 0; i < sizeof(kin) / sizeof(kin[0]); i++) {
		if (strncasecmp(
			a->server, kin[i].header, strlen(kin[i].header)) == 0)
			return kin[i].server;
	}
	/*
	 * All others send a Server header field; HAProxy's own pages begin like
	 * this.
	 */
	if (a->server[0] == '\0' && doctor_begins(a, "<html><body><h1>"))
		return DOCTOR_HAPROXY;
	return DOCTOR_ANY;
}
