/*
 * bwcallback simulate call --from-log: replay a stored call with today's flow.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <bwcallback/callback.h>
#include <bwcallback/limits.h>
#include <bwcallback/tools/mask.h>

#include "sim/base/memory.h"
#include "sim/base/printable.h"

#include "cli/common/store_option.h"
#include "cli/common/text_diff.h"
#include "cli/simulate/simulate.h"

#define MAX_EVENTS 10000
#define MAX_TEXT   ((size_t)BW_MAX_BODY * 8)
#define INDENT	   "            "

/* State of a replay while it reads the events of the call. */
struct replay {
	struct simulate_options *options;
	struct sim_wire *wire;
	struct bw_decoder *decoder;
	int64_t start; /* start of the call, ms since 1970 */
	size_t n;
	size_t different;
};

static struct bw_str
field(const struct bw_event *e, const char *name)
{
	struct bw_str value;

	(void)bw_event_get(e, (struct bw_str){name, strlen(name)}, &value);
	return value;
}

/* Record the keys that the caller pressed, for the replay. */
static void
learn_keys(struct simulate_options *o, const struct bw_event *e)
{
	struct bw_str digits = field(e, "digits");
	struct bw_str last = field(e, "terminatingDigit");
	char *keys = sim_format("%.*s%.*s", (int)digits.n,
	    digits.p != NULL ? digits.p : "", (int)last.n,
	    last.p != NULL ? last.p : "");

	if (sim_is_keys(keys))
		sim_role_add(&o->person, SIM_ACT_KEYS, keys, -1);
	else
		sim_role_add(&o->person, SIM_ACT_SILENCE, NULL, -1);
	free(keys);
}

/* Record what a called party did, for the replay. */
static void
learn_callee(struct simulate_options *o, const struct bw_event *e)
{
	static const struct {
		const char *cause;
		enum sim_action_kind does;
	} causes[] = {{"busy", SIM_ACTION_BUSY}, {"timeout", SIM_ACTION_NONE},
	    {"rejected", SIM_ACTION_REJECT}, {"error", SIM_ACTION_ERROR}};
	char *number = sim_copy_str(field(e, "transferTo"));
	struct bw_str cause = field(e, "cause");

	for (size_t i = 0; i < sizeof(causes) / sizeof(causes[0]); i++) {
		if (bw_str_is(cause, causes[i].cause))
			sim_cast_role(&o->cast, number)->rings.kind =
			    causes[i].does;
	}
	free(number);
}

static void
learn(struct replay *r, const struct bw_store_row *row)
{
	bool get = bw_str_is(row->event.method, "GET");
	const struct bw_payload in = {.get = get,
	    .query = get ? row->event.body : row->event.query,
	    .body = row->event.body,
	    .content_type = row->event.content_type};
	const struct bw_event *const *events = NULL;
	size_t n = 0;

	if (bw_decode(r->decoder, &in, &events, &n, NULL) != BW_OK || n == 0)
		return;
	if (bw_str_is(row->event.type, "gather"))
		learn_keys(r->options, events[0]);
	else if (bw_str_is(row->event.type, "transferComplete"))
		learn_callee(r->options, events[0]);
	else if (bw_str_is(row->event.type, "answer"))
		r->options->outbound = true;
}

/* A BXML document, masked for printing. */
static struct bw_buf
masked(const struct replay *r, struct bw_str document)
{
	struct bw_buf b;

	bw_buf_init(&b, MAX_TEXT);
	bw_mask_answer(&b, document, r->options->reveal);
	if (b.err != BW_OK)
		sim_no_memory();
	return b;
}

static void
print_remark(const struct replay *r, enum bw_mask kind, struct bw_str s)
{
	struct bw_buf b;

	bw_buf_init(&b, MAX_TEXT);
	bw_mask_add(&b, kind, s, r->options->reveal);
	if (b.err != BW_OK)
		sim_no_memory();
	sim_printable(stdout, (struct bw_str){b.p, b.n});
	bw_buf_free(&b);
}

/* The difference may be only in masked text: then say so. */
static void
print_difference(
    const struct replay *r, struct bw_str before, struct bw_str after)
{
	struct bw_buf a = masked(r, before), b = masked(r, after);
	const struct bw_str was = {a.n > 0 ? a.p : "", a.n};
	const struct bw_str is = {b.n > 0 ? b.p : "", b.n};

	text_diff_print(stdout, INDENT, was, is);
	if (bw_str_eq(was, is))
		printf(INDENT "what differs is masked%s\n",
		    r->options->reveal ? ": a password"
				       : ", --reveal shows it");
	bw_buf_free(&a);
	bw_buf_free(&b);
}

static void
print_head(const struct replay *r, const struct bw_store_row *row)
{
	int64_t tenths = (row->event.received - r->start) / 100;

	printf("%5lld:%02lld.%lld  ", (long long)(tenths / 600),
	    (long long)(tenths / 10 % 60), (long long)(tenths % 10));
	print_remark(r, BW_MASK_REMARK, row->event.type);
	fputs(" at ", stdout);
	sim_printable(stdout, row->event.section);
}

static void
compare(struct replay *r, const struct bw_store_row *row,
    const struct sim_reply *reply)
{
	const struct bw_store_answer *was = &row->answer;
	struct bw_str before = was->body.p != NULL ? was->body : BW_STR("");
	struct bw_str after = {
	    reply->body.p != NULL ? reply->body.p : "", reply->body.n};

	print_head(r, row);
	if (was->status == 0) {
		puts(": what it was answered then was not recorded");
		return;
	}
	if (was->status == reply->status && bw_str_eq(before, after)) {
		printf(": %d, the same as then\n", reply->status);
		return;
	}
	r->different++;
	printf(": %d then, %d now\n", was->status, reply->status);
	if (reply->reason != NULL) {
		fputs(INDENT, stdout);
		print_remark(r, BW_MASK_REMARK,
		    (struct bw_str){reply->reason, strlen(reply->reason)});
		putchar('\n');
	}
	if (!bw_str_eq(before, after))
		print_difference(r, before, after);
}

static void
ask(struct replay *r, const struct bw_store_row *row)
{
	bool get = bw_str_is(row->event.method, "GET");
	char *path = sim_copy_str(row->event.section);
	char *url = simulate_url(r->options, path);
	struct bw_str query = get ? row->event.body : row->event.query;
	char *requested =
	    query.n != 0 ? sim_format("%s?%.*s", url, (int)query.n, query.p)
			 : sim_copy(url);
	char *type = sim_copy_str(row->event.content_type);
	const struct sim_request a = {.method = get ? "GET" : "POST",
	    .url = requested,
	    .type = get ? NULL : type,
	    .body = get ? (struct bw_str){NULL, 0} : row->event.body,
	    .user = r->options->user,
	    .time = row->event.received,
	    .timeout = r->options->world.callback_timeout};
	struct sim_reply reply;

	sim_reply_init(&reply);
	sim_wire_send(r->wire, &a, &reply);
	compare(r, row, &reply);
	sim_reply_free(&reply);
	free(type);
	free(requested);
	free(url);
	free(path);
}

static bool
take_row(void *arg, const struct bw_store_row *row)
{
	struct replay *r = arg;

	if (r->n++ == 0) {
		r->start = row->event.received;
		r->options->at = r->start;
	}
	learn(r, row);
	ask(r, row);
	return true;
}

static enum bw_err
read_call(struct replay *r, struct bw_store *s, struct bw_error *e)
{
	const char *id = r->options->log;
	const struct bw_store_filter call = {.call = {id, strlen(id)}};
	uint64_t cursor = 0;
	enum bw_err err =
	    bw_store_read(s, &call, false, MAX_EVENTS, &cursor, take_row, r, e);

	if (err == BW_OK && r->n == 0)
		err = bw_error_set(e, BW_ERR_NOTFOUND, 0,
		    "call %s: nothing of it is stored", id);
	return err;
}

enum bw_err
simulate_log(struct simulate_options *o, struct sim_wire *wire,
    size_t *different, struct bw_error *e)
{
	struct replay r = {.options = o, .wire = wire};
	struct bw_store *s = NULL;
	enum bw_err err = store_get(o->store, o->flow, &s, e);

	r.decoder = bw_decoder_new();
	if (r.decoder == NULL)
		sim_no_memory();
	if (err == BW_OK)
		err = read_call(&r, s, e);
	bw_store_free(s);
	bw_decoder_free(r.decoder);
	*different = r.different;
	return err;
}
