/* Writes the log as JSON, one object per line. */
#include <inttypes.h>

#include <string.h>

#include <bwcallback/tools/mask.h>

#include "sim/base/memory.h"
#include "sim/base/printable.h"
#include "sim/deliver/deliver.h"
#include "sim/report/transcript.h"

static const char *const kinds[] = {
    [SIM_LOG_CALL] = "call",
    [SIM_LOG_ANSWERED] = "answered",
    [SIM_LOG_VERB] = "verb",
    [SIM_LOG_SAID] = "said",
    [SIM_LOG_PLAYED] = "played",
    [SIM_LOG_KEY] = "key",
    [SIM_LOG_TALKED] = "talked",
    [SIM_LOG_SILENCE] = "silence",
    [SIM_LOG_ACTION] = "deed",
    [SIM_LOG_REQUEST] = "asked",
    [SIM_LOG_CALLBACK] = "callback",
    [SIM_LOG_FINDING] = "wrong",
    [SIM_LOG_RETRY] = "later",
    [SIM_LOG_STATE] = "state",
    [SIM_LOG_END] = "end",
};

static const char *const failures[] = {
    [SIM_ANSWERED] = "answered",
    [SIM_FAILED_URL] = "no URL",
    [SIM_FAILED_NAME] = "no such host",
    [SIM_FAILED_CONNECT] = "not connected",
    [SIM_FAILED_TLS] = "TLS failed",
    [SIM_FAILED_TIMEOUT] = "timeout",
    [SIM_FAILED_CUT] = "cut off",
};

const char *
sim_failure_name(enum sim_failure f)
{
	return failures[f];
}

/* Passwords in URLs are masked. */
static void
put_str(FILE *f, const char *name, struct bw_str value)
{
	struct bw_buf b;

	bw_buf_init(&b, SIZE_MAX);
	bw_mask_add(&b, BW_MASK_WORD, value, true);
	if (b.err != BW_OK)
		sim_no_memory();
	fprintf(f, ",\"%s\":", name);
	sim_printable_json(f, (struct bw_str){b.n > 0 ? b.p : "", b.n});
	bw_buf_free(&b);
}

static void
put_text(FILE *f, const char *name, const char *value)
{
	if (value != NULL)
		put_str(f, name, (struct bw_str){value, strlen(value)});
}

static void
put_flag(FILE *f, const char *name, bool value)
{
	fprintf(f, ",\"%s\":%s", name, value ? "true" : "false");
}

static void
put_request(FILE *f, const struct sim_request *a)
{
	fputs(",\"ask\":{\"method\":", f);
	sim_printable_json_text(f, a->method);
	put_text(f, "url", a->url);
	put_text(f, "user", a->user);
	fputs("}", f);
}

static void
put_reply(FILE *f, const struct sim_reply *r)
{
	fputs(",\"reply\":{\"result\":", f);
	sim_printable_json_text(f, sim_failure_name(r->failure));
	put_text(f, "why", r->why);
	fprintf(f, ",\"status\":%d", r->status);
	put_text(f, "type", r->type);
	fprintf(
	    f, ",\"bytes\":%zu,\"microseconds\":%" PRId64, r->body.n, r->took);
	put_text(f, "file", r->rule_file);
	if (r->rule_file != NULL)
		fprintf(f, ",\"line\":%d", r->rule_line);
	put_flag(f, "fallback", r->fallback);
	put_text(f, "reason", r->reason);
	fputs("}", f);
}

static void
put_delivery(FILE *f, const struct sim_delivery *d)
{
	fputs(",\"delivery\":{\"event\":", f);
	sim_printable_json_text(f, d->event);
	put_text(f, "about", d->about);
	put_text(f, "method", d->method);
	put_text(f, "url", d->url);
	put_flag(f, "sync", d->sync);
	put_flag(f, "delivered", d->delivered);
	put_flag(f, "fallback", d->fallback);
	put_flag(f, "lost", d->lost);
	fprintf(f, ",\"attempts\":%d", d->attempts);
	if (d->payload != NULL)
		put_str(f, "payload", *d->payload);
	fputs("}", f);
}

static void
put_finding(FILE *f, const struct bw_finding *w)
{
	fputs(",\"finding\":{\"severity\":", f);
	sim_printable_json_text(f, bw_severity_name(w->severity));
	put_text(f, "file", w->file);
	fprintf(f, ",\"line\":%d,\"column\":%d", w->line, w->column);
	put_text(f, "text", w->text);
	fputs("}", f);
}

void
sim_transcript_json_members(FILE *f, const struct sim_log_entry *n)
{
	fprintf(f, "\"time\":%" PRId64, n->time);
	put_text(f, "kind", kinds[n->kind]);
	put_text(f, "call", n->call);
	put_text(f, "name", n->name);
	put_text(f, "text", n->text);
	if (n->request != NULL)
		put_request(f, n->request);
	if (n->reply != NULL)
		put_reply(f, n->reply);
	if (n->delivery != NULL)
		put_delivery(f, n->delivery);
	if (n->finding != NULL)
		put_finding(f, n->finding);
}

void
sim_transcript_json(void *file, const struct sim_log_entry *n)
{
	FILE *f = file;

	putc('{', f);
	sim_transcript_json_members(f, n);
	fputs("}\n", f);
}
