/* bwcallback simulate message, order and so on: what is no call. */
#include "cli/simulate/family_run.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <bwcallback/config.h>
#include <bwcallback/limits.h>

#include "sim/base/memory.h"

#include "cli/common/input.h"
#include "cli/common/units.h"

static enum bw_err
set_count(int *to, const char *name, const char *value, struct bw_error *e)
{
	int64_t n;

	if (!units_count(value, &n) || n > INT_MAX)
		return bw_error_set(e, BW_ERR_USAGE, 0,
		    "%s %.40s: not a number above 0", name, value);
	*to = (int)n;
	return BW_OK;
}

static enum bw_err
set_value(struct family_settings *s, const struct family_option *o,
    const char *value, struct bw_error *e)
{
	char *at = (char *)s + o->at;
	struct family_list *list;

	switch (o->kind) {
	case FAMILY_FLAG:
		*(bool *)at = true;
		break;
	case FAMILY_TEXT:
		*(const char **)at = value;
		break;
	case FAMILY_COUNT:
		return set_count((int *)at, o->name, value, e);
	case FAMILY_LIST:
		list = (struct family_list *)at;
		if (list->n == FAMILY_MAX)
			return bw_error_set(e, BW_ERR_USAGE, 0,
			    "%s: more than %d of them", o->name, FAMILY_MAX);
		list->v[list->n++] = value;
		break;
	}
	return BW_OK;
}

static const struct family_option *
find_option(const struct family *f, const char *name)
{
	const struct family_option *o = f->options;

	while (o->name != NULL && strcmp(o->name, name) != 0)
		o++;
	return o->name != NULL ? o : NULL;
}

/* Take the family's own options; the others move to the front. */
static enum bw_err
take_own(const struct family *f, struct family_settings *s, int *argc,
    char **argv, struct bw_error *e)
{
	enum bw_err err = BW_OK;
	int n = 1;

	for (int i = 1; i < *argc && err == BW_OK; i++) {
		const struct family_option *o = find_option(f, argv[i]);

		if (o == NULL)
			argv[n++] = argv[i];
		else if (o->kind == FAMILY_FLAG)
			err = set_value(s, o, NULL, e);
		else if (i + 1 == *argc)
			return BW_ERR_USAGE;
		else
			err = set_value(s, o, argv[++i], e);
	}
	*argc = n;
	return err;
}

/* The first line of the file. */
static enum bw_err
read_key(struct family_settings *s, struct bw_error *e)
{
	enum bw_err err;

	if (s->key_file == NULL)
		return BW_OK;
	err = input_read(s->key_file, &s->secret, e);
	bw_buf_putc(&s->secret, '\0');
	if (err == BW_OK && s->secret.err != BW_OK)
		err = bw_error_set(e, s->secret.err, 0, "%s: %s", s->key_file,
		    bw_strerror(s->secret.err));
	if (err != BW_OK)
		return err;
	s->secret.p[strcspn(s->secret.p, "\r\n")] = '\0';
	s->key = s->secret.p;
	return BW_OK;
}

/* The path of the first section of the family; sim_alloc'ed, NULL: none. */
static char *
standard_path(const struct sim_wire *wire, const char *element)
{
	const struct bw_config *config = sim_wire_config(wire);
	struct bw_section s;

	for (size_t i = 0; bw_config_section(config, i, &s); i++) {
		if (strcmp(s.element, element) != 0)
			continue;
		return sim_format("%.*s%.*s", (int)s.mount.n,
		    s.mount.n > 0 ? s.mount.p : "", (int)s.path.n, s.path.p);
	}
	return NULL;
}

static int
play(const struct family *f, struct family_settings *s, struct sim_wire *wire)
{
	const struct simulate_options *o = s->common;
	struct live_output *teller = live_output_new(o->json, false);
	struct sim_log_observer observer = live_output_observer(teller);
	struct sim_world *w =
	    sim_world_new(&o->world, wire, &observer, o->at, (uint64_t)o->seed);
	struct bw_error e = {BW_OK, 0, ""};
	int status;

	if (f->enter(w, s, &e)) {
		sim_world_run(w);
		status = live_output_end(teller, NULL);
	} else {
		status = simulate_options_fail(BW_ERR_USAGE, &e);
	}
	sim_world_free(w);
	live_output_free(teller);
	return status;
}

static int
complain(const char *what, const char *why, int status)
{
	struct bw_error e = {BW_OK, 0, ""};

	/* Which has no password of a URL. */
	(void)bw_error_set(&e, BW_ERR_USAGE, 0, "%s: %s", what, why);
	fprintf(stderr, "bwcallback: %s\n", e.msg);
	return status;
}

static int
run_wire(const struct family *f, struct simulate_options *o,
    struct family_settings *s, struct sim_wire *wire)
{
	char *path = NULL, *url, *fallback;
	int status;

	if (o->argc == 0)
		path = standard_path(wire, f->section);
	o->url = o->argc > 0 ? o->argv[0] : path;
	if (o->url == NULL)
		return complain(
		    o->flow, "no section for this: give a path", 64);
	url = simulate_url(o, o->url);
	fallback = simulate_url(o, s->fallback_url);
	s->common = o;
	s->target = (struct sim_target){
	    .url = url, .user = o->user, .password = o->password};
	s->fallback = (struct sim_target){
	    .url = fallback, .user = o->user, .password = o->password};
	status = url != NULL
		     ? play(f, s, wire)
		     : complain(o->url, "not a URL of http or https", 64);
	free(path);
	free(url);
	free(fallback);
	return status;
}

static int
run(const struct family *f, struct simulate_options *o,
    struct family_settings *s)
{
	struct sim_wire *wire;
	int status = 78;

	if (o->argc > 1 || (o->argc == 0 && o->flow == NULL))
		return simulate_usage();
	wire = simulate_wire(o);
	if (wire != NULL)
		status = run_wire(f, o, s, wire);
	sim_wire_free(wire);
	return status;
}

int
simulate_family(int argc, char **argv)
{
	const struct family *f = family_find(argv[0]);
	struct family_settings s = {0};
	struct simulate_options o;
	struct bw_error e = {BW_OK, 0, ""};
	enum bw_err err;
	int status;

	bw_buf_init(&s.secret, BW_MAX_PASSWD);
	simulate_options_init(&o);
	err = take_own(f, &s, &argc, argv, &e);
	if (err == BW_OK)
		err = simulate_options_parse(
		    &o, SIMULATE_FOR_FAMILY, argc, argv, &e);
	if (err == BW_OK)
		err = read_key(&s, &e);
	if (err != BW_OK)
		status = simulate_options_fail(err, &e);
	else
		status = run(f, &o, &s);
	simulate_options_free(&o);
	if (s.secret.p != NULL)
		explicit_bzero(s.secret.p, s.secret.n);
	bw_buf_free(&s.secret);
	return status;
}
