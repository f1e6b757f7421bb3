/* Compiling <store>, and which section has which. */
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <bwcallback/limits.h>
#include <bwcallback/tools/spell.h>
#include <bwcallback/tools/str.h>

#include "base/alloc.h"
#include "base/decimal.h"
#include "config/loader.h"
#include "config/store_url.h"
#include "store/pack.h"
#include "store/store.h"

static const char sqlite[] = "sqlite:";

static bool
has_same_identity(const char *a, const char *b)
{
	struct stat x, y;

	return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev &&
	       x.st_ino == y.st_ino;
}

/* Absolute paths; the file need not exist yet, but its folder must. */
static bool
is_same_file(const char *a, const char *b)
{
	const char *x = strrchr(a, '/'), *y = strrchr(b, '/');
	char folder[2][PATH_MAX];

	if (has_same_identity(a, b))
		return true;
	if (x == NULL || y == NULL || strcmp(x, y) != 0 ||
	    x - a >= PATH_MAX - 1 || y - b >= PATH_MAX - 1)
		return false;
	(void)snprintf(folder[0], PATH_MAX, "%.*s", (int)(x - a) + 1, a);
	(void)snprintf(folder[1], PATH_MAX, "%.*s", (int)(y - b) + 1, b);
	return has_same_identity(folder[0], folder[1]);
}

static bool
is_same_store(const char *a, const char *b)
{
	const size_t n = sizeof(sqlite) - 1;

	return strcmp(a, b) == 0 ||
	       (strncmp(a, sqlite, n) == 0 && strncmp(b, sqlite, n) == 0 &&
		   is_same_file(a + n, b + n));
}

/* Each would store what the other could not. */
static bool
has_same_spool(const char *a, const char *b)
{
	char *x = NULL, *y = NULL;
	bool same = bwi_store_spool_path(a, &x, NULL) == BW_OK && x != NULL &&
		    bwi_store_spool_path(b, &y, NULL) == BW_OK && y != NULL &&
		    is_same_file(x, y);

	bwi_free(x);
	bwi_free(y);
	return same;
}

static bool
is_same_id(struct bw_str a, struct bw_str b)
{
	return a.p == NULL || b.p == NULL ? a.p == b.p : bw_str_eq(a, b);
}

/* Only one may have an id, and only one none. */
static bool
check_unique(struct bwi_loader *l, const xmlNode *node, struct bw_str id)
{
	const struct bw_config *c = l->config;
	size_t i = 0;

	while (i < c->nstores && !is_same_id(c->stores[i].id, id))
		i++;
	if (i == c->nstores)
		return true;
	if (id.p != NULL)
		bwi_loader_error(l, node, "<store>: duplicate id \"%s\"", id.p);
	else
		bwi_loader_error(l, node,
		    "<store>: duplicate, and only one may be without an id");
	return false;
}

/* Two stores may not have a file in common. */
static bool
check_others(struct bwi_loader *l, const xmlNode *node, const char *url)
{
	for (size_t i = 0; i < l->config->nstores; i++) {
		const struct bwi_named_store *s = &l->config->stores[i];
		const char *other =
		    s->handle != NULL ? bwi_store_handle_url(s->handle) : NULL;
		bool named = s->id.p != NULL;
		bool same = other != NULL && is_same_store(other, url);

		if (other == NULL || (!same && !has_same_spool(other, url)))
			continue;
		bwi_loader_error(l, node,
		    "<store>: %s: the same as that of <store%s%s%s>",
		    same ? "url" : "spool", named ? " id=\"" : "",
		    named ? s->id.p : "", named ? "\"" : "");
		return false;
	}
	return true;
}

static void
open_store(
    struct bwi_loader *l, const xmlNode *node, struct bwi_store_handle **handle)
{
	struct bw_buf url;

	bw_buf_init(&url, (size_t)PATH_MAX * 8);
	if (bwi_store_url_put(l, node, &url)) {
		bw_buf_putc(&url, '\0');
		if (url.err == BW_OK && check_others(l, node, url.p))
			*handle = bwi_store_handle_get(url.p);
		if (*handle == NULL && l->err == BW_OK)
			bwi_loader_no_memory(l);
	}
	bw_buf_free(&url);
}

/* The schema has checked its form: "7d" or "12h". */
static int64_t
parse_age(struct bw_str s)
{
	int64_t hours = s.p[s.n - 1] == 'd' ? 24 : 1, n = 0;

	s.n--;
	return bwi_decimal_parse(s, 9999, &n) ? n * hours * 3600 * 1000 : 0;
}

static int64_t
get_compacted(struct bwi_loader *l, const xmlNode *node)
{
	struct bw_str age = bwi_loader_attr(l, node, "compact");
	struct bw_str url = bwi_loader_attr(l, node, "url");

	if (age.n == 0)
		return 0;
	if (url.p == NULL || strncmp(url.p, sqlite, sizeof(sqlite) - 1) != 0)
		bwi_loader_error(
		    l, node, "<store>: compact: only a store in SQLite has it");
	else if (!bwi_pack_available())
		bwi_loader_error(l, node,
		    "<store>: compact: this program was built without libzstd");
	return parse_age(age);
}

void
bwi_loader_store(struct bwi_loader *l, const xmlNode *node)
{
	struct bw_config *c = l->config;
	struct bwi_named_store s = {.id = bwi_loader_attr(l, node, "id")};

	s.retains_keys = bwi_loader_attr(l, node, "keys").p != NULL;
	s.compacted = get_compacted(l, node);
	if (s.id.p != NULL && !bwi_loader_check_id(l, node, s.id))
		return;
	if (!check_unique(l, node, s.id))
		return;
	if (c->nstores == BW_MAX_STORES) {
		bwi_loader_error(
		    l, node, "<store>: at most %d are allowed", BW_MAX_STORES);
		return;
	}
	open_store(l, node, &s.handle);
	c->stores[c->nstores++] = s; /* defined, even if unusable */
}

/* The store of a section that names none; NULL: none. */
static const struct bwi_named_store *
default_store(const struct bw_config *c)
{
	for (size_t i = 0; i < c->nstores; i++) {
		if (c->stores[i].id.p == NULL)
			return &c->stores[i];
	}
	return c->nstores == 1 ? &c->stores[0] : NULL;
}

static const struct bwi_named_store *
find_store(struct bwi_loader *l, const xmlNode *node, struct bw_str id)
{
	const char *names[BW_MAX_STORES], *near;
	size_t n = 0;

	for (size_t i = 0; i < l->config->nstores; i++) {
		const struct bwi_named_store *s = &l->config->stores[i];

		if (s->id.p == NULL)
			continue;
		if (bw_str_eq(s->id, id))
			return s;
		names[n++] = s->id.p;
	}
	near = bw_spell_suggest(id, names, n);
	bwi_loader_error(l, node, "<%s>: no <store id=\"%.60s\">%s%s%s",
	    (const char *)node->name, id.p,
	    near != NULL ? ", did you mean \"" : "", near != NULL ? near : "",
	    near != NULL ? "\"?" : "");
	return NULL;
}

void
bwi_loader_choose_store(
    struct bwi_loader *l, const xmlNode *node, struct bwi_section *s)
{
	struct bw_str id = bwi_loader_attr(l, node, "store");
	const struct bwi_named_store *store =
	    id.p != NULL ? find_store(l, node, id) : default_store(l->config);

	if (store != NULL) {
		s->store = store->handle;
	} else if (id.p == NULL && l->config->nstores > 1) {
		bwi_loader_error(l, node,
		    "<%s>: which store? Write store=\"%s\", or remove the id "
		    "of the <store> for sections without this attribute",
		    (const char *)node->name, l->config->stores[0].id.p);
	}
}

static bool
is_used(const struct bw_config *c, struct bw_str id)
{
	size_t n = 0;

	while (n < c->nstores && !is_same_id(c->stores[n].id, id))
		n++;
	for (size_t i = 0; n < c->nstores && i < c->nsections; i++) {
		if (c->sections[i].store == c->stores[n].handle)
			return true;
	}
	return n == c->nstores || c->stores[n].handle == NULL; /* refused */
}

void
bwi_loader_check_stores(struct bwi_loader *l, const xmlNode *root)
{
	const xmlNode *e = bwi_node_element(root->children);

	/* A single store may be there for pages only. */
	if (l->config->nstores < 2)
		return;
	for (; e != NULL; e = bwi_node_element(e->next)) {
		if (bwi_node_is(e, "store") &&
		    !is_used(l->config, bwi_loader_attr(l, e, "id")))
			bwi_loader_error(l, e,
			    "<store>: no section uses it; write store=\"ID\" "
			    "at one, or remove it");
	}
}
