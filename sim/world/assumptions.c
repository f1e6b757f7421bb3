/* The options of a simulation by name. */
#include <stddef.h>
#include <string.h>

#include <bwcallback/tools/spell.h>

#include "sim/base/xml_attribute.h"
#include "sim/world/assumptions.h"

enum form {
	BOOLEAN, /* bool */
	SECONDS, /* int64_t of milliseconds */
	NUMBER	 /* int */
};

#define FORM_BOOLEAN "true or false"
#define FORM_SECONDS "seconds"
#define FORM_NUMBER  "a number"

/* clang-format off */
#define ROW(name, field, form, least, text) \
	{{name, FORM_##form, text}, offsetof(struct sim_options, field), \
	    form, least}
static const struct row {
	struct sim_assumption public;
	size_t offset;
	enum form form;
	int least; /* minimum of a NUMBER */
} rows[] = {
	ROW("challenge", challenge, BOOLEAN, 0,
	    "the first request of a callback has no credentials"),
	ROW("retry-async", retry_async, BOOLEAN, 0,
	    "an asynchronous callback that cannot connect is retried once"),
	ROW("retry-sync", retry_sync, BOOLEAN, 0,
	    "a callback that expects BXML is retried once, too"),
	ROW("redirects-fail", redirects_fail, BOOLEAN, 0,
	    "a 3xx answer counts as failed"),
	ROW("fallback-for-invalid", fallback_for_invalid, BOOLEAN, 0,
	    "after invalid BXML the fallback URL is requested"),
	ROW("get", get, BOOLEAN, 0,
	    "callbacks without a method are GETs"),
	ROW("pause-answers", pause_answers, BOOLEAN, 0,
	    "Pause and the verbs without documentation answer a ringing call"),
	ROW("leg-inherits-tag", leg_inherits_tag, BOOLEAN, 0,
	    "a leg of Transfer inherits the tag of the call"),
	ROW("fetch-audio", fetch_audio, BOOLEAN, 0,
	    "PlayAudio fetches its file, which must be audio"),
	ROW("refuse-streams", refuse_streams, BOOLEAN, 0,
	    "websockets of streams and transcriptions cannot connect"),
	ROW("callback-timeout", callback_timeout, SECONDS, 0,
	    "time limit of a call's callback"),
	ROW("audio", audio, SECONDS, 0,
	    "length of a file that PlayAudio plays"),
	ROW("processing", processing, SECONDS, 0,
	    "time until a recording is available"),
	ROW("stream", stream, SECONDS, 0,
	    "time until the far end closes a stream's websocket"),
	ROW("words-per-minute", words_per_minute, NUMBER, 1,
	    "speed of speech"),
	ROW("most-callbacks", most_callbacks, NUMBER, 1,
	    "callbacks after which a call counts as endless"),
	ROW("calls-per-second", calls_per_second, NUMBER, 0,
	    "calls per second that verbs may make; 0: no limit"),
	ROW("concurrent-calls", concurrent_calls, NUMBER, 0,
	    "concurrent calls that verbs may make; 0: no limit"),
	ROW("duplicates", duplicates, NUMBER, 1,
	    "concurrent deliveries of each callback"),
	ROW("reorder", reorder, BOOLEAN, 0,
	    "asynchronous callbacks arrive in random order"),
};
#undef ROW
/* clang-format on */

#define COUNT (sizeof(rows) / sizeof(rows[0]))

/* Upper limit of seconds and of numbers. */
#define MOST 1000000

const struct sim_assumption *
sim_assumptions(size_t i)
{
	return i < COUNT ? &rows[i].public : NULL;
}

static const struct row *
find(const char *name, size_t n)
{
	for (size_t i = 0; i < COUNT; i++) {
		if (strlen(rows[i].public.name) == n &&
		    memcmp(rows[i].public.name, name, n) == 0)
			return &rows[i];
	}
	return NULL;
}

/* Parse a decimal number into thousandths; -1: not a number. */
static int64_t
number(const char *s)
{
	size_t whole = strspn(s, "0123456789"), rest = 0;

	if (s[whole] == '.')
		rest = strspn(s + whole + 1, "0123456789") + 1;
	if (whole == 0 || whole > 7 || rest == 1 || s[whole + rest] != '\0')
		return -1;
	return sim_thousandths(s);
}

static bool
set_boolean(void *field, const char *value)
{
	bool on = strcmp(value, "true") == 0;

	if (!on && strcmp(value, "false") != 0)
		return false;
	memcpy(field, &on, sizeof(on));
	return true;
}

static bool
set_number(void *field, const char *value, int least)
{
	int64_t n = number(value);
	int whole = (int)(n / 1000);

	if (n < 0 || n % 1000 != 0 || n > INT64_C(1000) * MOST || whole < least)
		return false;
	memcpy(field, &whole, sizeof(whole));
	return true;
}

static bool
set_seconds(void *field, const char *value)
{
	int64_t n = number(value);

	if (n < 0 || n > INT64_C(1000) * MOST)
		return false;
	memcpy(field, &n, sizeof(n));
	return true;
}

static enum bw_err
refuse_name(struct bw_str name, struct bw_error *e)
{
	const char *names[sizeof(rows) / sizeof(rows[0])], *near;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		names[i] = rows[i].public.name;
	near = bw_spell_suggest(name, names, sizeof(rows) / sizeof(rows[0]));
	return bw_error_set(e, BW_ERR_USAGE, 0, "no assumption \"%.*s\"%s%s%s",
	    (int)name.n, name.p, near != NULL ? "; did you mean \"" : "",
	    near != NULL ? near : "", near != NULL ? "\"?" : "");
}

enum bw_err
sim_assumption_set(
    struct sim_options *o, const char *assignment, struct bw_error *error)
{
	size_t n = strcspn(assignment, "=");
	const struct row *row = find(assignment, n);
	const char *value = assignment + n + (assignment[n] == '=');
	bool good = false;
	char *field;

	if (row == NULL)
		return refuse_name((struct bw_str){assignment, n}, error);
	field = (char *)o + row->offset;
	if (row->form == BOOLEAN)
		good = set_boolean(field, value);
	else if (row->form == SECONDS)
		good = set_seconds(field, value);
	else
		good = set_number(field, value, row->least);
	if (!good)
		return bw_error_set(error, BW_ERR_USAGE, 0,
		    "%s: \"%s\" is not %s", row->public.name, value,
		    row->public.form);
	return BW_OK;
}

void
sim_assumption_of(const struct sim_options *o, size_t i, struct bw_buf *out)
{
	const struct row *row = &rows[i];
	const char *field = (const char *)o + row->offset;
	int64_t time;
	bool on;
	int n;

	if (row->form == BOOLEAN) {
		memcpy(&on, field, sizeof(on));
		bw_buf_puts(out, on ? "true" : "false");
	} else if (row->form == SECONDS) {
		memcpy(&time, field, sizeof(time));
		bw_buf_printf(out, "%g", (double)time / 1000);
	} else {
		memcpy(&n, field, sizeof(n));
		bw_buf_int(out, n);
	}
}
