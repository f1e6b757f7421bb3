#ifndef BWI_GRAPH_H
#define BWI_GRAPH_H

#include <bwcallback/graph.h>

#include "config/loader.h"
#include "flow/rule.h"

/* Text in which every placeholder is one of these. */
#define BWI_GRAPH_VALUE '\x01'

/* The tag of a call at some point of an answer. */
struct bwi_graph_tag {
	enum {
		BWI_TAG_INHERITED, /* as when the answer was asked for */
		BWI_TAG_LITERAL,
		BWI_TAG_OPEN /* made of placeholders, or not known */
	} kind;
	struct bw_str text; /* LITERAL */
};

/* Where a URL leads. */
enum bwi_graph_where {
	BWI_LEAD_HERE,
	BWI_LEAD_ELSEWHERE,
	BWI_LEAD_ANYWHERE /* that is known when the call comes */
};

/* A URL in an answer, and the event that it gets. */
struct bwi_graph_lead {
	size_t node;
	size_t step;
	const char *verb;
	const char *attr;
	const char *event; /* "" when no name is documented */
	size_t row;	   /* of bw_event_types(), its number when unknown */
	struct bw_str url; /* as written */
	int line;
	bool fallback; /* a second try, when the first URL failed */
	bool again;    /* another event of the URL before it */
	struct bwi_graph_tag tag;
	int64_t digits; /* most that the event can have, of a gather */

	enum bwi_graph_where where;
	struct bw_str path; /* HERE: what is asked for, without a query */
	const char *user;   /* the attribute that names who is sent, or NULL */
	bool given;	    /* that attribute is there */
	bool open;	    /* user or password hold placeholders */
	struct bw_str name, password; /* given and not open */

	/* Sections that the path may be of, and what then answers. */
	size_t first_target, ntargets;
	size_t first_edge, nedges;
	bool refused;	 /* the section has credentials, we do not */
	bool unanswered; /* nothing answers the event there */
};

/* A section that a lead reaches. */
struct bwi_graph_target {
	const struct bwi_section *section;
};

/* A lead, and a rule that may take its event. */
struct bwi_graph_edge {
	size_t lead;
	size_t to;
	bool surely; /* whatever is in the event */
};

/* A verb of an answer. */
struct bwi_graph_step {
	const char *verb;
	struct bw_str says; /* text, or what it reaches, as one line */
	int line;
	size_t lead; /* whose answer is the next document; SIZE_MAX: none */
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
	struct bwi_graph_pair *pairs; /* its attributes, as written */
	size_t npairs;
	size_t first_step, nsteps;
	size_t first_lead, nleads;
	bool ends;    /* a verb hangs up, or hands the call over */
	bool entered; /* a lead leads here */
	bool entry;   /* a call may begin here */
	bool reached; /* from where a call may begin */
	bool circles; /* part of a circle that a finding is about */
	unsigned long long covered; /* how often it answered when tried */
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
	size_t first_node, nnodes; /* of a <voice> */
	size_t fallback;	   /* SIZE_MAX: none of its own */
	bool deadline;		   /* written out */
};

/* A list that grows. */
#define BWI_LIST(type) \
	struct { \
		type *v; \
		size_t n, cap; \
	}

struct bw_graph {
	struct bw_config *config;
	struct bwi_arena arena;
	enum bw_err err; /* the first failure, sticky */
	bool covered;	 /* how often rules answered is told */
	const char *file;
	int line;			  /* of <callbacks> */
	int64_t tables;			  /* bytes of all tables */
	struct bwi_url_credentials login; /* url.p NULL: none */
	BWI_LIST(struct bwi_graph_section) sections;
	BWI_LIST(struct bwi_graph_node) nodes;
	BWI_LIST(struct bwi_graph_step) steps;
	BWI_LIST(struct bwi_graph_lead) leads;
	BWI_LIST(struct bwi_graph_target) targets;
	BWI_LIST(struct bwi_graph_edge) edges;
	BWI_LIST(struct bwi_graph_finding) findings;
};

/* Room for one more at the end of a list; false, and so noted, without. */
#define BWI_GRAPH_GROW(graph, list) \
	bwi_graph_grow((graph), (void **)&(graph)->list.v, (graph)->list.n, \
	    &(graph)->list.cap, sizeof(*(graph)->list.v))
bool
bwi_graph_grow(struct bw_graph *, void **v, size_t n, size_t *cap, size_t size);
/* In the graph's arena; NULL, and so noted, without memory. */
void *bwi_graph_alloc(struct bw_graph *, size_t n);
struct bw_str bwi_graph_copy(struct bw_graph *, struct bw_str);
/* Terminated text with BWI_GRAPH_VALUE for every placeholder. */
struct bw_str bwi_graph_outline(struct bw_graph *, struct bw_str, bool *open);

void bwi_graph_find(struct bw_graph *, enum bw_severity, const char *file,
    int line, const char *fmt, ...) BW_PRINTF(5, 6);

struct bwi_graph_section *
bwi_graph_section_of(const struct bw_graph *, const struct bwi_section *);

/* What is known of an event that has not come yet. */
struct bwi_graph_fact {
	struct bw_str field;
	struct bw_str value;
};

enum bwi_graph_match {
	BWI_TAKES_NOT,
	BWI_TAKES_PERHAPS,
	BWI_TAKES_SURELY
};

/* graph_take.c: would the rule take the event of a row, of which that much is
 * known? digits: most that it can have. */
enum bwi_graph_match bwi_graph_match(const struct bwi_rule *, size_t row,
    const struct bwi_graph_fact *, size_t nfacts, int64_t digits);
/* Of those that both would take, does the earlier rule take all? */
bool bwi_graph_hides(const struct bwi_rule *earlier, const struct bwi_rule *,
    const struct bwi_graph_fact *, size_t nfacts);
/* The fact that a lead's tag is, when it is known. */
size_t
bwi_graph_tag_fact(const struct bwi_graph_tag *, struct bwi_graph_fact *);

/* graph_build.c: nodes, steps and leads, while the document is there. */
void bwi_graph_build(struct bw_graph *, struct bwi_loader *, const xmlNode *);
/* graph_url.c: where a lead leads. */
void bwi_graph_resolve(struct bw_graph *, struct bwi_graph_lead *);
/* graph_link.c: edges, and leads that find nothing. */
void bwi_graph_link(struct bw_graph *);
/* graph_cover.c: events of a lead that no rule of a section takes. */
void bwi_graph_unanswered(struct bw_graph *, struct bwi_graph_lead *,
    const struct bwi_graph_section *);
/* graph_login.c: leads that would meet a 401. */
void bwi_graph_login(struct bw_graph *);
/* graph_reach.c: rules that no answer leads to, calls that just end. */
void bwi_graph_reach(struct bw_graph *);
/* graph_circle.c: circles of a caller who does nothing. */
void bwi_graph_loops(struct bw_graph *);

#endif
