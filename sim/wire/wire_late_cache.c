/* Caches late answers. */
#include <stdlib.h>
#include <string.h>

#include <bwcallback/tools/hash.h>

#include "sim/base/hash.h"
#include "sim/base/memory.h"
#include "sim/wire/wire_late_cache.h"

#define SAME	   2 /* late answers to the same request */
#define SAME_URL   8
#define MAX_CACHED 256 /* bounds memory; further requests are always sent */

struct cached {
	uint64_t request_hash; /* of the request, or of its URL */
	int times;
	struct sim_reply reply;
};

struct sim_late_cache {
	struct cached cached[MAX_CACHED];
	size_t n;
};

struct sim_late_cache *
sim_late_cache_new(void)
{
	return sim_alloc(sizeof(struct sim_late_cache));
}

void
sim_late_cache_free(struct sim_late_cache *cache)
{
	if (cache == NULL)
		return;
	for (size_t i = 0; i < cache->n; i++)
		sim_reply_free(&cache->cached[i].reply);
	free(cache);
}

static struct cached *
find_reply(struct sim_late_cache *cache, uint64_t request_hash)
{
	for (size_t i = 0; i < cache->n; i++) {
		if (cache->cached[i].request_hash == request_hash)
			return &cache->cached[i];
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
add_reply(struct sim_late_cache *cache, uint64_t request_hash,
    const struct sim_reply *r)
{
	struct cached *c = find_reply(cache, request_hash);

	if (c == NULL) {
		if (cache->n == MAX_CACHED)
			return;
		c = &cache->cached[cache->n++];
		c->request_hash = request_hash;
		sim_reply_init(&c->reply);
	}
	c->times++;
	copy_reply(&c->reply, r);
}

/* The URL has an answer that is not late: restart its count. */
static void
forget(struct sim_late_cache *cache, uint64_t url_hash)
{
	struct cached *c = find_reply(cache, url_hash);

	if (c != NULL)
		c->times = 0;
}

void
sim_late_cache_send(struct sim_late_cache *cache, struct sim_wire *wire,
    const struct sim_request *request, struct sim_reply *r)
{
	const struct bw_str url = {request->url, strcspn(request->url, "?")};
	uint64_t url_hash = bw_hash_str(request->user != NULL, url);
	uint64_t request_hash =
	    sim_hash_text(sim_hash_text(url_hash, request->body),
		(struct bw_str){
		    request->url + url.n, strlen(request->url + url.n)});
	const struct cached *c = find_reply(cache, request_hash);

	if (c == NULL || c->times < SAME)
		c = find_reply(cache, url_hash);
	if (c != NULL &&
	    c->times >= (c->request_hash == url_hash ? SAME_URL : SAME)) {
		copy_reply(r, &c->reply);
		return;
	}
	sim_wire_send(wire, request, r);
	/* Not late: even if it took long, the machine may be the cause. */
	if (!r->late) {
		forget(cache, url_hash);
		return;
	}
	add_reply(cache, request_hash, r);
	add_reply(cache, url_hash, r);
}
