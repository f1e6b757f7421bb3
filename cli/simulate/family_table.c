/* bwcallback simulate: the simulations other than calls, one row for each. */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "cli/simulate/family_run.h"

/* Error codes have up to five digits. */
#define MAX_CODE 99999

/* Maximum length of postbackData (OpenAPI 2026), in characters. */
#define MAX_POSTBACK 2048

#define AT(member)   .at = offsetof(struct family_settings, member)
#define TEXT(member) .kind = OPTION_TEXT, AT(member)
#define FLAG(member) .kind = OPTION_FLAG, AT(member)
#define LIST(member) .kind = OPTION_LIST, AT(member)
#define COUNT(member, most) \
	.kind = OPTION_NUMBER, .form = &option_count, .min = 1, .max = (most), \
	AT(member)

static enum bw_err
set_degrees(void *to, const char *value, double most, struct bw_error *e)
{
	char *end;
	double degrees = strtod(value, &end);

	/* Written so that NaN fails too. */
	if (end == value || *end != '\0' ||
	    !(degrees >= -most && degrees <= most))
		return bw_error_set(e, BW_ERR_USAGE, 0,
		    "not degrees from -%g to %g", most, most);
	*(const char **)to = value;
	return BW_OK;
}

static enum bw_err
set_latitude(void *to, const char *value, struct bw_error *e)
{
	return set_degrees(to, value, 90, e);
}

static enum bw_err
set_longitude(void *to, const char *value, struct bw_error *e)
{
	return set_degrees(to, value, 180, e);
}

const struct option_row family_message_options[] = {
    {"from", "SENDER", "who sends it", TEXT(from)},
    {"to", "NUMBER", "to whom", LIST(to)},
    {"text", "TEXT", "what it says", TEXT(text)},
    {"media", "FILE", "an MMS with this; with --out a URL", LIST(media),
	.excludes = "channel=SMS"},
    {"ours", "N",
	"so many recipients, from the first, are numbers of the account",
	COUNT(ours, OPTION_MAX_LIST), .excludes = "out"},
    {"suggestion", "TEXT", "it takes a suggestion of an RBM message",
	TEXT(suggestion), .excludes = "out latitude channel=SMS|MMS"},
    {"postback", "TEXT", "with --suggestion: the data that comes back with it",
	TEXT(postback), .needs = "suggestion"},
    {"latitude", "DEGREES", "it tells a place", .kind = OPTION_CUSTOM,
	AT(latitude), .parse = set_latitude, .impossible = "91",
	.needs = "longitude", .excludes = "out channel=SMS|MMS"},
    {"longitude", "DEGREES", "it tells a place", .kind = OPTION_CUSTOM,
	AT(longitude), .parse = set_longitude, .impossible = "181",
	.needs = "latitude"},
    {"priority", "WORD", "of the message", TEXT(priority),
	.words = "default|high"},
    {"channel", "WORD", "of the message", TEXT(channel),
	.words = "SMS|MMS|RBM"},
    {"carrier", "NAME", "of the other number", TEXT(carrier)},
    {"out", NULL, "it was sent, not received", FLAG(out)},
    {"tag", "TEXT", "of the message", TEXT(tag), .needs = "out"},
    {"error", "CODE", "it fails with this", COUNT(error, MAX_CODE),
	.needs = "out"},
    {"reason", "TEXT", "and for this reason", TEXT(reason), .needs = "error"},
    {"failing", "NUMBER", "to this recipient, not to all", TEXT(failing),
	.needs = "error"},
    {"receipts", NULL, "the account has delivery receipts for MMS",
	FLAG(receipts), .needs = "out media"},
    {"sent", NULL, "message-sent comes, too", FLAG(sent), .needs = "out"},
    {"read", NULL, "it is read", FLAG(read), .needs = "out",
	.excludes = "channel=SMS|MMS"},
    {.name = NULL},
};

static bool
is_among(const struct option_list *list, const char *word)
{
	for (size_t i = 0; i < list->n; i++) {
		if (strcmp(list->v[i], word) == 0)
			return true;
	}
	return false;
}

/* The number of characters of a text in UTF-8. */
static size_t
characters(const char *s)
{
	size_t n = 0;

	for (; *s != '\0'; s++)
		n += ((unsigned char)*s & 0xc0) != 0x80;
	return n;
}

/* Check what depends on the values of several options. */
static bool
check_message(const struct family_settings *s, struct bw_error *e)
{
	size_t to = s->to.n > 0 ? s->to.n : 1;
	enum bw_err err = BW_OK;

	if (s->ours > (int64_t)to)
		err = bw_error_set(e, BW_ERR_USAGE, 0,
		    "--ours %lld: more than there are recipients, --to",
		    (long long)s->ours);
	else if (s->failing != NULL && !is_among(&s->to, s->failing))
		err = bw_error_set(e, BW_ERR_USAGE, 0,
		    "--failing %.40s: not one of the recipients, --to",
		    s->failing);
	else if (s->error != 0 && s->media.n > 0 && !s->receipts)
		err = bw_error_set(e, BW_ERR_USAGE, 0,
		    "--error %lld: an MMS, --media, fails only with --receipts",
		    (long long)s->error);
	else if (s->postback != NULL && characters(s->postback) > MAX_POSTBACK)
		err = bw_error_set(e, BW_ERR_USAGE, 0,
		    "--postback: longer than %d characters", MAX_POSTBACK);
	return err == BW_OK;
}

static bool
enter_message(
    struct sim_world *w, const struct family_settings *s, struct bw_error *e)
{
	const struct sim_message m = {
	    .target = s->target,
	    .from = s->from,
	    .to = s->to.v,
	    .nto = s->to.n,
	    .text = s->text,
	    .media = s->media.v,
	    .nmedia = s->media.n,
	    .priority = s->priority,
	    .channel = s->channel,
	    .carrier = s->carrier,
	    .tag = s->tag,
	    .ours = (size_t)s->ours,
	    .suggestion = s->suggestion,
	    .postback = s->postback,
	    .latitude = s->latitude,
	    .longitude = s->longitude,
	    .failing = s->failing,
	    .error = (int)s->error,
	    .reason = s->reason,
	    .receipts = s->receipts,
	    .sent = s->sent,
	    .read = s->read,
	};

	if (!check_message(s, e))
		return false;
	if (s->out)
		sim_message_out(w, &m, 0);
	else
		sim_message_in(w, &m, 0);
	return true;
}

const struct option_row family_code_options[] = {
    {"to", "NUMBER", "to whom", LIST(to)},
    {"error", "CODE", "it fails with this", COUNT(error, MAX_CODE)},
    {"reason", "TEXT", "and for this reason", TEXT(reason), .needs = "error"},
    {.name = NULL},
};

static bool
enter_code(
    struct sim_world *w, const struct family_settings *s, struct bw_error *e)
{
	const struct sim_code c = {
	    .target = s->target,
	    .to = s->to.v[0],
	    .error = (int)s->error,
	    .reason = s->reason,
	};

	(void)e;
	sim_message_code(w, &c, 0);
	return true;
}

const struct option_row family_report_options[] = {
    {"event", "EVENT", "the last of them", TEXT(event),
	.words = "DELIVERED|UNDELIVERED|REJECTED"},
    {"error", "CODE", "it fails with this", COUNT(error, MAX_CODE),
	.needs = "event=UNDELIVERED|REJECTED"},
    {"reason", "TEXT", "and for this reason", TEXT(reason), .needs = "error"},
    {"parts", "N", "in how many parts", COUNT(parts, 255)},
    {"mask", "N", "which events are wanted (dlrMask)", COUNT(mask, 31)},
    {.name = NULL},
};

static bool
enter_report(
    struct sim_world *w, const struct family_settings *s, struct bw_error *e)
{
	const struct sim_report r = {
	    .target = s->target,
	    .event = s->event,
	    .error = (int)s->error,
	    .reason = s->reason,
	    .parts = (int)s->parts,
	    .mask = (unsigned)s->mask,
	};

	(void)e;
	sim_message_report(w, &r, 0);
	return true;
}

const struct option_row family_order_options[] = {
    {"type", "TYPE", "orders if not given", TEXT(type), .word = sim_order_type,
	.excludes = "lost"},
    {"status", "STATUS", "these, in this order", LIST(status),
	.word = sim_order_status, .excludes = "lost"},
    {"number", "NUMBER", "of the order", LIST(number),
	.value = &option_order_number},
    {"customer", "ID", "the customer's order id", TEXT(customer),
	.excludes = "lost"},
    {"message", "TEXT", "what is said at the end", TEXT(message),
	.excludes = "lost"},
    {"note", "TEXT", "a note that is added", TEXT(remark), .excludes = "lost"},
    {"lost", NULL, "numbers that another carrier took messaging from, instead",
	FLAG(lost)},
    {.name = NULL},
};

/* Check the statuses. An unknown type may have any status. */
static bool
check_statuses(const struct family_settings *s, struct bw_error *e)
{
	const char *type = s->type != NULL ? s->type : "orders";
	const char *const *known = sim_order_statuses(type);

	for (size_t i = 0; known != NULL && i < s->status.n; i++) {
		size_t k = 0;

		while (
		    known[k] != NULL && strcmp(known[k], s->status.v[i]) != 0)
			k++;
		if (known[k] != NULL)
			continue;
		(void)bw_error_set(e, BW_ERR_USAGE, 0,
		    "--status %.40s: %.40s has no such status", s->status.v[i],
		    type);
		return false;
	}
	return true;
}

static bool
enter_order(
    struct sim_world *w, const struct family_settings *s, struct bw_error *e)
{
	const struct sim_order o = {
	    .target = s->target,
	    .type = s->type,
	    .statuses = s->status.n > 0 ? s->status.v : NULL,
	    .customer = s->customer,
	    .message = s->message,
	    .remark = s->remark,
	    .numbers = s->number.v,
	    .n = s->number.n,
	};
	const struct sim_loss lost = {
	    .target = s->target, .numbers = s->number.v, .n = s->number.n};

	if (!check_statuses(s, e))
		return false;
	if (s->lost)
		sim_order_lost(w, &lost, 0);
	else
		sim_order(w, &o, 0);
	return true;
}

const struct option_row family_portout_options[] = {
    {"pon", "ID", "of the other carrier's order", TEXT(pon)},
    {"pin", "PIN", "that the subscriber gave", TEXT(pin)},
    {"account", "ID", "of the subscriber", TEXT(account)},
    {"zip", "CODE", "of the subscriber", TEXT(zip)},
    {"name", "NAME", "of the subscriber", TEXT(name)},
    {"number", "NUMBER", "that is to leave", LIST(number),
	.value = &option_order_number},
    {.name = NULL},
};

static bool
enter_portout(
    struct sim_world *w, const struct family_settings *s, struct bw_error *e)
{
	const struct sim_portout p = {
	    .target = s->target,
	    .pon = s->pon,
	    .pin = s->pin,
	    .account = s->account,
	    .zip = s->zip,
	    .name = s->name,
	    .numbers = s->number.v,
	    .n = s->number.n,
	};

	(void)e;
	sim_portout(w, &p, 0);
	return true;
}

const struct option_row family_tollfree_options[] = {
    {"number", "NUMBER", "which", LIST(number),
	.value = &option_tollfree_number},
    {"state", "STATE",
	"these, an hour apart; unverified, then verified, if not given",
	LIST(state), .word = sim_tollfree_state},
    {"reason", "TEXT", "why it is denied, blocked or failed", TEXT(reason),
	.needs = "state=denied|blocked|failed"},
    {"key-file", "FILE", "its first line is the key that signs",
	TEXT(key_file)},
    {.name = NULL},
};

static bool
enter_tollfree(
    struct sim_world *w, const struct family_settings *s, struct bw_error *e)
{
	const struct sim_tollfree t = {
	    .target = s->target,
	    .number = s->number.v[0],
	    .states = s->state.n > 0 ? s->state.v : NULL,
	    .key = s->key,
	    .reason = s->reason,
	};

	(void)e;
	sim_tollfree(w, &t, 0);
	return true;
}

const struct option_row family_emergency_options[] = {
    {"from", "NUMBER", "who calls", TEXT(from)},
    {"to", "NUMBER", "and whom", LIST(to)},
    {.name = NULL},
};

static bool
enter_emergency(
    struct sim_world *w, const struct family_settings *s, struct bw_error *e)
{
	const struct sim_emergency c = {
	    .target = s->target, .to = s->to.v[0], .from = s->from};

	(void)e;
	sim_emergency(w, &c, 0);
	return true;
}

const struct option_row family_endpoint_options[] = {
    {"tags", "TEXT", "the endpoint's", TEXT(tags)},
    {"to", "WHOM", "its user dials", LIST(to)},
    {"to-type", "TYPE", "which is", TEXT(to_type),
	.words = "PHONE_NUMBER|ENDPOINT|CALL_ID", .needs = "to"},
    {"fallback-url", "URL", "where an event goes when it fails",
	TEXT(fallback_url)},
    {"api", NULL, "the events as the API's specification has them", FLAG(api)},
    {.name = NULL},
};

static bool
enter_endpoint(
    struct sim_world *w, const struct family_settings *s, struct bw_error *e)
{
	const struct sim_endpoint p = {
	    .target = s->target,
	    .fallback = s->fallback,
	    .tags = s->tags,
	    .to = s->to.v[0],
	    .to_type = s->to_type,
	    .api = s->api,
	};

	(void)e;
	sim_endpoint(w, &p, 0);
	return true;
}

static const struct family families[] = {
    {"message", "messaging", enter_message},
    {"report", "messaging", enter_report},
    {"code", "mfa", enter_code},
    {"order", "numbers", enter_order},
    {"portout", "portout", enter_portout},
    {"tollfree", "tollfree", enter_tollfree},
    {"emergency", "emergency", enter_emergency},
    {"endpoint", "brtc", enter_endpoint},
};

const struct family *
family_find(const char *name)
{
	for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
		if (strcmp(families[i].name, name) == 0)
			return &families[i];
	}
	return NULL;
}
