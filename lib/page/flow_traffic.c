#include "page/flow_traffic.h"

#include <stdint.h>

#include <bwcallback/tools/hash.h>

#include "base/alloc.h"
#include "config/config_internal.h"
#include "graph/graph_draw.h"
#include "graph/layout.h"
#include "page/row_event.h"
#include "store/store.h"

/* Calls whose next rule is remembered while reading back. */
#define MAX_CALLS 8192 /* a power of two */

struct follower {
	uint64_t call; /* hash; 0: free */
	size_t next;   /* the node of its event that was read before */
	bool failed;   /* that event was answered by the fallback */
};

struct reading {
	struct bwi_flow_traffic *traffic;
	const struct bw_config *config;
	struct bwi_row_decoder decoder;
	struct follower *followers;
};

static size_t
count_starts(void)
{
	size_t n = 0;

	while (bwi_draw_start(n) != NULL)
		n++;
	return n;
}

size_t
bwi_flow_traffic_start(const struct bwi_flow_traffic *t, struct bw_str name)
{
	const struct bwi_draw_start *start;

	for (size_t i = 0; (start = bwi_draw_start(i)) != NULL; i++) {
		if (bw_str_is(name, start->event))
			return t->graph->nodes.n + i;
	}
	return SIZE_MAX;
}

/* The drawn node that answers the event; SIZE_MAX: none. */
static size_t
find_node(struct reading *r, const struct bw_store_row *row)
{
	const struct bw_graph *g = r->traffic->graph;
	const struct bwi_section *s =
	    bwi_config_section(r->config, row->event.section);
	const struct bw_event *event = bwi_row_decode(&r->decoder, row);
	const struct bw_rule *rule = NULL;

	if (s != NULL && s->flow != NULL && event != NULL)
		rule = bwi_flow_rule(s, event, row->event.received / 1000);
	for (size_t i = 0; rule != NULL && i < g->nodes.n; i++) {
		if (g->nodes.v[i].line == rule->line &&
		    bwi_graph_is_at(&g->nodes.v[i], rule->file, rule->line))
			return bwi_draw_is_drawn(g, i) ? i : SIZE_MAX;
	}
	return SIZE_MAX;
}

/* The entry of a call; NULL: there is no room for it. */
static struct follower *
find_follower(struct reading *r, struct bw_str call)
{
	uint64_t hash = bw_hash_str(BW_HASH_START, call) | 1;
	size_t at = (size_t)hash & (MAX_CALLS - 1);

	for (size_t i = 0; i < MAX_CALLS / 8; i++) {
		struct follower *f = &r->followers[(at + i) & (MAX_CALLS - 1)];

		if (f->call == 0)
			*f = (struct follower){hash, SIZE_MAX, false};
		if (f->call == hash)
			return f;
	}
	return NULL;
}

static void
add(struct bwi_flow_traffic_count *c, bool failed)
{
	c->all++;
	c->failed += failed;
}

static void
add_edge(struct bwi_flow_traffic *t, size_t from, size_t to, bool failed)
{
	if (from < t->n && to < t->n)
		add(&t->edges[from * t->n + to], failed);
}

/* Count an event. The events of a call come newest first. */
static bool
take(void *arg, const struct bw_store_row *row)
{
	struct reading *r = arg;
	struct bwi_flow_traffic *t = r->traffic;
	bool failed = row->answer.fallback || row->answer.status >= 400;
	size_t start = bwi_flow_traffic_start(t, row->event.type);
	size_t node = find_node(r, row);
	struct follower *f;

	t->back = row->event.received;
	t->calls += bw_str_is(row->event.type, "initiate") ||
		    bw_str_is(row->event.type, "answer");
	if (node == SIZE_MAX)
		return true;
	add(&t->nodes[node], failed);
	if (start != SIZE_MAX && !bw_str_is(row->event.type, "redirect")) {
		add(&t->nodes[start], false);
		add_edge(t, start, node, failed);
	}
	f = find_follower(r, row->event.call);
	if (f == NULL)
		return true;
	add_edge(t, node, f->next, f->failed);
	f->next = node;
	f->failed = failed;
	return true;
}

static enum bw_err
make(struct bwi_flow_traffic *t, struct reading *r)
{
	t->n = t->graph->nodes.n + count_starts();
	if (t->graph->nodes.n > BWI_LAYOUT_MAX_NODES)
		return BW_ERR_LIMIT;
	t->nodes = bwi_calloc(t->n, sizeof(*t->nodes));
	t->edges = bwi_calloc(t->n * t->n, sizeof(*t->edges));
	r->followers = bwi_calloc(MAX_CALLS, sizeof(*r->followers));
	return t->nodes != NULL && t->edges != NULL && r->followers != NULL
		   ? BW_OK
		   : BW_ERR_NOMEM;
}

enum bw_err
bwi_flow_traffic_read(struct bwi_flow_traffic *t, const struct bw_graph *g,
    const struct bw_config *config, struct bw_store *store,
    const struct bw_store_filter *filter, int64_t until)
{
	struct reading r = {.traffic = t, .config = config};
	uint64_t cursor = 0;
	enum bw_err err;

	*t = (struct bwi_flow_traffic){.graph = g};
	bwi_row_decoder_init(&r.decoder);
	err = make(t, &r);
	if (err == BW_OK)
		err = bwi_store_read_until(store, filter, true, SIZE_MAX,
		    &cursor, until, take, &r, NULL);
	t->incomplete = err == BW_ERR_BUSY && t->back != 0;
	bwi_row_decoder_free(&r.decoder);
	bwi_free(r.followers);
	return t->incomplete || err == BW_ERR_NOFILE ? BW_OK : err;
}

void
bwi_flow_traffic_free(struct bwi_flow_traffic *t)
{
	bwi_free(t->nodes);
	bwi_free(t->edges);
}

struct bwi_flow_traffic_count
bwi_flow_traffic_node(const struct bwi_flow_traffic *t, size_t node)
{
	return node < t->n ? t->nodes[node]
			   : (struct bwi_flow_traffic_count){0, 0};
}

struct bwi_flow_traffic_count
bwi_flow_traffic_edge(const struct bwi_flow_traffic *t, size_t from, size_t to)
{
	if (from >= t->n || to >= t->n)
		return (struct bwi_flow_traffic_count){0, 0};
	return t->edges[from * t->n + to];
}
