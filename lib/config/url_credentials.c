/*
 * Bandwidth sends credentials to a URL only if the verb that contains it names
 * them. So the compiler adds <login>'s user and password to every URL that
 * leads back to this server, unless the operator set a user there.
 */
#include "config/rule_loader.h"

#include "bxml/value.h"

/* Where the URL of an attribute leads. */
enum target {
	NOWHERE, /* absent */
	HERE,
	ELSEWHERE
};

static struct bw_str
value_of(const xmlNode *node, const char *name)
{
	for (const xmlAttr *a = node->properties; a != NULL; a = a->next) {
		if (strcmp((const char *)a->name, name) != 0)
			continue;
		if (a->children == NULL || a->children->content == NULL)
			return (struct bw_str){"", 0};
		return (struct bw_str){(const char *)a->children->content,
		    strlen((const char *)a->children->content)};
	}
	return (struct bw_str){NULL, 0};
}

/*
 * A relative URL leads back to this server. One that begins with a placeholder
 * may lead anywhere.
 */
static bool
is_relative(struct bw_str url)
{
	size_t i = strcspn(url.p, ":/?#{");

	if (url.n == 0 || url.p[i] == ':' || (url.p[i] == '{' && i == 0))
		return false;
	return strncmp(url.p, "//", 2) != 0;
}

static enum target
target_of(const struct bwi_url_credentials *login, struct bw_str url)
{
	char end;

	if (url.p == NULL || url.n == 0)
		return NOWHERE;
	if (is_relative(url))
		return HERE;
	if (login == NULL || url.n < login->url.n ||
	    strncmp(url.p, login->url.p, login->url.n) != 0)
		return ELSEWHERE;
	end = url.p[login->url.n];
	return end == '\0' || end == '/' || end == '?' || end == '#'
		   ? HERE
		   : ELSEWHERE;
}

/*
 * "username" pairs with "password", "fallbackUsername" with "fallbackPassword":
 * same prefix, same spelling.
 */
static void
put_pair(struct bwi_template_builder *out,
    const struct bwi_url_credentials *login, const char *user)
{
	struct bw_buf b;
	int first = (int)strlen(user) - 8;

	bw_buf_init(&b, 32768);
	bw_buf_printf(&b, " %s=\"", user);
	bw_buf_xml(&b, login->user);
	bw_buf_printf(&b, "\" %.*s%s=\"", first, user,
	    first == 0 ? "password" : "Password");
	bw_buf_xml(&b, login->password);
	bw_buf_puts(&b, "\"");
	if (b.err == BW_OK)
		bwi_template_literal(out, (struct bw_str){b.p, b.n});
	else
		out->literal.err = BW_ERR_NOMEM;
	bw_buf_free(&b);
}

/* The section that a path leads to, without query and mount point. */
static const struct bwi_section *
section_of(const struct bwi_loader *l, struct bw_str url)
{
	struct bw_str mount = l->config->mount;

	url.n = strcspn(url.p, "?#{");
	if (url.n >= mount.n && mount.n != 0 &&
	    memcmp(url.p, mount.p, mount.n) == 0) {
		url.p += mount.n;
		url.n -= mount.n;
	}
	return bwi_loader_section(l, url);
}

/*
 * Warn once if a URL leads to a section with credentials and there is no
 * <login>.
 */
static void
warn_no_login(struct bwi_loader *l, const xmlNode *node, const char *name,
    struct bw_str url)
{
	const struct bwi_section *s = section_of(l, url);

	if (l->login_missed || s == NULL || s->credentials == NULL)
		return;
	if (l->hook != NULL && l->hook->checks_logins)
		return;
	l->login_missed = true;
	bwi_loader_warn(l, node,
	    "<%s>: %s=\"%.80s\" leads to a section with credentials, but "
	    "Bandwidth has none for it: add <login url=\"...\" user=\"...\" "
	    "password-file=\"...\"/>",
	    (const char *)node->name, name, url.p);
}

/* Would credentials for the URL be sent over http, which Bandwidth refuses? */
static bool
is_refused(const struct bwi_url_credentials *login,
    const struct bwi_bxml_attr *a, struct bw_str url)
{
	return login != NULL && a->https &&
	       bwi_bxml_is_plain_http(is_relative(url) ? login->url : url);
}

/* Name the URLs of a verb that get no credentials because of that. */
static void
warn_plain(struct bwi_loader *l, const xmlNode *node,
    const struct bwi_bxml_element *row, const char *user)
{
	const struct bwi_section *s;
	struct bw_buf names;

	/* The graph reports those that would get a 401. */
	if (l->hook != NULL && l->hook->checks_logins)
		return;
	bw_buf_init(&names, 512);
	for (size_t i = 0; i < row->nattrs; i++) {
		const struct bwi_bxml_attr *a = &row->attrs[i];
		struct bw_str url = value_of(node, a->name);

		if (a->user == NULL || strcmp(a->user, user) != 0 ||
		    target_of(l->login, url) != HERE ||
		    !is_refused(l->login, a, url))
			continue;
		s = section_of(l, url);
		if (s != NULL && s->credentials == NULL)
			continue;
		bw_buf_printf(
		    &names, "%s%s", names.n != 0 ? ", " : "", a->name);
	}
	if (names.n != 0)
		bwi_loader_warn(l, node,
		    "<%s>: no credentials are sent to %.*s: Bandwidth sends "
		    "them over https only and the url of <login> is http",
		    (const char *)node->name, (int)names.n, names.p);
	bw_buf_free(&names);
}

static void
inject_pair(struct bwi_loader *l, const xmlNode *node,
    const struct bwi_bxml_element *row, const char *user,
    struct bwi_template_builder *out)
{
	const char *here = NULL, *elsewhere = NULL;
	bool refused = false;

	for (size_t i = 0; i < row->nattrs; i++) {
		const struct bwi_bxml_attr *a = &row->attrs[i];
		struct bw_str url;
		enum target target;

		if (a->user == NULL || strcmp(a->user, user) != 0)
			continue;
		url = value_of(node, a->name);
		target = target_of(l->login, url);
		if (target == HERE && l->login == NULL)
			warn_no_login(l, node, a->name, url);
		if (target == HERE) {
			here = a->name;
			refused = refused || is_refused(l->login, a, url);
		} else if (target == ELSEWHERE)
			elsewhere = a->name;
	}
	if (here == NULL || l->login == NULL)
		return;
	if (refused) {
		warn_plain(l, node, row, user);
		return;
	}
	if (elsewhere == NULL) {
		put_pair(out, l->login, user);
		return;
	}
	bwi_loader_warn(l, node,
	    "<%s>: %s leads here, %s elsewhere, and both would get the same "
	    "credentials: none are added; write %s yourself if needed",
	    (const char *)node->name, here, elsewhere, user);
}

void
bwi_loader_inject(struct bwi_loader *l, const xmlNode *node,
    const struct bwi_bxml_element *row, struct bwi_template_builder *out)
{
	for (size_t i = 0; i < row->nattrs; i++) {
		const char *user = row->attrs[i].user;
		size_t first = 0;

		if (user == NULL || value_of(node, user).p != NULL)
			continue;
		while (row->attrs[first].user == NULL ||
		       strcmp(row->attrs[first].user, user) != 0)
			first++;
		if (first == i) /* once for each user, not for each URL */
			inject_pair(l, node, row, user, out);
	}
}
