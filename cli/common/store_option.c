#include "cli/common/store_option.h"

#include <stdlib.h>
#include <string.h>

#include <bwcallback/limits.h>
#include <bwcallback/tools/config.h>
#include <bwcallback/tools/spell.h>
#include <bwcallback/tools/store.h>

#include "cli/common/terminal.h"

/* An id has no colon. */
static bool
is_id(const char *store)
{
	return store != NULL && strchr(store, ':') == NULL;
}

static enum bw_err
load(const char *file, struct bw_config **config, struct bw_error *e)
{
	const struct bw_reporter quiet = {.fn = NULL};
	struct bw_config_store unused;
	enum bw_err err = bw_config_load(file, config, &quiet, e);

	if (err == BW_OK && !bw_config_store_of(*config, 0, &unused))
		err = bw_error_set(
		    e, BW_ERR_CONFIG, 0, "%s: it has no <store>", file);
	return err;
}

/* "east", "west" or "sqlite:/srv/events.db" */
static void
put_stores(struct bw_buf *b, const struct bw_config *config)
{
	struct bw_config_store s, next;

	for (size_t i = 0; bw_config_store_of(config, i, &s); i++) {
		bool last = !bw_config_store_of(config, i + 1, &next);

		bw_buf_puts(b, i == 0 ? "" : last ? " or " : ", ");
		if (s.id.p != NULL)
			bw_buf_str(b, s.id);
		else
			bw_buf_puts(b, s.url);
	}
	bw_buf_putc(b, '\0');
}

/* What to write instead; text: "there are", for example. */
static enum bw_err
refuse(const struct bw_config *config, const char *file, const char *text,
    const char *id, struct bw_error *e)
{
	struct bw_buf b;

	bw_buf_init(&b, 64 * 1024);
	put_stores(&b, config);
	if (b.err != BW_OK)
		(void)bw_error_set(e, b.err, 0, "store: out of memory");
	else if (id != NULL)
		(void)bw_error_set(e, BW_ERR_NOTFOUND, 0,
		    "%s: no <store id=\"%.100s\">; %s %s", file, id, text, b.p);
	else
		(void)bw_error_set(e, BW_ERR_USAGE, 0,
		    "%s: it has several stores; %s %s", file, text, b.p);
	bw_buf_free(&b);
	return e->code;
}

/* Call fn for the stores of the configuration, or only for one with an id. */
static enum bw_err
each_of(const struct bw_config *config, const char *id, size_t *n, store_fn *fn,
    void *arg, struct bw_error *e)
{
	struct bw_config_store s;
	enum bw_err err = BW_OK;

	for (size_t i = 0; err == BW_OK && bw_config_store_of(config, i, &s);
	     i++) {
		if (id != NULL && (s.id.p == NULL || !bw_str_is(s.id, id)))
			continue;
		++*n;
		err = fn(arg, &s, e);
	}
	return err;
}

enum bw_err
store_each(const char *store, const char *file, store_fn *fn, void *arg,
    struct bw_error *e)
{
	struct bw_config_store one = {.url = store};
	struct bw_config *config = NULL;
	enum bw_err err;
	size_t n = 0;

	if (store != NULL && !is_id(store))
		return fn(arg, &one, e);
	err = load(file, &config, e);
	if (err == BW_OK)
		err = each_of(config, store, &n, fn, arg, e);
	if (err == BW_OK && n == 0)
		err = refuse(config, file, "there are", store, e);
	bw_config_unref(config);
	return err;
}

/* The URL of the only store; more is a second one. */
struct single {
	char *url;
	bool more;
};

static enum bw_err
take_single(void *arg, const struct bw_config_store *s, struct bw_error *e)
{
	struct single *single = arg;

	single->more = single->url != NULL;
	if (!single->more)
		single->url = strdup(s->url);
	return single->url != NULL
		   ? BW_OK
		   : bw_error_set(e, BW_ERR_NOMEM, 0, "store: out of memory");
}

static enum bw_err
refuse_several(const char *file, struct bw_error *e)
{
	struct bw_config *config = NULL;
	enum bw_err err = load(file, &config, e);

	if (err == BW_OK)
		err = refuse(config, file, "write --store", NULL, e);
	bw_config_unref(config);
	return err;
}

enum bw_err
store_get(const char *store, const char *file, struct bw_store **s,
    struct bw_error *e)
{
	struct single single = {.url = NULL};
	enum bw_err err = store_each(store, file, take_single, &single, e);

	if (err == BW_OK && single.more)
		err = refuse_several(file, e);
	if (err == BW_OK)
		err = bw_store_open(single.url, s, e);
	free(single.url);
	return err;
}

void
store_be_away(void *arg, const char *id, const struct bw_error *why)
{
	struct bw_error *e = arg;

	if (e->code != BW_OK)
		terminal_complain("%s", e->msg);
	if (id != NULL && *id != '\0')
		(void)bw_error_set(
		    e, why->code, why->sys, "store %s: %s", id, why->msg);
	else
		*e = *why;
}

/* The stores that could be opened. */
struct opened {
	struct bw_store *stores[BW_MAX_STORES];
	struct bw_str ids[BW_MAX_STORES];
	char *names[BW_MAX_STORES]; /* the ids, for free() */
	size_t n;
	size_t selected;
	struct bw_error missing; /* there is no file yet */
	struct bw_error *away;
};

static enum bw_err
open_one(void *arg, const struct bw_config_store *which, struct bw_error *e)
{
	struct opened *o = arg;
	struct bw_error why = {0};
	enum bw_err err = bw_store_open(which->url, &o->stores[o->n], &why);
	char *name = strdup(which->id.p != NULL ? which->id.p : "");

	o->selected++;
	if (name == NULL) {
		bw_store_free(o->stores[o->n]);
		return bw_error_set(e, BW_ERR_NOMEM, 0, "store: out of memory");
	}
	if (err == BW_ERR_NOFILE)
		o->missing = why;
	else if (err != BW_OK)
		store_be_away(o->away, name, &why);
	if (err != BW_OK) {
		free(name);
		return BW_OK;
	}
	o->names[o->n] = name;
	o->ids[o->n++] = (struct bw_str){name, strlen(name)};
	return BW_OK;
}

/* Take the opened stores as one. */
static enum bw_err
merge(struct opened *o, struct bw_store **s, struct bw_error *e)
{
	if (o->n == 0) {
		const struct bw_error *why =
		    o->away->code != BW_OK ? o->away : &o->missing;

		*e = *why;
		*o->away = (struct bw_error){0};
		return e->code;
	}
	if (o->selected > 1)
		return bw_store_merge_take(
		    o->stores, o->ids, o->n, store_be_away, o->away, s, e);
	*s = o->stores[0];
	o->stores[0] = NULL;
	return BW_OK;
}

enum bw_err
store_get_all(const char *store, const char *file, struct bw_error *away,
    struct bw_store **s, struct bw_error *e)
{
	struct opened o = {.away = away};
	enum bw_err err = store_each(store, file, open_one, &o, e);

	if (err == BW_OK)
		err = merge(&o, s, e);
	for (size_t i = 0; i < o.n; i++) {
		bw_store_free(o.stores[i]);
		free(o.names[i]);
	}
	return err;
}

int
store_need(const struct command *c, const char *store, const char **config)
{
	bool id = is_id(store);

	if ((store == NULL || id) && *config == NULL)
		*config = command_config();
	if ((store != NULL && !id) || *config != NULL)
		return -1;
	if (id)
		return command_refuse(c,
		    "--store %.100s: it is the id of a store, so --config is "
		    "missing; or write sqlite:PATH",
		    store);
	return command_refuse_config(c, "--store or --config");
}

bool
store_is_url(const char *store)
{
	return store != NULL && !is_id(store);
}
