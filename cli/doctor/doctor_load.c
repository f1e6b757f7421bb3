/* Tests with slow bodies, large bodies, and simultaneous requests. */
#include <stdio.h>
#include <string.h>

#include "cli/doctor/doctor_load.h"

/* Sent in four pieces; a server may also wait for all of it. */
#define SLOW_BODY 4096

/* Larger than buffers, and sent several times: losses may be intermittent. */
#define LARGE  60000
#define LARGER 200000
#define TIMES  5

/* As many as in a busy minute, and fewer than any limit should be. */
#define BURST 8

/*
 * A server that does not answer within this time, without other load, is stuck.
 * Longer than mod_fcgid takes to start this many programs.
 */
#define BURST_WAIT 8000L

static bool
is_refusal(const struct doctor_answer *a)
{
	return a->code == CURLE_OK && a->status == 401 &&
	       (doctor_begins(a, "missing") || doctor_begins(a, "signature"));
}

static void
report_slow(struct doctor *d, const struct doctor_path *p,
    const struct doctor_answer *a, bool taken)
{
	char what[300], whole[32];

	doctor_describe(a, what, sizeof(what));
	(void)snprintf(whole, sizeof(whole), " body=%d ", SLOW_BODY);
	if (a->code == CURLE_OPERATION_TIMEDOUT)
		doctor_report_path(d, p, TIMEOUT,
		    "4 pieces of a body, half a second apart: %s", what);
	else if (a->code == CURLE_OK && a->status == 200 && taken &&
		 doctor_holds(a, "probe: ") && !doctor_holds(a, whole))
		doctor_report_path(d, p, CUT,
		    "%d bytes were sent in 4 pieces, and this arrived: %s",
		    SLOW_BODY, a->body.p);
	else if (a->code != CURLE_OK ||
		 (taken ? a->status != 200 : !is_refusal(a)))
		doctor_report_path(d, p, CHUNKED,
		    "4 pieces of a body, half a second apart: %s", what);
}

static void
ask_slowly(struct doctor *d, const struct doctor_path *p, bool taken)
{
	struct doctor_ask q = doctor_question(d, p);
	struct doctor_answer a = {.status = 0};

	doctor_step(p->url, "with a slow body");
	q.body = SLOW_BODY;
	q.slow = true;
	if (taken) {
		q.user = d->user;
		q.password = d->password;
	}
	if (doctor_ask(d, &q, &a))
		report_slow(d, p, &a, taken);
	doctor_answer_free(&a);
}

static void
report_large(struct doctor *d, const struct doctor_path *p, size_t size,
    int lost, const char *what, bool refused)
{
	if (!refused)
		doctor_report_path(d, p, LOST,
		    "%zu bytes, %d times: %d answers incomplete: %s", size,
		    TIMES, lost, what);
	else if (size == LARGE)
		doctor_report_path(d, p, LIMIT, "%zu bytes: %s", size, what);
	else
		doctor_report_path(
		    d, p, LIMIT_LARGE, "%zu bytes: %s", size, what);
}

/* False: do not try a larger body. */
static bool
ask_largely(struct doctor *d, const struct doctor_path *p, size_t size)
{
	struct doctor_ask q = doctor_question(d, p);
	char what[300] = "";
	bool refused = false;
	int wrong = 0;

	doctor_step(p->url, "with a large body");
	q.body = size;
	for (int i = 0; i < TIMES && !d->failed; i++) {
		struct doctor_answer a = {.status = 0};

		if (doctor_ask(d, &q, &a) && !is_refusal(&a)) {
			wrong++;
			refused = refused || a.code == CURLE_OK;
			doctor_describe(&a, what, sizeof(what));
		}
		doctor_answer_free(&a);
	}
	if (wrong > 0)
		report_large(d, p, size, wrong, what, refused);
	return wrong == 0;
}

void
doctor_bodies(struct doctor *d, const struct doctor_path *p, bool taken)
{
	ask_slowly(d, p, taken);
	if (ask_largely(d, p, LARGE))
		(void)ask_largely(d, p, LARGER);
}

void
doctor_burst(struct doctor *d, const struct doctor_path *p)
{
	struct doctor_ask q = doctor_question(d, p);
	struct doctor_answer all[BURST];
	int answered = 0, late = 0;
	const struct doctor_answer *refused = NULL;

	doctor_step(p->url, "several at once");
	q.wait = BURST_WAIT;
	if (!doctor_wire_burst(&q, all, BURST))
		d->failed = true;
	for (int i = 0; i < BURST; i++) {
		answered += all[i].code == CURLE_OK;
		late += all[i].code == CURLE_OPERATION_TIMEDOUT;
		if (all[i].code == CURLE_OK &&
		    (all[i].status == 429 || all[i].status == 503))
			refused = &all[i];
	}
	if (refused != NULL && !doctor_has(&d->report, DOCTOR_DOWN) &&
	    !doctor_has(&d->report, DOCTOR_TROUBLED))
		doctor_report_path(d, p, LIMITED,
		    "of %d requests at once, one is answered status %ld", BURST,
		    refused->status);
	if (late > 0 && !doctor_has(&d->report, DOCTOR_TIMEOUT))
		doctor_report_path(d, p, STUCK,
		    "of %d requests at once, %d are answered, and %d are not "
		    "within %ld s",
		    BURST, answered, late, q.wait / 1000);
	for (int i = 0; i < BURST; i++)
		doctor_answer_free(&all[i]);
}
