/* What is stored of an event: its columns, its key and its thread. */
#include <nettle/sha2.h>
#include <string.h>

#include <bwcallback/tools/clock.h>

#include "base/hex.h"
#include "base/request.h"
#include "callback/journal.h"
#include "event/event.h"
#include "store/store.h"

#define HOUR_MS INT64_C(3600000)

/*
 * Identifiers have up to 50 characters and numbers 16; longer values are not
 * ids.
 */
#define MAX_COLUMN 256

/*
 * How long a key identifies a re-delivery. 0: for as long as the event is
 * stored, for keys made of ids. Keys made of a hash of the body expire, because
 * the same status may be sent again for another reason. A port-out is repeated
 * for 40 minutes, and its order number may be reused much later.
 */
static const int64_t windows[BW_FAMILY__MAX] = {
    [BW_FAMILY_OTHER] = HOUR_MS,
    [BW_FAMILY_NUMBERS_V2] = HOUR_MS,
    [BW_FAMILY_PORTOUT] = HOUR_MS,
    [BW_FAMILY_PORTING_GLOBAL] = HOUR_MS,
    [BW_FAMILY_ENDUSER] = HOUR_MS,
    [BW_FAMILY_TFV] = HOUR_MS,
    [BW_FAMILY_BRTC] = HOUR_MS,
    [BW_FAMILY_EMERGENCY] = HOUR_MS,
};

static int64_t
window_of(const struct bw_event *e)
{
	const struct bw_event_type *row = bw_event_row(e);

	if (row->family == BW_FAMILY_NUMBERS && strcmp(row->name, "order") != 0)
		return HOUR_MS;
	/* The key of an unknown type is a hash of the body. */
	if (strcmp(row->name, "other") == 0)
		return HOUR_MS;
	return windows[row->family];
}

/* The first of these fields that the event has. */
static struct bw_str
field(const struct bw_event *e, const char *const *names)
{
	struct bw_str value = {NULL, 0};

	for (; *names != NULL && value.p == NULL; names++) {
		bw_event_get(
		    e, (struct bw_str){*names, strlen(*names)}, &value);
		if (value.n > MAX_COLUMN)
			value = (struct bw_str){NULL, 0};
	}
	return value;
}

static struct bw_str
join(struct bwi_arena *a, const char *const *parts, const struct bw_str *texts,
    size_t n)
{
	struct bw_str out = {NULL, 0};
	size_t size = 1;
	char *to;

	for (size_t i = 0; i < n; i++)
		size += strlen(parts[i]) + texts[i].n;
	out.p = to = bwi_arena_alloc(a, size);
	if (to == NULL)
		return out;
	for (size_t i = 0; i < n; i++) {
		size_t len = strlen(parts[i]);

		memcpy(to, parts[i], len);
		if (texts[i].n > 0)
			memcpy(to + len, texts[i].p, texts[i].n);
		to += len + texts[i].n;
	}
	out.n = size - 1;
	return out;
}

/*
 * Events of one thread are consumed in order: those of a call, of a conference,
 * of an order, and all messages between the same two numbers in both
 * directions.
 */
static struct bw_str
thread_of(struct bwi_arena *a, const struct bw_event *e,
    const struct bw_store_event *s)
{
	static const char *const conference[] = {"conferenceId", NULL};
	static const char *const order[] = {"OrderId", NULL};
	struct bw_str ids[] = {s->call, field(e, conference), field(e, order)};
	static const char *const kinds[] = {"call:", "conference:", "order:"};
	struct bw_str pair[] = {s->from, s->to};
	static const char *const between[] = {"between:", ","};
	struct bw_str none = {NULL, 0};

	for (size_t i = 0; i < 3; i++) {
		if (ids[i].p != NULL)
			return join(a, &kinds[i], &ids[i], 1);
	}
	if (pair[0].p == NULL || pair[1].p == NULL)
		return none;
	if (pair[0].n > pair[1].n ||
	    (pair[0].n == pair[1].n &&
		memcmp(pair[0].p, pair[1].p, pair[0].n) > 0)) {
		pair[0] = s->to;
		pair[1] = s->from;
	}
	return join(a, between, pair, 2);
}

/* The key begins with the section's path: "/voice|voice.answer:9900100:c-1". */
static enum bw_err
set_key(struct bwi_arena *a, const struct bwi_section *s,
    const struct bw_event *e, struct bw_str *out)
{
	struct bw_buf b;
	enum bw_err err;

	bw_buf_init(&b, 64 * 1024);
	bw_event_key(e, &b);
	err = b.err;
	if (err == BW_OK && b.n > 0) {
		static const char *const parts[] = {"", "|"};
		struct bw_str texts[] = {s->path, {b.p, b.n}};

		*out = join(a, parts, texts, 2);
		err = out->p != NULL ? BW_OK : BW_ERR_NOMEM;
	}
	bw_buf_free(&b);
	return err;
}

void
bwi_journal_ids(
    const struct bw_event *e, struct bw_str *call, struct bw_str *message)
{
	static const char *const calls[] = {"callId", NULL};
	static const char *const messages[] = {
	    "message.id", "messageId", "msgId", NULL};

	*call = field(e, calls);
	*message = field(e, messages);
}

enum bw_err
bwi_journal_describe(struct bwi_arena *a, const struct bwi_section *s,
    const struct bw_event *e, struct bw_store_event *to)
{
	static const char *const from[] = {"message.from", "from", NULL};
	static const char *const number[] = {"to", "message.to", "phoneNumber",
	    "TelephoneNumbers.TelephoneNumber", NULL};
	const char *family = bw_family_name(bw_event_family(e));

	to->family = (struct bw_str){family, strlen(family)};
	to->type = bw_event_name(e);
	if (to->type.p == NULL)
		to->type = BW_STR("");
	bwi_journal_ids(e, &to->call, &to->message);
	to->from = field(e, from);
	to->to = field(e, number);
	to->thread = thread_of(a, e, to);
	to->window = window_of(e);
	return set_key(a, s, e, &to->key);
}

static struct bw_str
or_empty(struct bw_str s)
{
	return s.p != NULL ? s : (struct bw_str){"", 0};
}

void
bwi_journal_describe_request(const struct bwi_section *s,
    const struct bw_request *req, struct bw_str user, struct bw_store_event *to)
{
	bool get = req->method == BW_METHOD_GET;

	*to = (struct bw_store_event){
	    .received = req->time != 0 ? req->time : bw_realtime_ms(),
	    .section = or_empty(s->path),
	    .method = or_empty(req->method_name),
	    .content_type = req->content_type,
	    .user = user,
	    .request = req->id,
	    .body = or_empty(get ? req->query : req->body),
	    .query = get || req->query.n == 0 ? (struct bw_str){NULL, 0}
					      : req->query,
	    .batch = 1,
	};
}

void
bwi_journal_set_index(struct bw_store_event *to,
    const struct bw_event *const *events, size_t n, size_t i)
{
	if (n <= 1)
		return;
	to->batch = (int)n;
	to->index = (int)i;
	to->body = or_empty(events[i]->raw);
}

enum bw_err
bwi_journal_row(const struct bwi_journal *k, const struct bwi_section *s,
    const struct bw_request *req, struct bw_str user,
    const struct bw_event *const *events, size_t n, size_t i,
    struct bw_store_row *to)
{
	*to = (struct bw_store_row){.seq = 0};
	/* The number of a call's event is certain only once it is durable. */
	if (k->results != NULL && !k->concurrent)
		to->seq = k->results[i].seq;
	if (i < k->n) {
		to->event = k->events[i];
		return BW_OK;
	}
	bwi_journal_describe_request(s, req, user, &to->event);
	bwi_journal_set_index(&to->event, events, n, i);
	return bwi_journal_describe(k->arena, s, events[i], &to->event);
}

void
bwi_journal_describe_unparsed(struct bwi_arena *a, const struct bwi_section *s,
    enum bw_err why, struct bw_store_event *to)
{
	static const char *const parts[] = {"", "|unparsed:#"};
	uint8_t sum[SHA256_DIGEST_SIZE];
	char hex[2 * SHA256_DIGEST_SIZE];
	struct bw_str texts[] = {s->path, {hex, sizeof(hex)}};
	const char *name = bw_err_name(why);
	struct sha256_ctx ctx;

	to->family = BW_STR(BWI_STORE_UNPARSED);
	to->type = (struct bw_str){name, strlen(name)};
	to->window = HOUR_MS;
	sha256_init(&ctx);
	sha256_update(&ctx, to->body.n, (const uint8_t *)to->body.p);
	sha256_digest(&ctx, sizeof(sum), sum);
	bwi_hex_encode(sum, sizeof(sum), hex);
	to->key = join(a, parts, texts, 2);
}
