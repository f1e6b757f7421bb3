/* Loading a configuration, and finding a path's section in it. */
#include <bwcallback/config.h>
#include <bwcallback/tools/config.h>

#include <bwcallback/limits.h>
#include <bwcallback/tools/str.h>

#include "base/alloc.h"
#include "base/request.h"
#include "config/compiled.h"
#include "config/compiled_form.h"
#include "config/config_internal.h"
#include "config/data_file.h"
#include "config/inspector.h"
#include "config/loader.h"
#include "data/locations.h"
#include "flow/rule.h"
#include "flow/section_counts.h"
#include "portout/judge.h"
#include "portout/notify.h"

static void
free_config(struct bw_config *c)
{
	for (size_t i = 0; i < c->nstores; i++)
		bwi_store_handle_unref(c->stores[i].handle);
	for (size_t i = 0; i < c->nsections; i++) {
		bwi_section_counts_unref(c->sections[i].counts);
		bwi_hmac_free(c->sections[i].hmac);
		bwi_notify_free(c->sections[i].notify);
		bwi_locations_free(c->sections[i].locations);
		if (c->sections[i].portout == NULL)
			continue;
		bwi_subscribers_free(c->sections[i].portout->subscribers);
		bwi_history_unref(c->sections[i].portout->history);
	}
	for (size_t i = 0; i < c->ncredentials; i++)
		bwi_credentials_free(c->credentials[i].credentials);
	for (size_t i = 0; i < c->ntables; i++)
		bwi_table_free(c->tables[i].table);
	for (size_t i = 0; i < c->ncalendars; i++)
		bwi_dates_free(c->calendars[i].dates);
	for (size_t i = 0; i < c->nzones; i++)
		bwi_tzfile_free(c->zones[i].zone);
	for (size_t i = 0; i < c->nmodules; i++)
		bwi_dso_close(c->modules[i].module);
	bwi_free(c->sections);
	bwi_free(c->credentials);
	bwi_free(c->tables);
	bwi_free(c->calendars);
	bwi_free(c->zones);
	bwi_free(c->modules);
	bwi_arena_free(&c->arena);
	bwi_free(c);
}

/*
 * libxml2 prints errors that have no context; these are always out of memory.
 */
static void
on_stray_error(void *arg, xmlErrorPtr error)
{
	if (error->code == XML_ERR_NO_MEMORY)
		bwi_loader_no_memory(arg);
}

/* Write the compiled form for later processes that answer one request. */
static void
write_compiled(
    const struct bwi_loader *l, const xmlNode *root, const char *file)
{
	struct bw_buf image;

	bw_buf_init(&image, BWI_COMPILED_MAX);
	bwi_compiled_write(l, root, &image);
	bwi_compiled_save(l, file, &image);
	bw_buf_free(&image);
}

static void
load(struct bwi_loader *l, const char *file)
{
	xmlStructuredErrorFunc before = xmlStructuredError;
	void *before_arg = xmlStructuredErrorContext;
	const xmlNode *root;

	xmlSetStructuredErrorFunc(l, on_stray_error);
	root = bwi_loader_read(l, file);
	if (root != NULL && bwi_loader_validate(l, root))
		bwi_loader_compile(l, root);
	if (l->auth_cache_path != NULL && l->err == BW_OK)
		write_compiled(l, root, file);
	bwi_loader_free_sources(l);
	xmlSetStructuredErrorFunc(before_arg, before);
}

static struct bw_config *
new_config(void)
{
	struct bw_config *c = bwi_calloc(1, sizeof(*c));

	if (c == NULL)
		return NULL;
	atomic_init(&c->references, 1);
	bwi_arena_init(&c->arena);
	return c;
}

/* Only a configuration without errors may change its stores. */
static void
set_up_stores(const struct bw_config *c)
{
	for (size_t i = 0; i < c->nstores; i++) {
		const struct bwi_named_store *s = &c->stores[i];

		bwi_store_handle_retain_keys(s->handle, s->retains_keys);
		bwi_store_handle_compact(s->handle, s->compacted);
	}
}

/* Return the configuration, or the error. */
static enum bw_err
finish(struct bwi_loader *l, struct bw_config **out)
{
	if (l->config == NULL)
		bwi_loader_no_memory(l);
	if (l->err == BW_OK) {
		set_up_stores(l->config);
		*out = l->config;
	} else {
		bw_config_unref(l->config);
	}
	return l->err;
}

enum bw_err
bwi_config_load(const char *file, struct bw_config **out,
    const struct bwi_loader_hook *hook, const struct bw_reporter *reporter,
    struct bw_error *e)
{
	struct bwi_loader l = {.config = new_config(),
	    .reporter = reporter,
	    .error = e,
	    .hook = hook};

	if (l.config != NULL)
		load(&l, file);
	return finish(&l, out);
}

/*
 * Returns false if there is no compiled form, or if it is out of date and only
 * a current one is accepted.
 */
static bool
load_compiled(struct bwi_loader *l, const char *file,
    const struct bwi_compiled_request *w, bool outdated)
{
	char *image;
	size_t n;
	bool good;
	const xmlNode *root = NULL;

	if (!bwi_compiled_load(file, &image, &n))
		return false;
	good = outdated
		   ? bwi_compiled_is_whole((struct bw_str){image, n})
		   : bwi_compiled_is_fresh((struct bw_str){image, n}, file);
	if (good)
		root = bwi_compiled_read(l, (struct bw_str){image, n}, file, w);
	if (root != NULL && !outdated && !bwi_data_files_are_current(l, root))
		root = NULL;
	l->compiled = true; /* no warnings from here on */
	if (root != NULL)
		bwi_loader_compile(l, root);
	bwi_free(image);
	l->compiled = false;
	return root != NULL || l->err != BW_OK;
}

/*
 * The file is invalid. An error would be consent to a port-out, so the last
 * valid version decides it, as in a server after a failed reload.
 */
static bool
load_last(const char *file, const char *auth_cache_path,
    const struct bwi_compiled_request *w, struct bw_config **out)
{
	struct bwi_loader l = {
	    .config = new_config(), .auth_cache_path = auth_cache_path};
	const struct bwi_section *s = NULL;

	if (l.config != NULL && load_compiled(&l, file, w, true) &&
	    l.err == BW_OK)
		s = bwi_config_route(l.config, w->path);
	if (s == NULL || s->kind != BWI_SECTION_PORTOUT) {
		bw_config_unref(l.config);
		return false;
	}
	set_up_stores(l.config);
	*out = l.config;
	return true;
}

enum bw_err
bw_config_load_for_request(const char *file, const struct bw_request *r,
    struct bw_config **out, const struct bw_reporter *reporter,
    struct bw_error *e)
{
	struct bwi_compiled_request request = {
	    r->path, r->authorization.n != 0};
	struct bwi_loader l = {
	    .config = new_config(), .reporter = reporter, .error = e};
	struct bw_buf auth_cache_path;
	enum bw_err err;

	bw_buf_init(&auth_cache_path, BW_MAX_CONFIG);
	bw_buf_puts(&auth_cache_path, file);
	bw_buf_add(&auth_cache_path, ".verified", sizeof(".verified"));
	if (auth_cache_path.err == BW_OK && l.config != NULL) {
		l.auth_cache_path = auth_cache_path.p;
		if (!load_compiled(&l, file, &request, false))
			load(&l, file);
	} else {
		bwi_loader_no_memory(&l);
	}
	err = finish(&l, out);
	if (err != BW_OK && auth_cache_path.err == BW_OK &&
	    load_last(file, auth_cache_path.p, &request, out))
		err = BW_OK;
	bw_buf_free(&auth_cache_path);
	return err;
}

enum bw_err
bw_config_load(const char *file, struct bw_config **out,
    const struct bw_reporter *reporter, struct bw_error *e)
{
	return bwi_config_load(file, out, NULL, reporter, e);
}

enum bw_err
bw_config_set_auth_cache(
    struct bw_config *c, const char *file, struct bw_error *e)
{
	enum bw_err err = BW_OK;

	for (size_t i = 0; i < c->ncredentials && err == BW_OK; i++)
		err = bwi_credentials_set_cache_file(
		    c->credentials[i].credentials, file, e);
	return err;
}

struct bw_config *
bw_config_ref(struct bw_config *c)
{
	atomic_fetch_add_explicit(&c->references, 1, memory_order_relaxed);
	return c;
}

void
bw_config_unref(struct bw_config *c)
{
	if (c != NULL && atomic_fetch_sub_explicit(
			     &c->references, 1, memory_order_acq_rel) == 1)
		free_config(c);
}

static bool
take_section_warning(const struct bwi_section *s, struct bw_error *e)
{
	if (s->hmac != NULL && bwi_hmac_take_warning(s->hmac, e))
		return true;
	if (s->notify != NULL && bwi_notify_take_warning(s->notify, e))
		return true;
	if (s->locations != NULL && bwi_locations_take_warning(s->locations, e))
		return true;
	return s->portout != NULL &&
	       bwi_subscribers_take_warning(s->portout->subscribers, e);
}

bool
bw_config_take_warning(struct bw_config *c, struct bw_error *e)
{
	for (size_t i = 0; i < c->ncredentials; i++) {
		if (bwi_credentials_take_warning(
			c->credentials[i].credentials, e))
			return true;
	}
	for (size_t i = 0; i < c->nsections; i++) {
		if (take_section_warning(&c->sections[i], e))
			return true;
	}
	return false;
}

const struct bwi_section *
bwi_config_section(const struct bw_config *c, struct bw_str path)
{
	size_t low = 0, high = c->nsections;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int d = bw_str_compare(path, c->sections[mid].path);

		if (d == 0)
			return &c->sections[mid];
		if (d < 0)
			high = mid;
		else
			low = mid + 1;
	}
	return NULL;
}

bool
bwi_config_below(struct bw_str mount, struct bw_str *path)
{
	if (mount.n != 0) {
		if (path->n < mount.n || memcmp(path->p, mount.p, mount.n) != 0)
			return false;
		path->p += mount.n;
		path->n -= mount.n;
	}
	if (path->n == 0)
		*path = BW_STR("/");
	return true;
}

const struct bwi_section *
bwi_config_route(const struct bw_config *c, struct bw_str path)
{
	const struct bwi_section *s = NULL;

	if (!bwi_config_below(c->mount, &path))
		return NULL;
	s = bwi_config_section(c, path);
	for (size_t i = 0; s == NULL && i < c->nsections; i++) {
		if (c->sections[i].kind == BWI_SECTION_HEALTH &&
		    bwi_health_part(c->sections[i].path, path).p != NULL)
			s = &c->sections[i];
	}
	if (s == NULL && c->inspector != NULL &&
	    bwi_inspector_has(c->inspector->path, path))
		return c->inspector;
	return s;
}

struct bw_str
bwi_health_part(struct bw_str own, struct bw_str path)
{
	struct bw_str rest;

	if (bw_str_eq(own, path))
		return BW_STR("");
	if (own.n > 0 && own.p[own.n - 1] == '/')
		own.n--;
	if (bw_str_begins(path, own) && path.n > own.n &&
	    path.p[own.n] == '/') {
		rest = (struct bw_str){path.p + own.n + 1, path.n - own.n - 1};
		if (bw_str_is(rest, "live") || bw_str_is(rest, "ready"))
			return rest;
	}
	return (struct bw_str){NULL, 0};
}

const char *
bwi_section_element(enum bwi_section_kind kind)
{
	static const char *const elements[] = {
#define ALSO(name, family)
#define PAGE(name, element)	       [BWI_SECTION_##name] = (element),
#define X(name, element, family, bxml) [BWI_SECTION_##name] = (element),
#include "flow/sections.def"
#undef X
#undef PAGE
#undef ALSO
	};

	return elements[kind];
}

static const char *
passwd_of(const struct bw_config *c, const struct bwi_credentials *credentials)
{
	for (size_t i = 0; i < c->ncredentials; i++) {
		if (c->credentials[i].credentials == credentials)
			return c->credentials[i].file;
	}
	return NULL;
}

bool
bw_config_section(const struct bw_config *c, size_t i, struct bw_section *out)
{
	const struct bwi_section *s;

	if (i >= c->nsections)
		return false;
	s = &c->sections[i];
	*out = (struct bw_section){
	    .mount = c->mount,
	    .path = s->path,
	    .element = bwi_section_element(s->kind),
	    .page = bwi_section_is_page(s->kind),
	};
	if (s->credentials != NULL) {
		out->realm = bwi_credentials_realm(s->credentials);
		out->passwd = passwd_of(c, s->credentials);
	}
	return true;
}

void
bw_config_secrets(const struct bw_config *c,
    void (*each)(void *arg, const char *file), void *arg)
{
	for (const struct bwi_secret *s = c->secrets; s != NULL; s = s->next)
		each(arg, s->file);
}

const struct bw_rule *
bw_config_rule(const struct bw_config *c, size_t i)
{
	for (size_t n = 0; n < c->nsections; n++) {
		const struct bwi_flow *flow = c->sections[n].flow;

		if (i < flow->nrules)
			return &flow->rules[i].location;
		i -= flow->nrules;
	}
	return NULL;
}

bool
bw_config_store_of(
    const struct bw_config *c, size_t i, struct bw_config_store *out)
{
	if (i >= c->nstores)
		return false;
	*out = (struct bw_config_store){
	    c->stores[i].id, bwi_store_handle_url(c->stores[i].handle)};
	return true;
}

void
bw_config_start_stores(const struct bw_config *c)
{
	for (size_t i = 0; i < c->nstores; i++)
		bwi_store_handle_start(c->stores[i].handle);
}

const char *
bw_config_store(const struct bw_config *c)
{
	size_t i = 0;

	while (i < c->nstores && c->stores[i].id.p != NULL)
		i++;
	if (i == c->nstores)
		i = 0;
	return c->nstores > 0 ? bwi_store_handle_url(c->stores[i].handle)
			      : NULL;
}
