/*
 * Would a callback get a 401? Bandwidth sends credentials to a URL only if the
 * verb that contains it names them.
 */
#include <nettle/base64.h>

#include <bwcallback/tools/str.h>

#include "auth/basic_auth.h"
#include "base/alloc.h"
#include "base/request.h"
#include "bxml/value.h"
#include "graph/graph.h"

#define MAX_PAIR (BW_PASSWD_MAX_USER + 1 + BW_PASSWD_MAX_PASSWORD)

/*
 * Results of checking credentials: hashing is slow, and a configuration has
 * many URLs.
 */
struct tried {
	const struct bwi_section *section;
	struct bw_str name, password;
	bool good;
};

struct trying {
	struct bw_graph *graph;
	BWI_LIST(struct tried) done;
};

/* Does the section accept this user and password? */
static bool
verify(const struct bwi_section *s, struct bw_str name, struct bw_str password)
{
	char pair[MAX_PAIR], header[6 + BASE64_ENCODE_RAW_LENGTH(MAX_PAIR)];
	struct bw_request req = {.method = BW_METHOD_POST};
	struct bw_error e = {0};
	struct bw_str user;
	size_t n = name.n + 1 + password.n;
	enum bw_err err;

	if (n > MAX_PAIR)
		return false;
	memcpy(pair, name.p, name.n);
	pair[name.n] = ':';
	if (password.n != 0)
		memcpy(pair + name.n + 1, password.p, password.n);
	memcpy(header, "Basic ", 6);
	base64_encode_raw(header + 6, n, (const uint8_t *)pair);
	req.authorization =
	    (struct bw_str){header, 6 + BASE64_ENCODE_RAW_LENGTH(n)};
	err = bwi_credentials_check(s->credentials, &req, INT64_MAX, &user, &e);
	explicit_bzero(pair, sizeof(pair));
	explicit_bzero(header, sizeof(header));
	return err != BW_ERR_REJECTED && err != BW_ERR_MISSING;
}

static bool
is_accepted(struct trying *t, const struct bwi_section *s, struct bw_str name,
    struct bw_str password)
{
	struct tried *one;
	void *more;

	for (size_t i = 0; i < t->done.n; i++) {
		one = &t->done.v[i];
		if (one->section->credentials == s->credentials &&
		    bw_str_eq(one->name, name) &&
		    bw_str_eq(one->password, password))
			return one->good;
	}
	more = bwi_grow(t->done.v, t->done.n, &t->done.cap, sizeof(*one));
	if (more == NULL) {
		t->graph->err = BW_ERR_NOMEM;
		return true;
	}
	t->done.v = more;
	one = &t->done.v[t->done.n++];
	*one = (struct tried){s, name, password, verify(s, name, password)};
	return one->good;
}

static void
report_none(struct bw_graph *g, struct bwi_graph_lead *lead,
    const struct bwi_section *s)
{
	const struct bwi_graph_node *n = &g->nodes.v[lead->node];

	if (lead->user == NULL)
		bwi_graph_find(g, BW_SEVERITY_WARNING, n->file, lead->line,
		    "<%s>: %s=\"%.80s\" gets a 401: <%s> has no attribute for "
		    "the credentials of that URL; use a section without "
		    "credentials",
		    lead->verb, lead->attr, lead->url.p, lead->verb);
	else
		bwi_graph_find(g, BW_SEVERITY_WARNING, n->file, lead->line,
		    "<%s>: %s=\"%.80s\" gets a 401: %s requires credentials "
		    "and Bandwidth has none for it; add <login "
		    "url=\"https://...\" user=\"...\" password-file=\"...\"/> "
		    "or the verb's own %s",
		    lead->verb, lead->attr, lead->url.p, s->path.p, lead->user);
}

/*
 * Does another URL of the verb lead elsewhere, so that <login> is used for
 * neither?
 */
static bool
is_mixed(const struct bw_graph *g, const struct bwi_graph_lead *lead)
{
	const struct bwi_graph_node *n = &g->nodes.v[lead->node];

	for (size_t i = 0; i < n->nleads; i++) {
		const struct bwi_graph_lead *other =
		    &g->leads.v[n->first_lead + i];

		if (other->step == lead->step && other->line == lead->line &&
		    other->user != NULL && lead->user != NULL &&
		    strcmp(other->user, lead->user) == 0 &&
		    other->where != BWI_LEAD_LOCAL)
			return true;
	}
	return false;
}

/* Bandwidth does not send the credentials of <login> to this URL over http. */
static bool
is_plain(const struct bw_graph *g, const struct bwi_graph_lead *lead)
{
	struct bw_str url = lead->url;

	if (bw_str_begins(url, BW_STR("//")) || strstr(url.p, "://") == NULL)
		url = g->login.url;
	return lead->https && bwi_bxml_is_plain_http(url);
}

static void
report_plain(struct bw_graph *g, const struct bwi_graph_lead *lead,
    const struct bwi_section *s)
{
	const struct bwi_graph_node *n = &g->nodes.v[lead->node];

	bwi_graph_find(g, BW_SEVERITY_WARNING, n->file, lead->line,
	    "<%s>: %s=\"%.80s\" gets a 401: %s requires credentials, and "
	    "Bandwidth sends those of a <%s> over https only, but the url of "
	    "<login> is http: write https there, or use a section without "
	    "credentials",
	    lead->verb, lead->attr, lead->url.p, s->path.p, lead->verb);
}

static void
check_target(
    struct trying *t, struct bwi_graph_lead *lead, const struct bwi_section *s)
{
	struct bw_graph *g = t->graph;
	const struct bwi_graph_node *n = &g->nodes.v[lead->node];

	if (s->credentials == NULL || lead->again || lead->open)
		return;
	if (lead->given) {
		if (is_accepted(t, s, lead->name, lead->password))
			return;
		bwi_graph_find(g, BW_SEVERITY_ERROR, n->file, lead->line,
		    "<%s>: %s=\"%.80s\" gets a 401: %s does not accept the "
		    "user \"%.60s\" with that password; omit both, so that "
		    "<login> supplies them",
		    lead->verb, lead->attr, lead->url.p, s->path.p,
		    lead->name.p);
	} else if (lead->user == NULL || g->login.url.p == NULL) {
		report_none(g, lead, s);
	} else if (is_mixed(g, lead)) {
		/* The loader has reported it. */
	} else if (is_plain(g, lead)) {
		report_plain(g, lead, s);
	} else if (is_accepted(t, s, g->login.user, g->login.password)) {
		return;
	} else {
		bwi_graph_find(g, BW_SEVERITY_ERROR, n->file, lead->line,
		    "<%s>: %s=\"%.80s\" gets a 401: %s does not accept "
		    "<login>'s user \"%.60s\" with the password in its file; "
		    "set that one with bwcallback passwd",
		    lead->verb, lead->attr, lead->url.p, s->path.p,
		    g->login.user.p);
	}
	lead->refused = true;
}

void
bwi_graph_login(struct bw_graph *g)
{
	struct trying t = {.graph = g};

	for (size_t i = 0; i < g->leads.n && g->err == BW_OK; i++) {
		struct bwi_graph_lead *lead = &g->leads.v[i];

		for (size_t k = 0; k < lead->ntargets && !lead->refused; k++)
			check_target(&t, lead,
			    g->targets.v[lead->first_target + k].section);
	}
	bwi_free(t.done.v);
}
