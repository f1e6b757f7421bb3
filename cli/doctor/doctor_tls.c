/*
 * Checks the certificate as a client sees it: dates, name, chain. libcurl's
 * error texts depend on its TLS library, so the cause is found by inspection.
 */
#include "cli/doctor/doctor_tls.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/doctor/doctor_wire.h"

#define WAIT 20000L
#define DAY  (24 * 60 * 60)

/* Automatic renewal happens weeks before the end. */
#define SOON (14 * DAY)

/* The first certificate sent, which is the server's. */
struct certificate {
	time_t begins, ends; /* -1: unknown */
	char dates[2][64];
	char subject[256];
	char issuer[256];
	int sent; /* number of certificates */
};

static void
take_line(struct certificate *c, const char *line)
{
	static const struct {
		const char *name;
		size_t at, size;
	} fields[] = {
#define FIELD(name, member) \
	{name, offsetof(struct certificate, member), \
	    sizeof(((struct certificate *)0)->member)}
	    FIELD("Start date:", dates[0]),
	    FIELD("Expire date:", dates[1]),
	    FIELD("Subject:", subject),
	    FIELD("Issuer:", issuer),
#undef FIELD
	};

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		size_t n = strlen(fields[i].name);

		if (strncmp(line, fields[i].name, n) == 0)
			(void)snprintf((char *)c + fields[i].at, fields[i].size,
			    "%s", line + n);
	}
}

/* Month 0 to 11 of "Jan" and so on; -1: none. */
static int
month_of(const char *name)
{
	static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

	for (int i = 0; i < 12; i++) {
		if (memcmp(names + 3 * (size_t)i, name, 3) == 0)
			return i;
	}
	return -1;
}

/*
 * A date as libcurl has it from OpenSSL or from another library; -1 if it is
 * neither. Not curl_getdate(): on 32-bit machines libcurl's time_t may have 32
 * bits, and ours has 64.
 */
static time_t
read_date(const char *s)
{
	char name[4] = "";
	struct tm t = {0};
	int n = 0;

	if (sscanf(s, "%3[A-Za-z] %2d %2d:%2d:%2d %4d GMT%n", name, &t.tm_mday,
		&t.tm_hour, &t.tm_min, &t.tm_sec, &t.tm_year, &n) == 6 &&
	    strlen(name) == 3)
		t.tm_mon = month_of(name);
	else if (sscanf(s, "%4d-%2d-%2d %2d:%2d:%2d GMT%n", &t.tm_year,
		     &t.tm_mon, &t.tm_mday, &t.tm_hour, &t.tm_min, &t.tm_sec,
		     &n) == 6)
		t.tm_mon--;
	if (n == 0 || s[n] != '\0' || t.tm_mon < 0 || t.tm_mon > 11)
		return -1;
	t.tm_year -= 1900;
	return timegm(&t);
}

static void
take_certificate(CURL *curl, struct certificate *c)
{
	struct curl_certinfo *info = NULL;

	*c = (struct certificate){.begins = -1, .ends = -1};
	if (curl_easy_getinfo(curl, CURLINFO_CERTINFO, &info) != CURLE_OK ||
	    info == NULL || info->num_of_certs < 1)
		return;
	c->sent = info->num_of_certs;
	for (const struct curl_slist *l = info->certinfo[0]; l != NULL;
	     l = l->next)
		take_line(c, l->data);
	c->begins = read_date(c->dates[0]);
	c->ends = read_date(c->dates[1]);
}

struct look {
	CURLcode code;
	char why[CURL_ERROR_SIZE];
	struct certificate certificate;
};

/* Only connect, and verify the chain, the name, both or neither. */
static bool
look_at(const char *url, bool chain, bool name, struct look *out)
{
	CURL *c = doctor_wire_handle(url);

	*out = (struct look){.code = CURLE_FAILED_INIT};
	if (c == NULL)
		return false;
	(void)curl_easy_setopt(c, CURLOPT_CONNECT_ONLY, 1L);
	(void)curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, WAIT);
	(void)curl_easy_setopt(c, CURLOPT_CERTINFO, 1L);
	(void)curl_easy_setopt(c, CURLOPT_SSL_VERIFYPEER, chain ? 1L : 0L);
	(void)curl_easy_setopt(c, CURLOPT_SSL_VERIFYHOST, name ? 2L : 0L);
	(void)curl_easy_setopt(c, CURLOPT_ERRORBUFFER, out->why);
	out->code = curl_easy_perform(c);
	take_certificate(c, &out->certificate);
	curl_easy_cleanup(c);
	return true;
}

static void
check_dates(struct doctor_report *r, const char *url, enum doctor_server s,
    const struct certificate *c, time_t now)
{
	long days = (long)((c->ends - now) / DAY);

	if (c->ends != -1 && c->ends <= now)
		doctor_found(r, DOCTOR_TLS_EXPIRED, url, NULL, s,
		    "valid until %s", c->dates[1]);
	else if (c->ends != -1 && c->ends - now < SOON)
		doctor_found(r, DOCTOR_TLS_SOON, url, NULL, s,
		    "valid until %s: %ld days", c->dates[1], days);
	if (c->begins != -1 && c->begins > now)
		doctor_found(r, DOCTOR_TLS_EARLY, url, NULL, s, "valid from %s",
		    c->dates[0]);
}

/* The dates are valid but the chain is not: report what is missing. */
static void
explain_chain(struct doctor_report *r, const char *url, enum doctor_server s,
    const struct certificate *c, const char *why)
{
	bool own = strcmp(c->subject, c->issuer) == 0;

	doctor_found(r,
	    c->sent == 1 && !own ? DOCTOR_TLS_CHAIN : DOCTOR_TLS_UNKNOWN, url,
	    NULL, s, "%d certificate%s sent, the first of %s by %s: %s",
	    c->sent, c->sent == 1 ? "" : "s", c->subject, c->issuer, why);
}

static bool
explain(struct doctor_report *r, const char *url, enum doctor_server s)
{
	time_t now = time(NULL);
	const struct certificate *c;
	struct look bare, name, chain;
	bool dated;

	if (!look_at(url, false, false, &bare) ||
	    !look_at(url, false, true, &name) ||
	    !look_at(url, true, false, &chain))
		return false;
	if (bare.code != CURLE_OK) {
		doctor_found(r, DOCTOR_TLS_FAILS, url, NULL, s, "%s", bare.why);
		return true;
	}
	c = &bare.certificate;
	check_dates(r, url, s, c, now);
	if (name.code != CURLE_OK)
		doctor_found(r, DOCTOR_TLS_NAME, url, NULL, s, "it is for %s",
		    c->subject);
	dated = doctor_has(r, DOCTOR_TLS_EXPIRED) ||
		doctor_has(r, DOCTOR_TLS_EARLY);
	/*
	 * Wrong dates make any chain invalid, so the chain result says nothing.
	 */
	if (!dated && chain.code != CURLE_OK)
		explain_chain(r, url, s, c, chain.why);
	return true;
}

bool
doctor_tls(struct doctor_report *r, const char *url, enum doctor_server s,
    bool *trusted)
{
	struct look first;

	if (!look_at(url, true, true, &first))
		return false;
	*trusted = first.code == CURLE_OK;
	if (*trusted) {
		check_dates(r, url, s, &first.certificate, time(NULL));
		return true;
	}
	/* The requests report a server that cannot be reached. */
	if (first.code == CURLE_COULDNT_CONNECT ||
	    first.code == CURLE_COULDNT_RESOLVE_HOST ||
	    first.code == CURLE_OPERATION_TIMEDOUT)
		return true;
	return explain(r, url, s);
}
