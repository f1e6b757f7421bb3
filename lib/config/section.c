/* Compiling everything below <callbacks> except the rules. */
#include <stdio.h>
#include <stdlib.h>

#include <bwcallback/limits.h>
#include <bwcallback/tools/passwd.h>
#include <bwcallback/tools/spell.h>
#include <bwcallback/tools/str.h>
#include <bwcallback/tools/url.h>

#include "base/alloc.h"
#include "base/decimal.h"
#include "base/utf8.h"
#include "config/data_file.h"
#include "config/inspector.h"
#include "config/loader.h"
#include "config/query_names.h"
#include "config/rule_loader.h"
#include "flow/section_counts.h"
#include "os/file.h"

#define MS INT64_C(1000000)
#define S  (1000 * MS)

/*
 * Default and longest deadline of a section: the time for which Bandwidth
 * waits, where it is documented.
 */
static const struct {
	const char *element;
	bool bxml;
	int64_t deadline; /* default */
	int64_t most;
} kinds[] = {
#define VOICE_TIMES	8 * S, 25 * S
#define MESSAGING_TIMES 5 * S, 10 * S
#define MFA_TIMES	5 * S, 10 * S
#define NUMBERS_TIMES	8 * S, 60 * S
#define PORTOUT_TIMES	10 * S, 30 * S
#define PORTING_TIMES	8 * S, 60 * S
#define ENDUSER_TIMES	8 * S, 60 * S
#define TOLLFREE_TIMES	8 * S, 60 * S
#define BRTC_TIMES	8 * S, 25 * S
#define EMERGENCY_TIMES 300 * MS, 450 * MS
#define PAGE_TIMES	5 * S, 5 * S
#define ALSO(name, family)
#define PAGE(name, element) [BWI_SECTION_##name] = {element, false, PAGE_TIMES},
#define X(name, element, family, bxml) \
	[BWI_SECTION_##name] = {element, bxml, name##_TIMES},
#include "flow/sections.def"
#undef X
#undef PAGE
#undef ALSO
};

bool
bwi_loader_duration(struct bwi_loader *l, const xmlNode *where,
    const char *attr, int64_t most, int64_t *out)
{
	struct bw_str s = bwi_loader_attr(l, where, attr);
	int64_t unit = 0, n = 0;

	if (s.n > 2 && strcmp(s.p + s.n - 2, "ms") == 0) {
		unit = MS;
		s.n -= 2;
	} else if (s.n > 1 && s.p[s.n - 1] == 's') {
		unit = S;
		s.n--;
	}
	if (unit == 0 || !bwi_decimal_parse(s, 1000000, &n) || n == 0) {
		bwi_loader_error(l, where,
		    "<%s>: %s: write a time as \"8s\" or \"450ms\"",
		    (const char *)where->name, attr);
		return false;
	}
	if (n * unit > most) {
		bwi_loader_error(l, where,
		    "<%s>: %s: at most %lld ms are allowed",
		    (const char *)where->name, attr, (long long)(most / MS));
		return false;
	}
	*out = n * unit;
	return true;
}

const struct bwi_section *
bwi_loader_section(const struct bwi_loader *l, struct bw_str path)
{
	for (size_t i = 0; i < l->config->nsections; i++) {
		if (bw_str_eq(l->config->sections[i].path, path))
			return &l->config->sections[i];
	}
	return NULL;
}

static bool
is_id(struct bw_str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
			(c >= '0' && c <= '9') || c == '_' || c == '-'))
			return false;
	}
	return s.n != 0;
}

bool
bwi_loader_check_id(struct bwi_loader *l, const xmlNode *node, struct bw_str id)
{
	if (is_id(id))
		return true;
	bwi_loader_error(l, node,
	    "<%s>: id: write letters, digits, \"-\" and \"_\"",
	    (const char *)node->name);
	return false;
}

static void
add_credentials(struct bwi_loader *l, const xmlNode *node)
{
	struct bw_config *c = l->config;
	struct bwi_named_credentials *named = &c->credentials[c->ncredentials];
	struct bw_str realm = bwi_loader_attr(l, node, "realm");
	struct bw_error e = {0};
	const char *file;

	named->id = bwi_loader_attr(l, node, "id");
	if (!bwi_loader_check_id(l, node, named->id))
		return;
	for (size_t i = 0; i < c->ncredentials; i++) {
		if (bw_str_eq(c->credentials[i].id, named->id)) {
			bwi_loader_error(l, node,
			    "<credentials>: duplicate id \"%s\"", named->id.p);
			return;
		}
	}
	file = bwi_loader_secret(l, node, bwi_loader_attr(l, node, "file"));
	if (file == NULL)
		return;
	if (bwi_credentials_open(&named->credentials,
		realm.p != NULL ? realm.p : "Bandwidth callbacks", file,
		l->auth_cache_path, &e) != BW_OK)
		bwi_loader_report_error(l, node, &e);
	named->file = file;
	c->ncredentials++; /* defined, even if unusable */
}

static void
add_table(struct bwi_loader *l, const xmlNode *node)
{
	struct bw_config *c = l->config;
	struct bwi_named_table *named = &c->tables[c->ntables];
	struct bw_error e = {0};
	const char *file;
	char *text;
	size_t n;

	named->id = bwi_loader_attr(l, node, "id");
	if (!bwi_loader_check_id(l, node, named->id))
		return;
	for (size_t i = 0; i < c->ntables; i++) {
		if (bw_str_eq(c->tables[i].id, named->id)) {
			bwi_loader_error(l, node,
			    "<table>: duplicate id \"%s\"", named->id.p);
			return;
		}
	}
	file = bwi_loader_path(l, node, bwi_loader_attr(l, node, "file"));
	if (file == NULL)
		return;
	if (bwi_data_file_read(l, node, file, BW_MAX_TABLE, &text, &n, &e) !=
		BW_OK ||
	    bwi_table_parse_take(&named->table, file, text, n,
		bwi_loader_attr(l, node, "key"), &e) != BW_OK)
		bwi_loader_report_error(l, node, &e);
	c->ntables++; /* defined, even if unusable */
}

static void
add_calendar(struct bwi_loader *l, const xmlNode *node)
{
	struct bw_config *c = l->config;
	struct bwi_named_calendar *named = &c->calendars[c->ncalendars];
	struct bw_str zone = bwi_loader_attr(l, node, "zone");
	struct bw_error e = {0};
	const char *file;
	char *text = NULL;
	size_t n;

	named->id = bwi_loader_attr(l, node, "id");
	if (!bwi_loader_check_id(l, node, named->id))
		return;
	for (size_t i = 0; i < c->ncalendars; i++) {
		if (bw_str_eq(c->calendars[i].id, named->id)) {
			bwi_loader_error(l, node,
			    "<calendar>: duplicate id \"%s\"", named->id.p);
			return;
		}
	}
	if (zone.p != NULL)
		named->zone = bwi_loader_zone(l, node, zone);
	file = bwi_loader_file(node);
	named->file =
	    bwi_arena_copy(&c->arena, (struct bw_str){file, strlen(file)}).p;
	named->line = bwi_loader_line(node);
	file = bwi_loader_path(l, node, bwi_loader_attr(l, node, "file"));
	if (file == NULL || named->file == NULL) {
		bwi_loader_no_memory(l);
		return;
	}
	if (bwi_data_file_read(l, node, file, BW_MAX_CALENDAR, &text, &n, &e) !=
		BW_OK ||
	    bwi_dates_parse(&named->dates, file, (struct bw_str){text, n},
		BWI_ZONE_DIR, &e) != BW_OK)
		bwi_loader_report_error(l, node, &e);
	bwi_free(text);
	c->ncalendars++; /* defined, even if unusable */
}

/* Reject characters that XML or Bandwidth would not transmit unchanged. */
static bool
is_credential(const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)p[i];

		if (c < ' ' || c == 0x7f)
			return false;
	}
	return n > 0 && n <= BW_PASSWD_MAX_PASSWORD &&
	       bwi_utf8_valid(p, n) == n;
}

/* The first line of a password file, in the arena. */
static struct bw_str
read_password(struct bwi_loader *l, const xmlNode *node, const char *file)
{
	struct bw_str line = {NULL, 0};
	struct bw_error e = {0};
	char *text = NULL;
	size_t n = 0, first;

	if (bwi_file_read(file, BW_MAX_PASSWD, &text, &n, &e) != BW_OK) {
		bwi_loader_report_error(l, node, &e);
		return line;
	}
	first = strcspn(text, "\r\n");
	if (!is_credential(text, first)) {
		bwi_loader_error(l, node,
		    "<login>: %s: the first line must be the password, of 1 "
		    "to %d bytes and without control characters",
		    file, BW_PASSWD_MAX_PASSWORD);
	} else {
		line = bwi_arena_copy(
		    &l->config->arena, (struct bw_str){text, first});
		if (line.p == NULL)
			bwi_loader_no_memory(l);
	}
	explicit_bzero(text, n);
	bwi_free(text);
	return line;
}

struct login_position {
	struct bwi_loader *loader;
	const xmlNode *node;
	const char *url;
};

static void
on_login_doubt(void *arg, enum bw_url_doubt doubt, const char *why)
{
	const struct login_position *at = arg;

	(void)doubt;
	bwi_loader_warn(
	    at->loader, at->node, "<login>: url=\"%.80s\": %s", at->url, why);
}

/* The URL of <login>, as Bandwidth will call what is below it. */
static bool
check_login_url(struct bwi_loader *l, const xmlNode *node, struct bw_str url)
{
	struct login_position at = {l, node, url.p};
	char why[BW_URL_WHY_SIZE];

	if (!bw_str_begins(url, BW_STR("https://")) &&
	    !bw_str_begins(url, BW_STR("http://"))) {
		bwi_loader_error(l, node,
		    "<login>: url: write the beginning of this server's URLs, "
		    "like \"https://callbacks.example.com\"");
		return false;
	}
	if (!bw_url_check(BW_URL_HTTP, url, why)) {
		bwi_loader_error(
		    l, node, "<login>: url=\"%.80s\": %s", url.p, why);
		return false;
	}
	bw_url_doubts(BW_URL_HTTP, url, on_login_doubt, &at);
	return true;
}

static void
add_login(struct bwi_loader *l, const xmlNode *node,
    struct bwi_url_credentials *login)
{
	const char *file = bwi_loader_secret(
	    l, node, bwi_loader_attr(l, node, "password-file"));

	login->url = bwi_loader_attr(l, node, "url");
	login->user = bwi_loader_attr(l, node, "user");
	if (file == NULL || login->url.p == NULL || login->user.p == NULL)
		return;
	if (!check_login_url(l, node, login->url))
		return;
	while (login->url.n != 0 && login->url.p[login->url.n - 1] == '/')
		login->url.n--;
	if (!is_credential(login->user.p, login->user.n) ||
	    strchr(login->user.p, ':') != NULL) {
		bwi_loader_error(
		    l, node, "<login>: user: a name without \":\" (RFC 7617)");
		return;
	}
	login->password = read_password(l, node, file);
	if (login->password.p != NULL)
		l->login = login;
}

static bool
is_path(struct bw_str s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c <= ' ' || c == 0x7f || c == '?' || c == '#' ||
		    (c == '/' && i > 0 && s.p[i - 1] == '/'))
			return false;
	}
	return s.n != 0 && s.p[0] == '/';
}

static void
set_credentials(
    struct bwi_loader *l, const xmlNode *node, struct bwi_section *s)
{
	struct bw_str id = bwi_loader_attr(l, node, "credentials");
	const char *near = NULL;

	if (id.p == NULL)
		return;
	for (size_t i = 0; i < l->config->ncredentials; i++) {
		const struct bwi_named_credentials *c =
		    &l->config->credentials[i];

		if (bw_str_eq(c->id, id)) {
			s->credentials = c->credentials;
			return;
		}
		if (near == NULL)
			near = bw_spell_suggest(id, &c->id.p, 1);
	}
	bwi_loader_error(l, node, "<%s>: no <credentials id=\"%.60s\">%s%s%s",
	    (const char *)node->name, id.p,
	    near != NULL ? ", did you mean \"" : "", near != NULL ? near : "",
	    near != NULL ? "\"?" : "");
}

static void
set_hmac(struct bwi_loader *l, const xmlNode *node, struct bwi_section *s)
{
	struct bw_str name = bwi_loader_attr(l, node, "hmac-key-file");
	struct bw_error e = {0};
	const char *file;

	if (name.p == NULL)
		return;
	file = bwi_loader_secret(l, node, name);
	if (file != NULL && bwi_hmac_open(&s->hmac, file, &e) != BW_OK)
		bwi_loader_report_error(l, node, &e);
}

static void
set_path(struct bwi_loader *l, const xmlNode *node, struct bwi_section *s)
{
	const struct bwi_section *first;
	struct bw_str path = bwi_loader_attr(l, node, "path");

	if (path.p == NULL)
		return;
	if (!is_path(path)) {
		bwi_loader_error(l, node,
		    "<%s>: path: write it as \"/voice\": from a slash, without "
		    "spaces, \"//\", \"?\" and \"#\"",
		    (const char *)node->name);
	}
	first = bwi_loader_section(l, path);
	if (first != NULL) {
		bwi_loader_error(l, node,
		    "<%s>: duplicate path \"%.60s\", also of <%s>: put all "
		    "<on> of a path into one section",
		    (const char *)node->name, path.p,
		    kinds[first->kind].element);
	}
	s->path = path;
}

static void
add_section(struct bwi_loader *l, const xmlNode *node,
    enum bwi_section_kind kind, struct bwi_section_loading *loading)
{
	struct bw_config *c = l->config;
	struct bwi_section *s = &c->sections[c->nsections];

	loading[c->nsections] = (struct bwi_section_loading){s, node};
	s->kind = kind;
	s->flow = bwi_arena_alloc(&c->arena, sizeof(*s->flow));
	if (s->flow == NULL) {
		bwi_loader_no_memory(l);
		return;
	}
	*s->flow = (struct bwi_flow){.bxml = kinds[kind].bxml};
	set_path(l, node, s);
	s->counts = bwi_section_counts_get(s->path);
	if (s->counts == NULL)
		bwi_loader_no_memory(l);
	c->nsections++;
	set_credentials(l, node, s);
	set_hmac(l, node, s);
	if (kind == BWI_SECTION_INSPECTOR)
		bwi_inspector_load(l, node, s);
	if (kind == BWI_SECTION_HEALTH && s->credentials != NULL)
		bwi_loader_warn(l, node,
		    "<health>: credentials: a load balancer asks without them "
		    "and takes a 401 for a broken responder; let the web "
		    "server give this path to your own network only");
	if (!bwi_section_is_page(kind) || kind == BWI_SECTION_INSPECTOR)
		bwi_loader_choose_store(l, node, s);
	s->deadline = kinds[kind].deadline;
	if (xmlHasProp(node, (const xmlChar *)"deadline") != NULL)
		(void)bwi_loader_duration(
		    l, node, "deadline", kinds[kind].most, &s->deadline);
}

static enum bwi_section_kind
section_kind(const xmlNode *node)
{
	size_t i = 0;

	while (i < BWI_SECTION__MAX && !bwi_node_is(node, kinds[i].element))
		i++;
	return (enum bwi_section_kind)i;
}

static void
set_mount(struct bwi_loader *l, const xmlNode *root)
{
	struct bw_str mount = bwi_loader_attr(l, root, "mount");

	if (mount.n == 0)
		return;
	if (!is_path(mount)) {
		bwi_loader_error(
		    l, root, "<callbacks>: mount: write it as \"/bw\"");
		return;
	}
	if (mount.p[mount.n - 1] == '/')
		mount.n--;
	l->config->mount = mount;
}

/* Allocate room for all elements of each kind. */
static bool
make_room(struct bwi_loader *l, const xmlNode *root,
    struct bwi_section_loading **loading)
{
	struct bw_config *c = l->config;
	size_t n = 1;

	for (const xmlNode *e = bwi_node_element(root->children); e != NULL;
	     e = bwi_node_element(e->next))
		n++;
	c->sections = bwi_calloc(n, sizeof(*c->sections));
	c->credentials = bwi_calloc(n, sizeof(*c->credentials));
	c->tables = bwi_calloc(n, sizeof(*c->tables));
	c->calendars = bwi_calloc(n, sizeof(*c->calendars));
	*loading = bwi_calloc(n, sizeof(**loading));
	if (c->sections != NULL && c->credentials != NULL &&
	    c->tables != NULL && c->calendars != NULL && *loading != NULL)
		return true;
	bwi_loader_no_memory(l);
	return false;
}

static bool
takes_callbacks(const struct bw_config *c)
{
	for (size_t i = 0; i < c->nsections; i++) {
		if (!bwi_section_is_page(c->sections[i].kind))
			return true;
	}
	return false;
}

static int
compare_paths(const void *a, const void *b)
{
	const struct bwi_section *x = a, *y = b;

	return bw_str_compare(x->path, y->path);
}

void
bwi_loader_compile(struct bwi_loader *l, const xmlNode *root)
{
	struct bwi_section_loading *loading = NULL;
	struct bwi_url_credentials login = {{NULL, 0}, {NULL, 0}, {NULL, 0}};
	struct bw_config *c = l->config;
	const xmlNode *e;

	if (!make_room(l, root, &loading))
		goto out;
	set_mount(l, root);
	/* First the elements that others refer to, wherever they are. */
	for (e = bwi_node_element(root->children); e != NULL;
	     e = bwi_node_element(e->next)) {
		if (bwi_node_is(e, "credentials"))
			add_credentials(l, e);
		else if (bwi_node_is(e, "table"))
			add_table(l, e);
		else if (bwi_node_is(e, "calendar"))
			add_calendar(l, e);
		else if (bwi_node_is(e, "login"))
			add_login(l, e, &login);
		else if (bwi_node_is(e, "store"))
			bwi_loader_store(l, e);
	}
	for (e = bwi_node_element(root->children); e != NULL;
	     e = bwi_node_element(e->next)) {
		enum bwi_section_kind kind = section_kind(e);

		if (kind < BWI_SECTION__MAX)
			add_section(l, e, kind, loading);
	}
	if (!l->compiled) {
		bwi_loader_check_stores(l, root);
		bwi_query_names_collect(l, root);
	}
	for (size_t i = 0; i < c->nsections; i++)
		bwi_loader_rules(l, &loading[i]);
	if (!takes_callbacks(c) && l->err == BW_OK && !l->compiled)
		bwi_loader_error(l, root,
		    "<callbacks>: no sections, so no callback would be "
		    "answered");
	qsort(c->sections, c->nsections, sizeof(*c->sections), compare_paths);
	c->inspector = bwi_inspector_find(c);
	if (l->hook != NULL && l->err == BW_OK)
		l->hook->compiled(l->hook->arg, l, root);
	l->login = NULL;
out:
	bwi_free(loading);
}
