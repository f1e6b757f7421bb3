/* The callbacks of toll-free verification. */
#include "sim/family/tollfree.h"

#include <stdlib.h>
#include <string.h>

#include <nettle/base16.h>
#include <nettle/hmac.h>

#include "sim/base/json_members.h"
#include "sim/base/memory.h"
#include "sim/deliver/post.h"

#define HOUR INT64_C(3600000)

/*
 * The states and the members of their callbacks. Members are in alphabetical
 * order, as they are signed.
 */
static const struct state {
	const char *word;
	const char *event; /* name in the table of events */
	const char *status;
	int code; /* denialStatusCode */
	bool blocked;
	const char *error; /* errorCode */
	const char *reason;
} states[] = {
    {.word = "verified", .event = "verification", .status = "VERIFIED"},
    {.word = "unverified", .event = "verification", .status = "UNVERIFIED"},
    {.word = "denied",
	.event = "denial",
	.status = "UNVERIFIED",
	.code = 511,
	.reason = "The use case is not clear"},
    {.word = "blocked",
	.event = "blocked",
	.status = "UNVERIFIED",
	.blocked = true,
	.reason = "Unwanted messages were reported"},
    {.word = "failed",
	.event = "failure",
	.error = "400",
	.reason = "The request was not valid"},
};

static const struct state *
find(const char *word)
{
	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		if (strcmp(states[i].word, word) == 0)
			return &states[i];
	}
	return NULL;
}

const char *
sim_tollfree_state(size_t i)
{
	return i < sizeof(states) / sizeof(states[0]) ? states[i].word : NULL;
}

struct verification {
	struct sim_world *world;
	const struct sim_tollfree *options;
	const char *number;
	char *ticket;
};

static json_object *
more_reasons(void)
{
	json_object *list = json_object_new_array();
	json_object *o = json_object_new_object();

	sim_json_text(o, "reason", "An example of a message is missing");
	json_object_object_add(
	    o, "resubmitAllowed", json_object_new_boolean(true));
	json_object_object_add(o, "statusCode", json_object_new_int(512));
	json_object_array_add(list, o);
	return list;
}

static void
add_denial(json_object *o, const struct state *s, const char *reason)
{
	json_object_object_add(o, "additionalDenialReasons", more_reasons());
	sim_json_text(o, "declineReasonDescription", reason);
	json_object_object_add(
	    o, "denialStatusCode", json_object_new_int(s->code));
}

static void
add_failure(json_object *o, const struct state *s, const char *reason)
{
	json_object *list = json_object_new_array();

	sim_json_text(o, "errorCode", s->error);
	sim_json_text(o, "errorMessage", reason);
	json_object_array_add(list, json_object_new_string(reason));
	json_object_object_add(o, "errors", list);
}

static json_object *
make_payload(const struct verification *v, const struct state *s)
{
	json_object *o = json_object_new_object();
	const char *reason = v->options->reason;

	if (reason == NULL)
		reason = s->reason;
	sim_json_text(o, "accountId", v->world->account);
	if (s->code != 0)
		add_denial(o, s, reason);
	if (s->blocked) {
		json_object_object_add(
		    o, "blocked", json_object_new_boolean(true));
		sim_json_text(o, "blockedReason", reason);
	}
	if (s->error != NULL)
		add_failure(o, s, reason);
	sim_json_text(o, "internalTicketNumber", v->ticket);
	sim_json_text(o, "phoneNumber", v->number);
	if (s->code != 0)
		json_object_object_add(
		    o, "resubmitAllowed", json_object_new_boolean(true));
	sim_json_text(o, "status", s->status);
	return o;
}

/* HMAC-SHA256 of the body in lower-case hexadecimal. */
static char *
sign(const char *key, json_object *o)
{
	struct hmac_sha256_ctx ctx;
	uint8_t digest[SHA256_DIGEST_SIZE];
	char *hex = sim_alloc(BASE16_ENCODE_LENGTH(sizeof(digest)) + 1);
	struct bw_buf body;

	bw_buf_init(&body, SIM_MAX_POST);
	sim_json_members(o, &body);
	if (body.err != BW_OK)
		sim_no_memory();
	hmac_sha256_set_key(&ctx, strlen(key), (const uint8_t *)key);
	hmac_sha256_update(&ctx, body.n, (const uint8_t *)body.p);
	hmac_sha256_digest(&ctx, sizeof(digest), digest);
	base16_encode_update(hex, sizeof(digest), digest);
	bw_buf_free(&body);
	return hex;
}

static void
post_state(const struct verification *v, const struct state *s, int64_t after)
{
	const char *key = v->options->key;
	json_object *o = make_payload(v, s);
	char *signature = key != NULL ? sign(key, o) : NULL;
	struct sim_callback c = {
	    .event = s->event,
	    .about = v->ticket,
	    .family = BW_FAMILY_TFV,
	    .primary = v->options->target,
	    .signature_name = "x-bandwidth-signature-hmac-sha256",
	    .signature = signature,
	};

	sim_post_json(v->world, &c, o, false, after);
	free(signature);
}

void
sim_tollfree(struct sim_world *w, const struct sim_tollfree *t, int64_t after)
{
	static const char *const usual[] = {"unverified", "verified", NULL};
	const char *const *words = t->states != NULL ? t->states : usual;
	int64_t between = t->between > 0 ? t->between : HOUR;
	struct verification v = {
	    .world = w,
	    .options = t,
	    .number = t->number != NULL ? t->number : "+18885550100",
	    .ticket = sim_world_id(w, ""),
	};

	for (; *words != NULL; words++) {
		const struct state *s = find(*words);

		if (s == NULL)
			continue;
		post_state(&v, s, after);
		after += between;
	}
	free(v.ticket);
}
