#ifndef BWI_PAGE_FLOW_TRAFFIC_H
#define BWI_PAGE_FLOW_TRAFFIC_H

#include <bwcallback/store.h>

#include "graph/graph.h"

/*
 * How often calls went through the rules of a graph: the stored events, each by
 * the rule that would answer it today.
 */
struct bwi_flow_traffic_count {
	unsigned all, failed; /* failed: the fallback answered, or an error */
};

struct bwi_flow_traffic {
	const struct bw_graph *graph;
	size_t n; /* nodes, and after them how calls begin */
	struct bwi_flow_traffic_count *nodes;
	struct bwi_flow_traffic_count *edges; /* n * n */
	unsigned calls;			      /* that began */
	int64_t back;	 /* time of the oldest event that was read */
	bool incomplete; /* there are older ones in the time */
};

/*
 * Read the events of a filter until a deadline, CLOCK_MONOTONIC, nanoseconds.
 * BW_ERR_LIMIT: too many rules. BW_ERR_NOMEM, or an error of the store. Free it
 * afterwards, also after an error.
 */
enum bw_err bwi_flow_traffic_read(struct bwi_flow_traffic *,
    const struct bw_graph *, const struct bw_config *, struct bw_store *,
    const struct bw_store_filter *, int64_t until) BW_CHECK;
void bwi_flow_traffic_free(struct bwi_flow_traffic *);

/* The number of a start by its name. */
size_t
bwi_flow_traffic_start(const struct bwi_flow_traffic *, struct bw_str name);
/* An unknown number has no traffic. */
struct bwi_flow_traffic_count
bwi_flow_traffic_node(const struct bwi_flow_traffic *, size_t);
struct bwi_flow_traffic_count
bwi_flow_traffic_edge(const struct bwi_flow_traffic *, size_t from, size_t to);

#endif
