/*
 * Sends requests to one path as Bandwidth does on first contact: without
 * credentials, then with them. An answer is either from bwcallback, which uses
 * fixed words, or from another server; the difference shows what is wrong.
 */
#include <stdio.h>
#include <string.h>

#include <bwcallback/callback.h>
#include <bwcallback/tools/passwd.h>
#include <bwcallback/tools/probe.h>

#include "cli/doctor/doctor_load.h"
#include "cli/doctor/doctor_path.h"

/* A query that is harmless to every flow. */
#define QUERY "?doctor=1&step=a%20b"

/*
 * At most this fraction of Bandwidth's timeout may pass before a flow begins.
 */
#define MAX_WAIT_SHARE 3

#define SEEN 400

/* bwcallback's own answers are text/plain and begin with a known word. */
static bool
is_ours(const struct doctor_answer *a, const char *word)
{
	return strncmp(a->type, "text/plain", 10) == 0 &&
	       doctor_begins(a, word);
}

/* Our challenge has a parameter that web servers do not send. */
static bool
is_our_challenge(const struct doctor_answer *a)
{
	for (size_t i = 0; i < a->nchallenges; i++) {
		if (strstr(a->challenges[i], "charset=\"UTF-8\"") != NULL)
			return true;
	}
	return false;
}

static bool
is_bxml(const struct doctor_answer *a)
{
	return strstr(a->type, "xml") != NULL && doctor_holds(a, "<Response");
}

static bool
is_portout_verdict(const struct doctor_answer *a)
{
	return a->status == 200 &&
	       doctor_holds(a, "<PortOutValidationResponse>");
}

static void
check_challenge(struct doctor *d, const struct doctor_path *p,
    const struct doctor_answer *a)
{
	char want[300];

	if (a->nchallenges == 0) {
		doctor_report_path(d, p, CHALLENGE_LOST,
		    "status 401 and bwcallback's words, but no "
		    "WWW-Authenticate");
		return;
	}
	if (!is_our_challenge(a)) {
		doctor_report_path(
		    d, p, FOREIGN_401, "challenge: %s", a->challenges[0]);
		return;
	}
	(void)snprintf(want, sizeof(want), "Basic realm=\"%.250s\",",
	    p->realm != NULL ? p->realm : "");
	if (p->realm != NULL && strchr(p->realm, '"') == NULL &&
	    strchr(p->realm, '\\') == NULL && a->nchallenges == 1 &&
	    strncmp(a->challenges[0], want, strlen(want)) != 0)
		doctor_report_path(d, p, OTHER_REALM,
		    "challenge: %s; the configuration has realm=\"%s\"",
		    a->challenges[0], p->realm);
}

static void
report_foreign_401(struct doctor *d, const struct doctor_path *p,
    const struct doctor_answer *a)
{
	if (is_our_challenge(a))
		doctor_report_path(d, p, INTERCEPTED,
		    "status 401 with bwcallback's challenge, but not its "
		    "words: %s",
		    a->type);
	else
		doctor_report_path(d, p, FOREIGN_401,
		    "status 401, challenge: %s, and not bwcallback's words",
		    a->nchallenges > 0 ? a->challenges[0] : "none");
}

/* Report a 2xx to a request without credentials. */
static void
report_open(struct doctor *d, const struct doctor_path *p,
    const struct doctor_answer *a)
{
	bool voice =
	    p->family == NULL || strcmp(p->family->element, "voice") == 0;

	if (is_ours(a, "probe: ")) {
		doctor_report_path(d, p, NOT_CHALLENGED,
		    "a request without credentials is let in");
	} else if (voice && is_bxml(a)) {
		doctor_report_path(d, p, COVERED,
		    "without credentials: status %ld and BXML", a->status);
	} else if (is_portout_verdict(a)) {
		doctor_report_path(d, p, NOT_CHALLENGED,
		    "a port-out request without credentials gets a verdict");
	} else {
		doctor_report_path(d, p, OPEN_200,
		    "without credentials: status %ld, %s", a->status,
		    a->type[0] != '\0' ? a->type : "no body");
	}
}

/*
 * Some servers keep the challenge when they replace the 401, and its status.
 */
static void
report_replaced(struct doctor *d, const struct doctor_path *p,
    const struct doctor_answer *a)
{
	doctor_report_path(d, p, REPLACED,
	    "without credentials: status %ld, %s, with bwcallback's challenge: "
	    "it was a 401",
	    a->status, a->type[0] != '\0' ? a->type : "no body");
}

/* lighttpd sends the header and no page if its error-handler is a file. */
static void
report_cut(struct doctor *d, const struct doctor_path *p,
    const struct doctor_answer *a)
{
	doctor_report_path(d, p, INTERCEPTED,
	    "status 401 with bwcallback's challenge, and its words do not "
	    "come: %s",
	    a->why);
}

static void
report_4xx(struct doctor *d, const struct doctor_path *p,
    const struct doctor_answer *a, const char *seen)
{
	switch (a->status) {
	case 404:
		if (is_ours(a, "no such path"))
			doctor_report_path(d, p, NO_SECTION, "%s", seen);
		else
			doctor_report_path(d, p, NOT_ROUTED, "%s", seen);
		return;
	case 405:
		doctor_report_path(
		    d, p, NOT_ROUTED, "%s: files cannot be posted to", seen);
		return;
	case 403:
		doctor_report_path(d, p, REFUSED, "%s", seen);
		return;
	case 429:
		doctor_report_path(d, p, LIMITED, "%s", seen);
		return;
	default:
		doctor_report_path(d, p, UNEXPECTED, "%s", seen);
	}
}

static void
report_5xx(struct doctor *d, const struct doctor_path *p,
    const struct doctor_answer *a, const char *seen)
{
	if (is_ours(a, "wrong use"))
		doctor_report_path(d, p, PARAMETERS, "%s", seen);
	else if (is_ours(a, "configuration error") ||
		 is_ours(a, "file cannot be read"))
		doctor_report_path(d, p, CONFIG_BROKEN, "%s", seen);
	else if (strncmp(a->type, "text/plain", 10) == 0 && a->body.n < 60 &&
		 a->body.n > 1)
		doctor_report_path(d, p, TROUBLED, "%s", seen);
	else if (a->status == 500)
		doctor_report_path(d, p, BROKEN, "%s", seen);
	else
		doctor_report_path(d, p, DOWN, "%s", seen);
}

/* Report an unexpected answer: which server sent it, and why. */
static void
report_other(struct doctor *d, const struct doctor_path *p, const char *how,
    const struct doctor_answer *a)
{
	char seen[SEEN], what[SEEN - 60], location[SEEN - 60];

	doctor_mask(BW_MASK_URL,
	    (struct bw_str){a->location, strlen(a->location)}, location,
	    sizeof(location));
	doctor_describe(a, what, sizeof(what));
	(void)snprintf(seen, sizeof(seen), "%s: %s", how, what);
	if (a->code == CURLE_OPERATION_TIMEDOUT)
		doctor_report_path(d, p, TIMEOUT, "%s", seen);
	else if (a->code != CURLE_OK)
		doctor_report_path(d, p, UNREACHABLE, "%s", seen);
	else if (a->status >= 300 && a->status < 400)
		doctor_report_path(d, p, REDIRECT, "status %ld, Location: %s",
		    a->status, location);
	else if (a->status == 401)
		report_foreign_401(d, p, a);
	else if (a->status >= 500)
		report_5xx(d, p, a, seen);
	else if (a->status >= 400)
		report_4xx(d, p, a, seen);
	else
		doctor_report_path(d, p, UNEXPECTED, "%s", seen);
}

static long
max_wait(const struct doctor_path *p)
{
	return p->family != NULL ? p->family->wait
				 : doctor_family("messaging")->wait;
}

static bool
is_late(const struct doctor_path *p, const struct doctor_answer *a)
{
	return a->seconds * 1000 > (double)(max_wait(p) / MAX_WAIT_SHARE);
}

static void
check_time(struct doctor *d, const struct doctor_path *p,
    const struct doctor_answer *a)
{
	if (is_late(p, a))
		doctor_report_path(d, p, SLOW,
		    "%ld ms until the answer; Bandwidth waits %ld ms",
		    (long)(a->seconds * 1000), max_wait(p));
}

/* Answer to a request without credentials. */
enum contact {
	STRANGE,    /* an answer that ends the test */
	CHALLENGED, /* our 401: credentials are missing */
	UNSIGNED /* our 401: the signature is missing; the test cannot go on */
};

static enum contact
ask_without(struct doctor *d, const struct doctor_path *p)
{
	struct doctor_ask q = doctor_question(d, p);
	struct doctor_answer a = {.status = 0};
	enum contact c = STRANGE;

	doctor_step(p->url, "without credentials");
	if (doctor_ask(d, &q, &a)) {
		if (a.status != 401 && is_our_challenge(&a))
			report_replaced(d, p, &a);
		else if (a.code != CURLE_OK && is_our_challenge(&a))
			report_cut(d, p, &a);
		else if (a.code != CURLE_OK || a.status < 200)
			report_other(d, p, "without credentials", &a);
		else if (a.status == 401 && is_ours(&a, "missing"))
			c = CHALLENGED;
		else if (a.status == 401 && is_ours(&a, "signature"))
			c = UNSIGNED;
		else if (a.status <= 299)
			report_open(d, p, &a);
		else
			report_other(d, p, "without credentials", &a);
	}
	if (c == CHALLENGED)
		check_challenge(d, p, &a);
	if (c != STRANGE)
		check_time(d, p, &a);
	doctor_answer_free(&a);
	return c;
}

/*
 * Uses a name that no user has, so that the log shows where the attempt came
 * from.
 */
static bool
ask_with_wrong(struct doctor *d, const struct doctor_path *p)
{
	struct doctor_ask q = doctor_question(d, p);
	struct doctor_answer a = {.status = 0};
	char password[21];
	bool on = false;

	doctor_step(p->url, "with wrong credentials");
	q.user = "bwcallback-doctor";
	q.password = password;
	if (bw_passwd_generate(password, sizeof(password) - 1, NULL) != BW_OK)
		d->failed = true;
	if (d->failed || !doctor_ask(d, &q, &a))
		goto out;
	/*
	 * Wrong credentials on a port-out get a denial: an error would count as
	 * consent.
	 */
	if ((a.status == 401 && is_ours(&a, "rejected")) ||
	    is_portout_verdict(&a))
		on = true;
	else if (a.status == 401 && is_ours(&a, "missing"))
		doctor_report_path(d, p, STRIPPED,
		    "wrong credentials were sent, and bwcallback says "
		    "\"missing\", not \"rejected\"");
	else
		report_other(d, p, "with wrong credentials", &a);
out:
	doctor_answer_free(&a);
	return on;
}

/* Compare "probe: voice body=64 path=6 query=20" with what was sent. */
static void
check_arrival(struct doctor *d, const struct doctor_path *p,
    const struct doctor_answer *a)
{
	char path[64], query[64];

	(void)snprintf(path, sizeof(path), " path=%zu ", strlen(p->path));
	(void)snprintf(query, sizeof(query), " query=%zu", strlen(QUERY) - 1);
	if (!doctor_holds(a, path))
		doctor_report_path(d, p, PATH_CHANGED,
		    "a path of %zu characters was sent, and this arrived: %s",
		    strlen(p->path), a->body.p);
	if (!doctor_holds(a, query))
		doctor_report_path(d, p, QUERY_LOST,
		    "\"%s\" was sent, and this arrived: %s", QUERY, a->body.p);
}

static void
name_passwd(struct doctor *d, const struct doctor_path *p, enum doctor_id id)
{
	if (p->passwd != NULL)
		doctor_found_passwd(&d->report, id, p->passwd);
}

/* Returns true if the request was accepted. */
static bool
ask_with_right(struct doctor *d, const struct doctor_path *p)
{
	struct doctor_ask q = doctor_question(d, p);
	struct doctor_answer a = {.status = 0};
	char url[2304];
	bool on = false;

	doctor_step(p->url, "with credentials");
	(void)snprintf(url, sizeof(url), "%s%s", p->url, QUERY);
	q.url = url;
	q.user = d->user;
	q.password = d->password;
	if (!doctor_ask(d, &q, &a))
		goto out;
	if (is_late(p, &a)) { /* the first request also hashes the password */
		doctor_answer_free(&a);
		if (!doctor_ask(d, &q, &a))
			goto out;
	}
	check_time(d, p, &a);
	if (a.status == 200 && doctor_holds(&a, "probe: ")) {
		check_arrival(d, p, &a);
		on = true;
	} else if (is_portout_verdict(&a)) {
		doctor_report_path(d, p, DENIED,
		    "the verdict is the one that wrong credentials get");
		name_passwd(d, p, DOCTOR_DENIED);
	} else if (a.status == 401 && is_ours(&a, "rejected")) {
		doctor_report_path(d, p, REJECTED, "%s", a.body.p);
		name_passwd(d, p, DOCTOR_REJECTED);
	} else {
		report_other(d, p, "with credentials", &a);
	}
out:
	doctor_answer_free(&a);
	return on;
}

/* Test the answer of a web server that cannot reach its back end. */
static void
ask_for_outage(struct doctor *d, const struct doctor_path *p)
{
	struct doctor_ask q = doctor_question(d, p);
	struct doctor_answer a = {.status = 0};
	bool voice =
	    p->family != NULL && strcmp(p->family->element, "voice") == 0;

	doctor_step(p->url, "with no answer");
	q.type = BW_PROBE_OUTAGE;
	q.user = d->user;
	q.password = d->password;
	if (!doctor_ask(d, &q, &a) || is_ours(&a, "probe: "))
		goto out;
	if (a.status >= 200 && a.status <= 299 && !(voice && is_bxml(&a)))
		doctor_report_path(d, p, OPEN_200,
		    "bwcallback gave it nothing to send, and it sent status "
		    "%ld, %s",
		    a.status, a.type[0] != '\0' ? a.type : "no body");
	else if (a.status >= 300 && a.status <= 399)
		report_other(d, p, "with no answer of bwcallback", &a);
	else if (voice && a.status >= 400)
		doctor_report_path(d, p, SILENT,
		    "bwcallback gave it nothing to send, and it sent status "
		    "%ld",
		    a.status);
out:
	doctor_answer_free(&a);
}

/* Can a burst of requests show anything? Only if each answer can be told
 * apart: from bwcallback or from the web server. */
static bool
is_reached(const struct doctor_report *r)
{
	return !doctor_has(r, DOCTOR_UNREACHABLE) &&
	       !doctor_has(r, DOCTOR_TIMEOUT) && !doctor_has(r, DOCTOR_DOWN) &&
	       !doctor_has(r, DOCTOR_REDIRECT) &&
	       !doctor_has(r, DOCTOR_INTERCEPTED);
}

void
doctor_path(struct doctor *d, const struct doctor_path *p)
{
	enum contact c = ask_without(d, p);
	bool taken = false;

	if (c == CHALLENGED && ask_with_wrong(d, p) && d->user != NULL &&
	    !d->insecure)
		taken = ask_with_right(d, p);
	if (c != STRANGE)
		doctor_bodies(d, p, taken);
	if (is_reached(&d->report) && !d->hurried) {
		d->hurried = true;
		doctor_burst(d, p);
	}
	if (taken && d->outage)
		ask_for_outage(d, p);
}
