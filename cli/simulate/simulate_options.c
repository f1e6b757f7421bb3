/* bwcallback simulate: the options. */
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
#include "cli/common/terminal.h"
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
	/* A server may remember calls, so ids must differ between runs. */
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

/* Parse "NUMBER=WORDS". */
static enum bw_err
set_callee(void *to, const char *value, struct bw_error *e)
{
	struct sim_cast *cast = to;
	const char *sign = strrchr(value, '=');
	char *number;
	enum bw_err err;

	/* A SIP URI may contain '=', and so may "say=...". */
	if (strstr(value, "=say=") != NULL)
		sign = strstr(value, "=say=");
	if (sign == NULL || sign == value)
		return bw_error_set(e, BW_ERR_USAGE, 0, "not NUMBER=WORDS");
	number = sim_copy_str((struct bw_str){value, (size_t)(sign - value)});
	err = sim_role_parse(sim_cast_role(cast, number), sign + 1, e);
	free(number);
	return err;
}

/* Parse "3=timeout": a fault for the third callback. */
static enum bw_err
set_wire_fault(void *to, const char *value, struct bw_error *e)
{
	const char *sign = strchr(value, '=');
	char *number = sim_copy_str(
	    (struct bw_str){value, sign != NULL ? (size_t)(sign - value) : 0});
	enum sim_wire_fault_kind kind =
	    sign != NULL ? sim_wire_fault_of(sign + 1) : SIM_WIRE_FAULT_NONE;
	int64_t at = 0;
	bool good = option_count.parse(number, &at) && at > 0 &&
		    at <= SIM_MAX_FAULT_REQUESTS && kind != SIM_WIRE_FAULT_NONE;

	free(number);
	if (!good)
		return bw_error_set(e, BW_ERR_USAGE, 0,
		    "not NUMBER=timeout, NUMBER=503 or NUMBER=cut");
	sim_wire_fault_init(to, kind, (size_t)at);
	return BW_OK;
}

static enum bw_err
set_role(void *to, const char *value, struct bw_error *e)
{
	return sim_role_parse(to, value, e);
}

static enum bw_err
set_assumption(void *to, const char *value, struct bw_error *e)
{
	return sim_assumption_set(to, value, e);
}

static enum bw_err
set_sip(
    enum sim_sip_member member, void *to, const char *value, struct bw_error *e)
{
	*(const char **)to = value;
	return sim_sip_check(member, value, e);
}

static enum bw_err
set_stir_shaken(void *to, const char *value, struct bw_error *e)
{
	return set_sip(SIM_SIP_STIR_SHAKEN, to, value, e);
}

static enum bw_err
set_diversion(void *to, const char *value, struct bw_error *e)
{
	return set_sip(SIM_SIP_DIVERSION, to, value, e);
}

static enum bw_err
set_uui(void *to, const char *value, struct bw_error *e)
{
	return set_sip(SIM_SIP_UUI, to, value, e);
}

static enum bw_err
set_sip_headers(void *to, const char *value, struct bw_error *e)
{
	return set_sip(SIM_SIP_HEADERS, to, value, e);
}

#define CALL	SIMULATE_FOR_CALL
#define TEST	SIMULATE_FOR_TEST
#define FAMILY	SIMULATE_FOR_FAMILY
#define EXPLORE SIMULATE_FOR_EXPLORE
#define PHONE	SIMULATE_FOR_TELEPHONE
#define TEXT(member) \
	.kind = OPTION_TEXT, .at = offsetof(struct simulate_options, member)
#define FLAG(member) \
	.kind = OPTION_FLAG, .at = offsetof(struct simulate_options, member)
#define COUNT(member) \
	.kind = OPTION_NUMBER, .form = &option_count, .min = 1, \
	.at = offsetof(struct simulate_options, member)
#define CUSTOM(member) \
	.kind = OPTION_CUSTOM, .at = offsetof(struct simulate_options, member)

/* Explorers find the outbound calls of a flow by themselves. */
#define TAG	  "outbound: that the application gave the call"
#define DETECTION "outbound: asked for by the application"

const struct option_row simulate_options[] = {
    {"flow", "FILE", "no server: this configuration answers", TEXT(flow),
	.group = CALL | TEST | FAMILY | EXPLORE | PHONE},
    {"url", "URL", "the application that answers", TEXT(url), .group = TEST,
	.excludes = "flow"},
    {"user", "NAME", "credentials for the challenge", TEXT(user),
	.needs = "password-file", .group = CALL | TEST | FAMILY | EXPLORE},
    {"password-file", "FILE", "with --user: its first line is the password",
	TEXT(password_file), .needs = "user",
	.group = CALL | TEST | FAMILY | EXPLORE},
    {"from", "NUMBER", "who calls", TEXT(from), .group = CALL | EXPLORE},
    {"to", "NUMBER", "and whom", TEXT(to), .group = CALL | EXPLORE},
    {"stir-shaken", "WORDS",
	"what Bandwidth found out about the caller: none, or A, B, C, "
	"TN-Validation-Failed and so on, with commas between",
	CUSTOM(sip[SIM_SIP_STIR_SHAKEN]), .parse = set_stir_shaken,
	.impossible = "impossible", .excludes = "outbound from-log",
	.group = CALL},
    {"diversion", "WORDS",
	"the call was diverted: from a number, for a reason such as user-busy, "
	"with commas between",
	CUSTOM(sip[SIM_SIP_DIVERSION]), .parse = set_diversion,
	.impossible = "impossible", .excludes = "outbound from-log",
	.group = CALL},
    {"uui", "VALUES", "the User-To-User header", CUSTOM(sip[SIM_SIP_UUI]),
	.parse = set_uui, .impossible = "impossible",
	.excludes = "outbound from-log", .group = CALL},
    {"sip-headers", "LIST",
	"X-NAME=VALUE,...: headers of a caller who is a SIP URI",
	CUSTOM(sip[SIM_SIP_HEADERS]), .parse = set_sip_headers,
	.impossible = "impossible", .needs = "from",
	.excludes = "outbound from-log", .group = CALL},
    {"digits", "WORDS",
	"what the caller does at each Gather or Record: keys, silence, "
	"say=TEXT or hangup, with commas between; @2.5 after one is a time",
	CUSTOM(person), .parse = set_role, .impossible = "impossible",
	.group = CALL},
    {"callee", "N=WORDS",
	"what somebody called does: busy, rejects, absent, unreachable, or as "
	"above",
	CUSTOM(cast), .parse = set_callee, .impossible = "impossible",
	.repeated = true, .group = CALL},
    {"outbound", NULL,
	"the application called; --digits is what the person called does",
	FLAG(outbound), .group = CALL | EXPLORE},
    {"status-url", "URL", "for the last callback, if not the same",
	TEXT(status_url), .group = CALL | EXPLORE},
    {"fallback-url", "URL", "when the first one fails", TEXT(fallback_url),
	.group = CALL | EXPLORE},
    {"tag", "TEXT", TAG, TEXT(tag), .needs = "outbound", .group = CALL},
    {"tag", "TEXT", TAG, TEXT(tag), .group = EXPLORE},
    {"machine-detection", "MODE", DETECTION, TEXT(machine_detection),
	.words = "sync|async", .needs = "outbound", .group = CALL},
    {"machine-detection", "MODE", DETECTION, TEXT(machine_detection),
	.words = "sync|async", .group = EXPLORE},
    {"machine", "WORD", "outbound: what is found, if not the first of these",
	TEXT(machine),
	.words = "human|answering-machine|tone-detected|silence|timeout|error",
	.needs = "machine-detection", .group = CALL},
    {"interactive", NULL, "you are the caller", FLAG(interactive),
	.excludes = "calls json digits from-log", .group = CALL},
    {"real-time", NULL, "as slow as a call is", FLAG(real_time), .group = CALL},
    {"fail", "N=WHAT", "the Nth callback has a timeout, a 503, or a cut answer",
	CUSTOM(fail), .parse = set_wire_fault, .impossible = "impossible",
	.excludes = "calls", .group = CALL},
    {"assume", "NAME=VALUE",
	"what the documentation leaves open; see \"bwcallback simulate "
	"assumptions\"",
	CUSTOM(world), .parse = set_assumption, .impossible = "impossible",
	.repeated = true, .group = CALL | TEST | FAMILY},
    {"at", "TIME", "it is then: 2026-03-01T10:00:00Z, or 2h (ago)",
	.kind = OPTION_NUMBER, .form = &units_time,
	.at = offsetof(struct simulate_options, at),
	.group = CALL | TEST | FAMILY | EXPLORE},
    {"seed", "N", "the same ids and dice again", COUNT(seed),
	.group = CALL | TEST | FAMILY | EXPLORE},
    {"calls", "N", "so many calls, and how long callbacks took", COUNT(calls),
	.group = CALL},
    {"concurrency", "N", "so many of them at once (10)", COUNT(concurrency),
	.max = MAX_THREADS, .needs = "calls", .group = CALL},
    {"from-log", "CALL",
	"a call from the store of the flow: what would be answered today, and "
	"the difference",
	TEXT(log), .excludes = "calls json fail digits callee outbound",
	.group = CALL},
    {"store", "URL", "with --from-log: it is in this one, a URL or an id",
	TEXT(store), .needs = "from-log", .value = &option_store,
	.group = CALL},
    {"reveal", NULL, "with --from-log: mask nothing of it but passwords",
	FLAG(reveal), .needs = "from-log", .group = CALL},
    {"callers", "N", "so many of them (5000)", COUNT(callers),
	.group = EXPLORE},
    {"jobs", "N", "so many at once (as there are processors)", COUNT(jobs),
	.max = MAX_THREADS, .group = TEST | EXPLORE},
    {"coverage", "FILE", "write how often each rule answered", TEXT(coverage),
	.group = TEST},
    {"json", NULL, "for programs", FLAG(json),
	.group = CALL | FAMILY | EXPLORE},
    {.name = NULL},
};

/*
 * Use BWCALLBACK_CONFIG without a flow or URL; scenarios name their own flow.
 */
static void
take_environment(struct simulate_options *o, unsigned group)
{
	if (group != TEST && o->flow == NULL &&
	    (o->argc == 0 || o->argv[0][0] == '/'))
		o->flow = command_config();
}

static int
read_password(struct simulate_options *o)
{
	struct bw_error e = {BW_OK, 0, ""};
	enum bw_err err = BW_OK;

	if (o->password_file != NULL)
		err = input_read_line(
		    o->password_file, &o->secret, &o->password, &e);
	if (err == BW_OK)
		return -1;
	terminal_complain("%s", e.msg);
	return bw_err_exit(err);
}

int
simulate_options_parse(struct simulate_options *o, const struct command *c,
    int argc, char **argv, void *own)
{
	struct option_rest rest;
	int status = command_parse(c, argc, argv, own, o, &rest);

	if (status >= 0)
		return status;
	o->argc = rest.argc;
	o->argv = rest.argv;
	status = simulate_check_urls(c, o);
	if (status >= 0)
		return status;
	take_environment(o, c->group);
	/*
	 * A flow in this process has only password hashes, and accepts any
	 * user.
	 */
	if (o->user == NULL && o->flow != NULL)
		o->user = "bandwidth";
	return read_password(o);
}
