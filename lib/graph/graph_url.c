/*
 * Where a URL of an answer leads: resolved as Bandwidth does, against the URL
 * that returned the answer (RFC 3986 §5.2), then routed like a request.
 */
#include "graph/graph.h"

/*
 * Does a text match a pattern with placeholders, each of which may be anything?
 */
static bool
fits(struct bw_str pattern, struct bw_str s)
{
	size_t i = 0, j = 0, star = SIZE_MAX, resume = 0;

	while (j < s.n) {
		if (i < pattern.n && pattern.p[i] == BWI_GRAPH_VALUE) {
			star = i++;
			resume = j;
		} else if (i < pattern.n && pattern.p[i] == s.p[j]) {
			i++;
			j++;
		} else if (star != SIZE_MAX) {
			i = star + 1;
			j = ++resume;
		} else {
			return false;
		}
	}
	while (i < pattern.n && pattern.p[i] == BWI_GRAPH_VALUE)
		i++;
	return i == pattern.n;
}

/* Mount point and section, as a request path. */
static struct bw_str
full_path(struct bw_graph *g, struct bw_str path)
{
	struct bw_str mount = g->config->mount;
	char *p = bwi_graph_alloc(g, mount.n + path.n + 1);

	if (p == NULL)
		return (struct bw_str){NULL, 0};
	if (mount.n != 0)
		memcpy(p, mount.p, mount.n);
	memcpy(p + mount.n, path.p, path.n);
	p[mount.n + path.n] = '\0';
	return (struct bw_str){p, mount.n + path.n};
}

/* Remove "." and ".." from a path, in place (RFC 3986 §5.2.4). */
static size_t
remove_dots(char *p, size_t n)
{
	size_t out = 0, i = 0;

	while (i < n) {
		size_t end = i + 1;

		while (end < n && p[end] != '/')
			end++;
		if (end - i == 2 && p[i + 1] == '.') {
			if (end == n)
				p[out++] = '/';
		} else if (end - i == 3 && memcmp(p + i, "/..", 3) == 0) {
			while (out > 0 && p[--out] != '/')
				;
			if (end == n)
				p[out++] = '/';
		} else {
			memmove(p + out, p + i, end - i);
			out += end - i;
		}
		i = end;
	}
	return out;
}

static size_t
path_length(struct bw_str s)
{
	size_t n = 0;

	while (n < s.n && s.p[n] != '?' && s.p[n] != '#')
		n++;
	return n;
}

static struct bw_str
resolve_path(struct bw_graph *g, struct bw_str base, struct bw_str url)
{
	size_t n = path_length(url), folder = 0;
	char *p;

	if (n == 0)
		return base;
	if (url.p[0] != '/') {
		for (size_t i = 0; i < base.n; i++) {
			if (base.p[i] == '/')
				folder = i + 1;
		}
	}
	p = bwi_graph_alloc(g, folder + n + 1);
	if (p == NULL)
		return (struct bw_str){NULL, 0};
	memcpy(p, base.p, folder);
	memcpy(p + folder, url.p, n);
	n = remove_dots(p, folder + n);
	p[n] = '\0';
	return (struct bw_str){p, n};
}

/* The URL after the host, "/" if that is empty. */
static struct bw_str
after_host(struct bw_str url)
{
	const char *slashes = strstr(url.p, "//");
	size_t i = slashes != NULL ? (size_t)(slashes - url.p) + 2 : 0;

	while (i < url.n && strchr("/?#", url.p[i]) == NULL)
		i++;
	url.p += i;
	url.n -= i;
	return url.n == 0 || url.p[0] != '/' ? BW_STR("/") : url;
}

/* Does the URL begin with the server's URL in <login>? */
static bool
is_ours(const struct bw_graph *g, struct bw_str url)
{
	struct bw_str own = g->login.url;

	if (own.p == NULL)
		return false;
	if (url.n >= 2 && memcmp(url.p, "//", 2) == 0) {
		const char *slashes = strstr(own.p, "//");

		own.n -= (size_t)(slashes - own.p);
		own.p = slashes;
	}
	return url.n >= own.n && memcmp(url.p, own.p, own.n) == 0 &&
	       (url.n == own.n || strchr("/?#", url.p[own.n]) != NULL);
}

/* Length of the text before the first character that decides. */
static size_t
undecided_length(struct bw_str url)
{
	size_t i = 0;

	while (i < url.n && strchr(":/?#", url.p[i]) == NULL)
		i++;
	return i;
}

static void
add_target(struct bw_graph *g, struct bwi_graph_lead *lead,
    const struct bwi_section *s)
{
	if (!BWI_GRAPH_GROW(g, targets))
		return;
	g->targets.v[g->targets.n++].section = s;
	lead->ntargets++;
}

static void
find_targets(struct bw_graph *g, struct bwi_graph_lead *lead)
{
	const struct bw_config *c = g->config;
	const struct bwi_section *s;

	lead->first_target = g->targets.n;
	if (memchr(lead->path.p, BWI_GRAPH_VALUE, lead->path.n) == NULL) {
		s = bwi_config_route(c, lead->path);
		if (s != NULL)
			add_target(g, lead, s);
		return;
	}
	for (size_t i = 0; i < c->nsections; i++) {
		struct bw_str path = full_path(g, c->sections[i].path);

		/* Because of its placeholder it may lead to other sections. */
		if (path.p != NULL && fits(lead->path, path) &&
		    !bwi_section_is_page(c->sections[i].kind))
			add_target(g, lead, &c->sections[i]);
	}
}

static struct bw_str
outline_of(struct bw_graph *g, struct bw_str s)
{
	bool open = false;

	return bwi_graph_outline(g, s, &open);
}

void
bwi_graph_resolve(struct bw_graph *g, struct bwi_graph_lead *lead)
{
	struct bw_str base = full_path(g, g->nodes.v[lead->node].section->path);
	struct bw_str url = outline_of(g, lead->url);
	size_t i;

	if (base.p == NULL || url.p == NULL)
		return;
	i = undecided_length(url);
	lead->where = BWI_LEAD_LOCAL;
	if (is_ours(g, url)) {
		lead->path = resolve_path(g, base, after_host(url));
	} else if (memchr(url.p, BWI_GRAPH_VALUE, i) != NULL) {
		lead->where = BWI_LEAD_UNKNOWN;
	} else if ((i < url.n && url.p[i] == ':') ||
		   (url.n >= 2 && memcmp(url.p, "//", 2) == 0)) {
		lead->where = memchr(url.p, BWI_GRAPH_VALUE, url.n) != NULL &&
				      g->login.url.p != NULL
				  ? BWI_LEAD_UNKNOWN
				  : BWI_LEAD_EXTERNAL;
	} else {
		lead->path = resolve_path(g, base, url);
	}
	if (lead->where != BWI_LEAD_LOCAL || lead->path.p == NULL)
		return;
	bwi_graph_read_query(g, lead, url);
	find_targets(g, lead);
}

static bool
is_routed(struct bw_graph *g, struct bw_str path)
{
	const struct bw_config *c = g->config;

	for (size_t i = 0; path.p != NULL && i < c->nsections; i++) {
		struct bw_str full = full_path(g, c->sections[i].path);

		if (full.p != NULL && fits(path, full))
			return true;
	}
	return false;
}

struct bw_str
bwi_graph_readable(struct bw_graph *g, struct bw_str path)
{
	struct bw_str out = {NULL, 0};
	struct bw_buf b;

	bw_buf_init(&b, BW_ERROR_MSG_SIZE);
	for (size_t i = 0; i < path.n; i++) {
		if (path.p[i] == BWI_GRAPH_VALUE)
			bw_buf_puts(&b, "{...}");
		else
			bw_buf_putc(&b, path.p[i]);
	}
	if (b.err == BW_OK)
		out = bwi_graph_copy(g, (struct bw_str){b.p, b.n});
	bw_buf_free(&b);
	return out;
}

/* Is the URL a path that does not begin with a slash? */
static bool
is_relative_path(const struct bw_graph *g, struct bw_str url)
{
	return url.n != 0 && strchr("/?#", url.p[0]) == NULL &&
	       !is_ours(g, url);
}

struct bw_str
bwi_graph_below(struct bw_graph *g, const struct bwi_graph_lead *lead)
{
	const struct bwi_section *section = g->nodes.v[lead->node].section;
	struct bw_str url = outline_of(g, lead->url), base;
	char *folder;

	if (url.p == NULL || !is_relative_path(g, url))
		return (struct bw_str){NULL, 0};
	folder = bwi_graph_alloc(g, section->path.n + 2);
	if (folder == NULL)
		return (struct bw_str){NULL, 0};
	memcpy(folder, section->path.p, section->path.n);
	memcpy(folder + section->path.n, "/", 2);
	base = full_path(g, (struct bw_str){folder, section->path.n + 1});
	return base.p != NULL ? resolve_path(g, base, url) : base;
}

struct bw_str
bwi_graph_meant(struct bw_graph *g, const struct bwi_graph_lead *lead)
{
	struct bw_str path = bwi_graph_below(g, lead), base;

	if (path.p != NULL && !is_routed(g, path)) {
		base = full_path(g, BW_STR("/"));
		path = base.p != NULL
			   ? resolve_path(g, base, outline_of(g, lead->url))
			   : base;
	}
	return is_routed(g, path) ? bwi_graph_readable(g, path)
				  : (struct bw_str){NULL, 0};
}
