/* Compiling <inspector>. */
#include "config/inspector.h"

#include <bwcallback/tools/str.h>

#include "config/config_internal.h"

/* The attributes with names of users. */
static const char *const names[] = {
    [BWI_MAY_LOOK] = "credentials",
    [BWI_MAY_REVEAL] = "reveal",
    [BWI_MAY_ACT] = "act",
    [BWI_MAY_PLAY] = "play",
};

const char *
bwi_permission_name(enum bwi_permission p)
{
	return names[p];
}

/* The next of several words; p NULL: there are no more. */
static struct bw_str
next_word(struct bw_str *rest)
{
	struct bw_str word = bw_str_trim(*rest);
	size_t n = 0;

	while (n < word.n && !bw_is_space(word.p[n]))
		n++;
	*rest = (struct bw_str){word.p + n, word.n - n};
	return n > 0 ? (struct bw_str){word.p, n} : (struct bw_str){NULL, 0};
}

/* Only a warning: a misspelt name gives no permission. */
static void
check_users(struct bwi_loader *l, const xmlNode *node,
    const struct bwi_section *s, enum bwi_permission p)
{
	struct bw_str rest = s->inspector->users[p], user;

	if (s->credentials == NULL)
		return;
	for (user = next_word(&rest); user.p != NULL; user = next_word(&rest)) {
		if (!bwi_credentials_has(s->credentials, user))
			bwi_loader_warn(l, node,
			    "<inspector>: %s: the password file has no user "
			    "\"%.*s\"",
			    names[p], user.n < 60 ? (int)user.n : 60, user.p);
	}
}

/* The scheme and authority of a URL, as a browser sends it in Origin. */
static bool
is_origin(struct bw_str s)
{
	size_t scheme = bw_str_begins(s, BW_STR("https://"))  ? 8
			: bw_str_begins(s, BW_STR("http://")) ? 7
							      : 0;

	if (scheme == 0 || s.n == scheme)
		return false;
	for (size_t i = scheme; i < s.n; i++) {
		char c = s.p[i];

		if (!((c >= 'a' && c <= 'z') || bw_is_digit(c) ||
			strchr(".-:[]", c) != NULL))
			return false;
	}
	return true;
}

static void
check_path(struct bwi_loader *l, const xmlNode *node, struct bw_str path)
{
	if (path.n > 0 && path.p[path.n - 1] == '/')
		bwi_loader_error(l, node,
		    "<inspector>: path: write it without a slash at its end, "
		    "like \"/_inspector\"");
	if (bwi_inspector_find(l->config) != NULL)
		bwi_loader_error(l, node, "<inspector>: only one is allowed");
}

/* The file that includes the others; NULL: no memory for its name. */
static const char *
file_of(struct bwi_loader *l, const xmlNode *node)
{
	const char *file;
	struct bw_str copy;

	/* Nodes of the compiled form belong to no document. */
	while (node->parent != NULL && node->parent->type == XML_ELEMENT_NODE)
		node = node->parent;
	file = bwi_loader_file(node);
	copy = bwi_arena_copy(
	    &l->config->arena, (struct bw_str){file, strlen(file)});
	if (copy.p == NULL)
		bwi_loader_no_memory(l);
	return copy.p;
}

void
bwi_inspector_load(
    struct bwi_loader *l, const xmlNode *node, struct bwi_section *s)
{
	struct bwi_inspector *i =
	    bwi_arena_alloc(&l->config->arena, sizeof(*i));

	if (i == NULL) {
		bwi_loader_no_memory(l);
		return;
	}
	check_path(l, node, s->path);
	*i = (struct bwi_inspector){
	    .host = bwi_loader_attr(l, node, "host"),
	};
	s->inspector = i;
	i->file = file_of(l, node);
	for (int p = BWI_MAY_REVEAL; p < BWI_PERMISSION__MAX; p++) {
		i->users[p] = bwi_loader_attr(l, node, names[p]);
		if (i->users[p].p != NULL)
			check_users(l, node, s, (enum bwi_permission)p);
	}
	if (i->host.p != NULL && !is_origin(i->host))
		bwi_loader_error(l, node,
		    "<inspector>: host: write it in lower case as "
		    "\"https://ops.example.com\"");
}

const struct bwi_section *
bwi_inspector_find(const struct bw_config *c)
{
	for (size_t i = 0; i < c->nsections; i++) {
		if (c->sections[i].inspector != NULL)
			return &c->sections[i];
	}
	return NULL;
}

bool
bwi_inspector_has(struct bw_str own, struct bw_str path)
{
	return bw_str_begins(path, own) &&
	       (path.n == own.n || path.p[own.n] == '/');
}

bool
bwi_inspector_allows(
    const struct bwi_inspector *i, enum bwi_permission p, struct bw_str user)
{
	struct bw_str rest = i->users[p], one;

	if (p == BWI_MAY_LOOK || (p == BWI_MAY_PLAY && rest.p == NULL))
		return true;
	if (rest.p == NULL || user.n == 0)
		return false;
	for (one = next_word(&rest); one.p != NULL; one = next_word(&rest)) {
		if (bw_str_eq(one, user))
			return true;
	}
	return false;
}
