/* bwcallback simulate message, order and so on: everything but calls. */
#include "cli/simulate/family_run.h"

#include <stdlib.h>
#include <string.h>

#include <bwcallback/config.h>
#include <bwcallback/limits.h>
#include <bwcallback/tools/config.h>

#include "sim/base/memory.h"

#include "cli/common/input.h"
#include "cli/common/terminal.h"

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
play(const struct command *c, const struct family *f, struct family_settings *s,
    struct sim_wire *wire)
{
	const struct simulate_options *o = s->common;
	struct live_output *output = live_output_new(o->json, false);
	struct sim_log_observer observer = live_output_observer(output);
	struct sim_world *w =
	    sim_world_new(&o->world, wire, &observer, o->at, (uint64_t)o->seed);
	struct bw_error e = {BW_OK, 0, ""};
	int status;

	if (f->enter(w, s, &e)) {
		sim_world_run(w);
		status = live_output_end(output, NULL);
	} else {
		status = command_refuse(c, "%s", e.msg);
	}
	sim_world_free(w);
	live_output_free(output);
	return status;
}

static int
run_wire(const struct command *c, const struct family *f,
    struct simulate_options *o, struct family_settings *s,
    struct sim_wire *wire)
{
	char *path = NULL, *url, *fallback;
	int status;

	if (o->argc == 0)
		path = standard_path(wire, f->section);
	o->url = o->argc > 0 ? o->argv[0] : path;
	if (o->url == NULL)
		return command_refuse(c, "%.200s: no <%s> in it: give a path",
		    o->flow, f->section);
	status = simulate_check_url(c, s->fallback_url);
	if (status >= 0) {
		free(path);
		return status;
	}
	url = simulate_url(o, o->url);
	fallback = simulate_url(o, s->fallback_url);
	s->common = o;
	s->target = (struct sim_target){
	    .url = url, .user = o->user, .password = o->password};
	s->fallback = (struct sim_target){
	    .url = fallback, .user = o->user, .password = o->password};
	status = url != NULL ? play(c, f, s, wire)
			     : simulate_refuse_url(c, o, o->url);
	free(path);
	free(url);
	free(fallback);
	return status;
}

static int
run(const struct command *c, struct simulate_options *o,
    struct family_settings *s)
{
	const struct family *f = family_find(strchr(c->name, ' ') + 1);
	struct sim_wire *wire;
	int status = 78;

	if (o->argc == 0 && o->flow == NULL)
		return command_refuse_config(c, "URL, or --flow,");
	wire = simulate_wire(o);
	if (wire != NULL)
		status = run_wire(c, f, o, s, wire);
	sim_wire_free(wire);
	return status;
}

static int
read_key(struct family_settings *s)
{
	struct bw_error e = {BW_OK, 0, ""};
	enum bw_err err = BW_OK;

	if (s->key_file != NULL)
		err = input_read_line(s->key_file, &s->secret, &s->key, &e);
	if (err == BW_OK)
		return -1;
	terminal_complain("%s", e.msg);
	return bw_err_exit(err);
}

int
simulate_family(const struct command *c, int argc, char **argv)
{
	struct family_settings s = {0};
	struct simulate_options o;
	int status;

	bw_buf_init(&s.secret, BW_MAX_PASSWD);
	simulate_options_init(&o);
	status = simulate_options_parse(&o, c, argc, argv, &s);
	if (status < 0)
		status = read_key(&s);
	if (status < 0)
		status = run(c, &o, &s);
	simulate_options_free(&o);
	if (s.secret.p != NULL)
		explicit_bzero(s.secret.p, s.secret.n);
	bw_buf_free(&s.secret);
	return status;
}
