/* bwcallback simulate: what was asked for. */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/sysinfo.h>

#include <bwcallback/limits.h>
#include <bwcallback/tools/clock.h>

#include "sim/base/memory.h"
#include "sim/world/assumptions.h"

#include "cli/common/command.h"
#include "cli/common/input.h"
#include "cli/common/units.h"
#include "cli/simulate/simulate.h"

#define MAX_THREADS 2000

void
simulate_options_init(struct simulate_options *o)
{
	uint32_t seed = 0;

	*o = (struct simulate_options){
	    .from = "+19195550142",
	    .to = "+19195550100",
	    .concurrency = 10,
	    .jobs = get_nprocs(),
	};
	o->at = bw_realtime_ms();
	/* A server remembers calls: ids must be new ones. */
	if (getrandom(&seed, sizeof(seed), 0) != sizeof(seed))
		seed = (uint32_t)bw_monotonic_ns();
	o->seed = (int64_t)seed + 1;
	sim_options_init(&o->world);
	sim_role_init(&o->person);
	sim_cast_init(&o->cast);
	bw_buf_init(&o->secret, BW_MAX_PASSWD);
}

void
simulate_options_free(struct simulate_options *o)
{
	sim_role_free(&o->person);
	sim_cast_free(&o->cast);
	if (o->secret.p != NULL)
		explicit_bzero(o->secret.p, o->secret.n);
	bw_buf_free(&o->secret);
}

enum kind {
	TEXT,
	FLAG,
	COUNT, /* at least 1 */
	TIME,
	DEEDS,	/* words of a role */
	CALLEE, /* NUMBER=WORDS */
	ASSUME, /* NAME=VALUE */
	MISHAP	/* N=WORD */
};

#define CALL	   SIMULATE_FOR_CALL
#define TEST	   SIMULATE_FOR_TEST
#define FAMILY	   SIMULATE_FOR_FAMILY
#define EXPLORE	   SIMULATE_FOR_EXPLORE
#define AT(member) offsetof(struct simulate_options, member)

static const struct {
	const char *name;
	enum kind kind;
	size_t at;
	unsigned who;
} options[] = {
    {"--flow", TEXT, AT(flow), CALL | TEST | FAMILY | EXPLORE},
    {"--url", TEXT, AT(url), TEST},
    {"--user", TEXT, AT(user), CALL | TEST | FAMILY | EXPLORE},
    {"--password-file", TEXT, AT(password_file),
	CALL | TEST | FAMILY | EXPLORE},
    {"--from", TEXT, AT(from), CALL | EXPLORE},
    {"--to", TEXT, AT(to), CALL | EXPLORE},
    {"--status-url", TEXT, AT(status_url), CALL | EXPLORE},
    {"--fallback-url", TEXT, AT(fallback_url), CALL | EXPLORE},
    {"--from-log", TEXT, AT(log), CALL},
    {"--store", TEXT, AT(store), CALL},
    {"--digits", DEEDS, AT(person), CALL},
    {"--callee", CALLEE, AT(cast), CALL},
    {"--outbound", FLAG, AT(outbound), CALL | EXPLORE},
    {"--interactive", FLAG, AT(interactive), CALL},
    {"--real-time", FLAG, AT(real_time), CALL},
    {"--reveal", FLAG, AT(reveal), CALL},
    {"--json", FLAG, AT(json), CALL | FAMILY | EXPLORE},
    {"--assume", ASSUME, AT(world), CALL | TEST | FAMILY},
    {"--at", TIME, AT(at), CALL | TEST | FAMILY | EXPLORE},
    {"--seed", COUNT, AT(seed), CALL | TEST | FAMILY | EXPLORE},
    {"--calls", COUNT, AT(calls), CALL},
    {"--concurrency", COUNT, AT(concurrency), CALL},
    {"--machine-detection", TEXT, AT(machine_detection), CALL | EXPLORE},
    {"--machine", TEXT, AT(machine), CALL},
    {"--tag", TEXT, AT(tag), CALL | EXPLORE},
    {"--fail", MISHAP, AT(fail), CALL},
    {"--callers", COUNT, AT(callers), EXPLORE},
    {"--jobs", COUNT, AT(jobs), TEST | EXPLORE},
    {"--coverage", TEXT, AT(coverage), TEST},
};

/* "NUMBER=WORDS" */
static enum bw_err
set_callee(struct sim_cast *cast, const char *value, struct bw_error *e)
{
	const char *sign = strrchr(value, '=');
	char *number;
	enum bw_err err;

	/* A SIP URI may hold one, and so may "say=...". */
	if (strstr(value, "=say=") != NULL)
		sign = strstr(value, "=say=");
	if (sign == NULL || sign == value)
		return bw_error_set(
		    e, BW_ERR_USAGE, 0, "--callee %s: not NUMBER=WORDS", value);
	number = sim_copy_str((struct bw_str){value, (size_t)(sign - value)});
	err = sim_role_parse(sim_cast_role(cast, number), sign + 1, e);
	free(number);
	return err;
}

/* "3=timeout": what befalls the third callback. */
static enum bw_err
set_mishap(struct sim_wire_fault *m, const char *value, struct bw_error *e)
{
	const char *sign = strchr(value, '=');
	char *number = sim_copy_str(
	    (struct bw_str){value, sign != NULL ? (size_t)(sign - value) : 0});
	enum sim_wire_fault_kind kind =
	    sign != NULL ? sim_wire_fault_of(sign + 1) : SIM_WIRE_FAULT_NONE;
	int64_t at = 0;
	bool good = units_count(number, &at) && at <= SIM_MAX_FAULT_REQUESTS &&
		    kind != SIM_WIRE_FAULT_NONE;

	free(number);
	if (!good)
		return bw_error_set(e, BW_ERR_USAGE, 0,
		    "--fail %s: not NUMBER=timeout, 503 or cut", value);
	sim_wire_fault_init(m, kind, (size_t)at);
	return BW_OK;
}

static enum bw_err
set_value(void *to, enum kind kind, const char *value, struct bw_error *e)
{
	bool good = true;

	switch (kind) {
	case TEXT:
		*(const char **)to = value;
		break;
	case FLAG:
		*(bool *)to = true;
		break;
	case COUNT:
		good = units_count(value, to);
		break;
	case TIME:
		good = units_time(value, to);
		break;
	case DEEDS:
		return sim_role_parse(to, value, e);
	case CALLEE:
		return set_callee(to, value, e);
	case ASSUME:
		return sim_assumption_set(to, value, e);
	case MISHAP:
		return set_mishap(to, value, e);
	}
	if (good)
		return BW_OK;
	return bw_error_set(e, BW_ERR_USAGE, 0, "%s: not a %s", value,
	    kind == TIME ? "time" : "number above 0");
}

/* One option; *i moves to its value. */
static enum bw_err
set_option(struct simulate_options *o, unsigned who, int argc, char **argv,
    int *i, struct bw_error *e)
{
	for (size_t k = 0; k < sizeof(options) / sizeof(options[0]); k++) {
		char *to = (char *)o + options[k].at;

		if (strcmp(argv[*i], options[k].name) != 0 ||
		    (options[k].who & who) == 0)
			continue;
		if (options[k].kind == FLAG)
			return set_value(to, FLAG, NULL, e);
		if (*i + 1 == argc)
			break;
		return set_value(to, options[k].kind, argv[++*i], e);
	}
	return BW_ERR_USAGE;
}

/* The first line of the file. */
static enum bw_err
read_password(struct simulate_options *o, struct bw_error *e)
{
	enum bw_err err;

	if (o->password_file == NULL)
		return BW_OK;
	err = input_read(o->password_file, &o->secret, e);
	bw_buf_putc(&o->secret, '\0');
	if (err == BW_OK && o->secret.err != BW_OK)
		err = bw_error_set(e, o->secret.err, 0, "%s: %s",
		    o->password_file, bw_strerror(o->secret.err));
	if (err != BW_OK)
		return err;
	o->secret.p[strcspn(o->secret.p, "\r\n")] = '\0';
	o->password = o->secret.p;
	return BW_OK;
}

static enum bw_err
check(const struct simulate_options *o, struct bw_error *e)
{
	if ((o->user != NULL) != (o->password_file != NULL))
		return bw_error_set(e, BW_ERR_USAGE, 0,
		    "--user and --password-file belong together");
	if (o->machine_detection != NULL &&
	    strcmp(o->machine_detection, "sync") != 0 &&
	    strcmp(o->machine_detection, "async") != 0)
		return bw_error_set(e, BW_ERR_USAGE, 0,
		    "--machine-detection %s: neither sync nor async",
		    o->machine_detection);
	if (o->concurrency > MAX_THREADS || o->jobs > MAX_THREADS)
		return bw_error_set(
		    e, BW_ERR_USAGE, 0, "more than %d at once", MAX_THREADS);
	return BW_OK;
}

enum bw_err
simulate_options_parse(struct simulate_options *o, unsigned who, int argc,
    char **argv, struct bw_error *e)
{
	enum bw_err err = BW_OK;
	bool options_end = false;

	/* What is left is gathered at the front. */
	o->argv = argv;
	for (int i = 1; i < argc && err == BW_OK; i++) {
		if (options_end || strncmp(argv[i], "--", 2) != 0)
			argv[o->argc++] = argv[i];
		else if (strcmp(argv[i], "--") == 0)
			options_end = true;
		else
			err = set_option(o, who, argc, argv, &i, e);
	}
	if (err == BW_OK)
		err = check(o, e);
	/* A flow here knows only hashes, and takes any user's word. */
	if (o->user == NULL && o->flow != NULL)
		o->user = "bandwidth";
	return err == BW_OK ? read_password(o, e) : err;
}

int
simulate_usage(void)
{
	return command_usage("simulate");
}

int
simulate_options_fail(enum bw_err err, const struct bw_error *e)
{
	if (*e->msg == '\0')
		return simulate_usage();
	fprintf(stderr, "bwcallback: %s\n", e->msg);
	return bw_err_exit(err);
}
