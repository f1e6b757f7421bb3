#ifndef BWI_GRAPH_H
#define BWI_GRAPH_H

#include <bwcallback/tools/graph.h>

#include "base/str.h"
#include "config/loader.h"
#include "event/payload_tree.h"
#include "flow/rule.h"

/* Replaces each placeholder in an outline. */
#define BWI_GRAPH_VALUE BWI_OUTLINE_VALUE

/* The tag of a call at some point in an answer. */
struct bwi_graph_tag {
	enum {
		BWI_TAG_INHERITED, /* as before the answer */
		BWI_TAG_LITERAL,
		BWI_TAG_OPEN /* contains placeholders, or unknown */
	} kind;
	struct bw_str text; /* LITERAL */
};

/* Where a URL in an answer leads. */
enum bwi_graph_where {
	BWI_LEAD_LOCAL,
	BWI_LEAD_EXTERNAL,
	BWI_LEAD_UNKNOWN /* not known until the call */
};

/* A URL in an answer, and the event that is sent to it. */
struct bwi_graph_lead {
	size_t node;
	size_t step;
	const char *verb;
	const char *attr;
	const char *event; /* "" when no name is documented */
	size_t row;	   /* in bw_event_types(); its size if unknown */
	struct bw_str url; /* as written */
	int line;
	bool fallback; /* fallback of the URL before it */
	bool again;    /* another event for the same URL */
	struct bwi_graph_tag tag;
	int64_t digits; /* most digits in the event of a Gather */

	enum {
		BWI_LEAD_POST,
		BWI_LEAD_GET,
		BWI_LEAD_ANY_METHOD /* not known until the call */
	} method;

	enum bwi_graph_where where;
	struct bw_str path; /* LOCAL: request path without the query */
	/*
	 * LOCAL: the parameters of the query, or NULL without one; values may
	 * contain BWI_GRAPH_VALUE.
	 */
	struct bwi_tree *query;
	bool names_known; /* the names of all parameters are known */
	const char *user; /* attribute with the user name, or NULL */
	bool given;	  /* that attribute is present */
	bool open;	  /* user or password contains placeholders */
	bool https;	  /* credentials are sent over https only */
	struct bw_str name, password; /* if given and not open */

	/*
	 * Sections that the path may belong to, and the rules that may answer.
	 */
	size_t first_target, ntargets;
	size_t first_edge, nedges;
	bool refused;	 /* credentials are required and missing */
	bool unanswered; /* no rule answers the event */
};

/* A section that a lead reaches. */
struct bwi_graph_target {
	const struct bwi_section *section;
};

/* A URL and a rule that may match its event. */
struct bwi_graph_edge {
	size_t lead;
	size_t to;
	bool always_matches; /* matches whatever the event contains */
};

/* A verb of an answer. */
struct bwi_graph_step {
	const char *verb;
	struct bw_str says; /* its text or target, as one line */
	int line;
	size_t lead; /* lead to the next document; SIZE_MAX: none */
};

struct bwi_graph_pair {
	struct bw_str name, value;
};

/* A rule, or a fallback. */
struct bwi_graph_node {
	const struct bwi_section *section;
	const struct bwi_rule *rule; /* NULL: a fallback */
	const char *file;
	int line;
	struct bwi_graph_pair *pairs; /* attributes as written */
	size_t npairs;
	size_t first_step, nsteps;
	size_t first_lead, nleads;
	size_t first_name, nnames;  /* fields that placeholders name */
	bool ends;		    /* a verb hangs up or hands the call over */
	bool entered;		    /* target of a lead */
	bool entry;		    /* a call may begin here */
	bool reached;		    /* reachable from an entry */
	bool in_loop;		    /* part of a loop that has been reported */
	unsigned long long covered; /* number of answers in trials */
};

struct bwi_graph_finding {
	enum bw_severity severity;
	const char *file;
	int line;
	const char *text;
};

/* A section as it stands in its file. */
struct bwi_graph_section {
	const struct bwi_section *section;
	const char *file;
	int line;
	size_t first_node, nnodes; /* of a <voice> section */
	size_t fallback;	   /* SIZE_MAX: the default */
	bool deadline;		   /* attribute is present */
};

/* A growing list. */
#define BWI_LIST(type) \
	struct { \
		type *v; \
		size_t n, cap; \
	}

struct bw_graph {
	struct bw_config *config;
	struct bwi_arena arena;
	enum bw_err err; /* the first failure, sticky */
	bool covered;	 /* draw the number of answers in trials */
	const char *file;
	int line;			  /* line of <callbacks> */
	int64_t tables;			  /* total size of all tables, bytes */
	struct bwi_url_credentials login; /* url.p NULL: no <login> */
	BWI_LIST(struct bwi_graph_section) sections;
	BWI_LIST(struct bwi_graph_node) nodes;
	BWI_LIST(struct bwi_graph_step) steps;
	BWI_LIST(struct bwi_graph_lead) leads;
	BWI_LIST(struct bwi_graph_target) targets;
	BWI_LIST(struct bwi_graph_edge) edges;
	BWI_LIST(struct bw_str) names;
	BWI_LIST(struct bwi_graph_finding) findings;
};

/*
 * Reserve room for one more item. False if out of memory, which is recorded in
 * err.
 */
#define BWI_GRAPH_GROW(graph, list) \
	bwi_graph_grow((graph), (void **)&(graph)->list.v, (graph)->list.n, \
	    &(graph)->list.cap, sizeof(*(graph)->list.v))
bool
bwi_graph_grow(struct bw_graph *, void **v, size_t n, size_t *cap, size_t size);
/*
 * Allocate in the graph's arena. NULL if out of memory, which is recorded in
 * err.
 */
void *bwi_graph_alloc(struct bw_graph *, size_t n);
struct bw_str bwi_graph_copy(struct bw_graph *, struct bw_str);
/* NUL-terminated text with BWI_GRAPH_VALUE in place of every placeholder. */
struct bw_str bwi_graph_outline(struct bw_graph *, struct bw_str, bool *open);

void bwi_graph_find(struct bw_graph *, enum bw_severity, const char *file,
    int line, const char *fmt, ...) BW_PRINTF(5, 6);

struct bwi_graph_section *
bwi_graph_section_of(const struct bw_graph *, const struct bwi_section *);

/* graph_name.c: is it the rule or fallback that begins there? */
bool bwi_graph_is_at(const struct bwi_graph_node *, const char *file, int line);

/* A known field of an event that has not occurred yet. */
struct bwi_graph_fact {
	struct bw_str field;
	struct bw_str value;
};

enum bwi_graph_match {
	BWI_MATCH_NEVER,
	BWI_MATCH_MAYBE,
	BWI_MATCH_ALWAYS
};

/* graph_match.c: would the rule match the event of a lead with these facts? */
enum bwi_graph_match
bwi_graph_match(const struct bwi_rule *, const struct bwi_graph_lead *,
    const struct bwi_graph_fact *, size_t nfacts);
/* The same as if the rule's hours and dates held now. */
enum bwi_graph_match
bwi_graph_match_open(const struct bwi_rule *, const struct bwi_graph_lead *,
    const struct bwi_graph_fact *, size_t nfacts);
/* Does the earlier rule match every event of the lead that both match? */
bool bwi_graph_shadows(const struct bwi_rule *earlier, const struct bwi_rule *,
    const struct bwi_graph_lead *, const struct bwi_graph_fact *,
    size_t nfacts);
/* Make a fact of a lead's tag if it is known; returns their number, 0 or 1. */
size_t
bwi_graph_tag_fact(const struct bwi_graph_tag *, struct bwi_graph_fact *);

/* graph_build.c: read nodes, steps and leads from the document. */
void bwi_graph_build(struct bw_graph *, struct bwi_loader *, const xmlNode *);
/* graph_url.c: find where a lead leads. */
void bwi_graph_resolve(struct bw_graph *, struct bwi_graph_lead *);
/* graph_query.c: read the query of a lead's URL, an outline. */
void bwi_graph_read_query(
    struct bw_graph *, struct bwi_graph_lead *, struct bw_str url);
/*
 * Does the URL of a lead determine the value of that field? An absent parameter
 * is the empty text.
 */
bool bwi_graph_lead_value(
    const struct bwi_graph_lead *, struct bw_str field, struct bw_str *value);
/* Does the rule test a parameter that may differ each time? */
bool bwi_graph_lead_may_count(
    const struct bwi_graph_lead *, const struct bwi_rule *);
/* Collect the fields that the placeholders of an answer name. */
void bwi_graph_read_names(
    struct bw_graph *, struct bwi_graph_node *, const xmlNode *);
/* Warn about bare names in a rule that are parameters of a POST's query. */
void bwi_graph_bare_names(struct bw_graph *, const struct bwi_graph_lead *,
    const struct bwi_graph_node *);
/* A path with "{...}" in place of each placeholder. */
struct bw_str bwi_graph_readable(struct bw_graph *, struct bw_str);
/*
 * The path of a lead if its URL were relative to the section itself; p NULL if
 * it is not a relative path.
 */
struct bw_str bwi_graph_below(struct bw_graph *, const struct bwi_graph_lead *);
/*
 * For a lead without a section: the path that was probably meant, relative to
 * the section itself ("/voice/" instead of "/voice") or to the root. p NULL if
 * no section has that path.
 */
struct bw_str bwi_graph_meant(struct bw_graph *, const struct bwi_graph_lead *);
/* graph_link.c: add edges; report leads without a target. */
void bwi_graph_link(struct bw_graph *);
/*
 * graph_unanswered.c: report events of a lead that no rule of a section
 * matches.
 */
void bwi_graph_unanswered(struct bw_graph *, struct bwi_graph_lead *,
    const struct bwi_graph_section *);
/*
 * graph_unanswered.c: report first events of calls, and events without a store,
 * that no rule answers at some times.
 */
void bwi_graph_entries(struct bw_graph *);
/* graph_login.c: report leads that would get a 401. */
void bwi_graph_login(struct bw_graph *);
/*
 * graph_reach.c: report unreachable rules, and calls that end unintentionally.
 */
void bwi_graph_reach(struct bw_graph *);
/* graph_loops.c: report loops of a caller who gives no input. */
void bwi_graph_loops(struct bw_graph *);

#endif
