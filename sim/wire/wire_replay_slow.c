/* Late answers, remembered. */
#include <stdlib.h>
#include <string.h>

#include <bwcallback/tools/hash.h>

#include "sim/base/hash.h"
#include "sim/base/memory.h"
#include "sim/wire/wire_replay_slow.h"

#define SAME	  2 /* so often with one question */
#define SAME_URL  8
#define MAX_KNOWN 256 /* a flow where more is late is slow to explore */

struct known {
	uint64_t question; /* or URL */
	int times;
	struct sim_reply reply;
};

struct sim_replay_slow {
	struct known known[MAX_KNOWN];
	size_t n;
};

struct sim_replay_slow *
sim_replay_slow_new(void)
{
	return sim_alloc(sizeof(struct sim_replay_slow));
}

void
sim_replay_slow_free(struct sim_replay_slow *m)
{
	if (m == NULL)
		return;
	for (size_t i = 0; i < m->n; i++)
		sim_reply_free(&m->known[i].reply);
	free(m);
}

static struct known *
find(struct sim_replay_slow *m, uint64_t question)
{
	for (size_t i = 0; i < m->n; i++) {
		if (m->known[i].question == question)
			return &m->known[i];
	}
	return NULL;
}

static void
copy_reply(struct sim_reply *to, const struct sim_reply *from)
{
	struct bw_buf body;

	sim_reply_reset(to);
	body = to->body;
	*to = *from;
	to->body = body;
	to->why = sim_copy(from->why);
	to->type = sim_copy(from->type);
	to->challenge = sim_copy(from->challenge);
	to->reason = sim_copy(from->reason);
	bw_buf_add(&to->body, from->body.p, from->body.n);
}

static void
remember(
    struct sim_replay_slow *m, uint64_t question, const struct sim_reply *r)
{
	struct known *k = find(m, question);

	if (k == NULL) {
		if (m->n == MAX_KNOWN)
			return;
		k = &m->known[m->n++];
		k->question = question;
		sim_reply_init(&k->reply);
	}
	k->times++;
	copy_reply(&k->reply, r);
}

/* Not every answer there is late. */
static void
forget(struct sim_replay_slow *m, uint64_t place)
{
	struct known *k = find(m, place);

	if (k != NULL)
		k->times = 0;
}

void
sim_replay_slow_ask(struct sim_replay_slow *m, struct sim_wire *wire,
    const struct sim_ask *ask, struct sim_reply *r)
{
	const struct bw_str url = {ask->url, strcspn(ask->url, "?")};
	uint64_t place = bw_hash_str(ask->user != NULL, url);
	uint64_t question = sim_hash_text(sim_hash_text(place, ask->body),
	    (struct bw_str){ask->url + url.n, strlen(ask->url + url.n)});
	const struct known *k = find(m, question);

	if (k == NULL || k->times < SAME)
		k = find(m, place);
	if (k != NULL && k->times >= (k->question == place ? SAME_URL : SAME)) {
		copy_reply(r, &k->reply);
		return;
	}
	sim_wire_ask(wire, ask, r);
	/* Of those that only took long each is another: it may be the machine.
	 */
	if (!r->late) {
		forget(m, place);
		return;
	}
	remember(m, question, r);
	remember(m, place, r);
}
