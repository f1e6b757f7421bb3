/* Checks the consumers of the store: forgotten, late, with dead letters. */
#include <stdio.h>

#include <bwcallback/tools/clock.h>
#include <bwcallback/tools/store.h>

#include "cli/common/event_columns.h"
#include "cli/doctor/doctor_files.h"

#define HOUR INT64_C(3600000)

/* A consumer may be started once a day. */
#define FORGOTTEN (48 * HOUR)

/* An event that fails is tried for half an hour, unless options say else. */
#define LATE HOUR

struct checking {
	struct doctor_report *report;
	const char *of; /* the store */
	int64_t now;
};

static void
check_seen(const struct checking *c, const char *name,
    const struct bw_store_consumer_state *s)
{
	int64_t seen = s->seen != 0 ? s->seen : s->created;
	uint64_t lag = s->pending + s->ahead;
	char age[32];

	if (s->held > 0 && c->now - seen > FORGOTTEN) {
		events_age(age, c->now - seen);
		doctor_found(c->report, DOCTOR_CONSUMER_GONE, name, NULL,
		    DOCTOR_ANY,
		    "%sconsumer %s was last seen %s ago and keeps %llu events",
		    c->of, name, age, (unsigned long long)s->held);
	} else if (s->oldest != 0 && c->now - s->oldest > LATE) {
		events_age(age, c->now - s->oldest);
		doctor_found(c->report, DOCTOR_CONSUMER_LATE, name, NULL,
		    DOCTOR_ANY,
		    "%sconsumer %s: %llu events wait, the oldest came %s ago",
		    c->of, name, (unsigned long long)lag, age);
	}
}

static bool
check(void *arg, const struct bw_store_consumer_state *s)
{
	const struct checking *c = arg;
	char name[BW_STORE_MAX_NAME + 1];

	(void)snprintf(name, sizeof(name), "%.*s", (int)s->name.n, s->name.p);
	check_seen(c, name, s);
	if (s->dead > 0)
		doctor_found(c->report, DOCTOR_CONSUMER_DEAD, name, NULL,
		    DOCTOR_ANY, "%sconsumer %s: %llu dead letters", c->of, name,
		    (unsigned long long)s->dead);
	return true;
}

enum bw_err
doctor_consumers(struct doctor_report *r, const char *of,
    struct bw_store *store, struct bw_error *e)
{
	struct checking c = {.report = r, .of = of, .now = bw_realtime_ms()};

	return bw_store_consumers(store, INT64_MAX, check, &c, e);
}
